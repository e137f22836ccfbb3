"""What official registers say, row by row, and how each of their files fared.

Establishments, groups and links come from Get Information about Schools, providers from the apprenticeship
provider and assessment register, postcodes from the ONS Postcode Directory: public sector information under the
Open Government Licence v3.0; postcodes also hold OS and Royal Mail data (Crown and Royal Mail copyright). People
that a file names (head teachers, contacts) are never read.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from brokerage.accounts.models import AparType, Organisation


class Kind(models.TextChoices):
    ESTABLISHMENTS = "establishments", "Schools and colleges"
    GROUPS = "groups", "Trusts and other groups"
    GROUP_LINKS = "group_links", "Members of groups"
    LINKS = "links", "Predecessors and successors"
    APAR = "apar", "Apprenticeship providers"
    POSTCODES = "postcodes", "Postcodes"


ROW_COUNTS = ("rows", "new", "changed", "closed", "unchanged", "absent", "set_aside", "left_out")


class Import(models.Model):
    """One file, read whole. A file that repeated the last one and changed nothing leaves no trace."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    file_name = models.CharField(max_length=200)
    file_date = models.DateField(null=True, help_text="As the file's name or whoever imported it says.")
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    counts = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "-id"], name="imports_of_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.file_name}"

    @property
    def told(self) -> list[tuple[str, int]]:
        """The counts in words: of the file's rows, then of what people notice."""
        names = [name for name in ROW_COUNTS if name in self.counts]
        names += sorted(name for name in self.counts if name not in ROW_COUNTS)
        return [(name.replace("_", " ").capitalize(), self.counts[name]) for name in names]


class SetAside(models.Model):
    """A row that couldn't be taken as it stood: where it is, why, and the columns we read of it."""

    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="set_aside")
    row = models.IntegerField(help_text="As a spreadsheet counts: the header is row 1.")
    key = models.CharField(max_length=60, blank=True)
    reasons = models.JSONField(default=list)
    given = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["row", "pk"]

    def __str__(self) -> str:
        return f"Row {self.row}: {'; '.join(self.reasons)}"


class Status(models.IntegerChoices):
    OPEN = 1, "Open"
    CLOSED = 2, "Closed"
    CLOSING = 3, "Open, but proposed to close"
    PROPOSED = 4, "Proposed to open"


class Row(models.Model):
    """What every register's row carries besides its own columns."""

    file_date = models.DateField(null=True, help_text="Of the file that last changed this row.")

    class Meta:
        abstract = True


class Establishment(Row):
    """A school, college or other establishment. Codes are GIAS's own, as numbers."""

    urn = models.CharField("URN", max_length=6, primary_key=True)
    laestab = models.CharField("LAESTAB", max_length=7, blank=True, help_text="Not unique over time.")
    ukprn = models.CharField("UKPRN", max_length=8, blank=True)
    name = models.CharField(max_length=160)
    type_code = models.SmallIntegerField()
    status = models.SmallIntegerField(choices=Status.choices)
    phase = models.SmallIntegerField(null=True, help_text="Special and independent schools have none.")
    low_age = models.SmallIntegerField(null=True)
    high_age = models.SmallIntegerField(null=True)
    official_sixth_form = models.SmallIntegerField(null=True, help_text="0 not applicable, 1 yes, 2 no.")
    capacity = models.IntegerField(null=True)
    pupils = models.IntegerField(null=True)
    percentage_fsm = models.FloatField("percentage eligible for free school meals", null=True)
    trust_uid = models.IntegerField(null=True)
    la_code = models.SmallIntegerField(null=True)
    local_authority = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=40, blank=True)
    urban_rural = models.CharField(max_length=4, blank=True)
    town = models.CharField(max_length=80, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    easting = models.IntegerField(null=True, help_text="British National Grid, metres.")
    northing = models.IntegerField(null=True, help_text="British National Grid, metres.")
    telephone = models.CharField(max_length=20, blank=True, default="")
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True, help_text="May lie ahead.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["trust_uid"], name="establishments_of_trust")]

    def __str__(self) -> str:
        return f"{self.name} ({self.urn})"

    @property
    def has_sixth_form(self) -> bool:
        """Where the register doesn't say (independent schools), pupils of 18 tell (domain 6.8)."""
        if self.official_sixth_form in (1, 2):
            return self.official_sixth_form == 1
        return (self.high_age or 0) >= 18


class Group(Row):
    """A trust, federation or other group of establishments."""

    uid = models.IntegerField("UID", primary_key=True)
    group_id = models.CharField(max_length=12, blank=True, help_text="Like TR00092.")
    name = models.CharField(max_length=160)
    ukprn = models.CharField("UKPRN", max_length=8, blank=True)
    companies_house_number = models.CharField(max_length=8, blank=True)
    type_code = models.SmallIntegerField()
    status = models.CharField(max_length=24, blank=True)
    closed_on = models.DateField(null=True)
    organisation = models.OneToOneField(
        Organisation, on_delete=models.SET_NULL, null=True, related_name="register_group"
    )

    def __str__(self) -> str:
        return f"{self.name} ({self.uid})"


class GroupLink(Row):
    """An establishment in a trust, federation or other group. `left_on`: as the file says, or the date of the first
    file that no longer names it. Which trust a school here belongs to the establishments file decides."""

    urn = models.CharField("URN", max_length=6)
    uid = models.IntegerField("UID")
    type_code = models.SmallIntegerField(null=True, help_text="The group's.")
    joined_on = models.DateField(null=True)
    left_on = models.DateField(null=True, help_text="May lie ahead.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["urn", "uid"], name="once_in_a_group"),
        ]

    def __str__(self) -> str:
        return f"{self.urn} in {self.uid}"


class Link(Row):
    """One establishment's link to another, as it stands in the file: mostly once for each direction."""

    urn = models.CharField("URN", max_length=6)
    link_urn = models.CharField("linked URN", max_length=6)
    link_type = models.CharField(max_length=80)
    linked_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["urn", "link_urn", "link_type"], name="one_link_of_a_type"),
        ]

    def __str__(self) -> str:
        return f"{self.urn}: {self.link_type} {self.link_urn}"


class ApprenticeshipProvider(Row):
    """Who may be funded to train apprentices. Being listed is no endorsement."""

    ukprn = models.CharField("UKPRN", max_length=8, primary_key=True)
    name = models.CharField(max_length=200)
    apar_type = models.CharField(max_length=10, choices=AparType.choices)
    started_on = models.DateField(null=True)
    decided_on = models.DateField(null=True)
    takes_starts = models.BooleanField(default=True, help_text="False: not currently starting apprentices.")
    is_listed = models.BooleanField(default=True, help_text="False: no longer in the register.")

    def __str__(self) -> str:
        return f"{self.name} ({self.ukprn})"


class Postcode(Row):
    """Where a full postcode lies: loaded when somebody wants it, never needed."""

    postcode = models.CharField(max_length=8, primary_key=True)
    easting = models.IntegerField(help_text="British National Grid, metres.")
    northing = models.IntegerField(help_text="British National Grid, metres.")

    def __str__(self) -> str:
        return self.postcode
