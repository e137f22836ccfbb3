import uuid
from typing import ClassVar, Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone

from brokerage.accounts.telephones import refuse_what_cannot_be_rung
from brokerage.free_text import FREE, PLAIN


class Kind(models.TextChoices):
    SCHOOL = "school", "School"
    EMPLOYER = "employer", "Employer"
    PROVIDER = "provider", "College, training provider or university"
    HUB = "hub", "Careers hub"
    TRUST = "trust", "Trust"
    PLATFORM = "platform", "Doorway itself"


class ProviderKind(models.TextChoices):
    FE_COLLEGE = "fe_college", "Further education college"
    ITP = "itp", "Independent training provider"
    UTC = "utc", "University technical college"
    STUDIO_SCHOOL = "studio_school", "Studio school"
    SIXTH_FORM_COLLEGE = "sixth_form_college", "Sixth-form college"
    HE = "he", "University or other higher education"
    EMPLOYER_PROVIDER = "employer_provider", "Employer that trains its own apprentices"


class AparType(models.TextChoices):
    """As what the apprenticeship provider and assessment register lists it (rule R17)."""

    MAIN = "main", "Main provider"
    EMPLOYER = "employer", "Employer provider"
    SUPPORTING = "supporting", "Supporting provider"


class Category(models.TextChoices):
    """How an organisation comes to a school: a need is open to one or more of these."""

    EMPLOYER = "employer", "Employers"
    TECHNICAL_PROVIDER = "technical_provider", "Colleges and training providers"
    UNIVERSITY = "university", "Universities and sixth-form colleges"


# Rule R17: who offers approved technical qualifications or apprenticeships.
TECHNICAL = frozenset(
    {
        ProviderKind.FE_COLLEGE,
        ProviderKind.ITP,
        ProviderKind.UTC,
        ProviderKind.STUDIO_SCHOOL,
        ProviderKind.EMPLOYER_PROVIDER,
    }
)

URN = RegexValidator(r"^\d{6}$", "A URN is 6 digits.")
UKPRN = RegexValidator(r"^1\d{7}$", "A UKPRN is 8 digits and starts with 1.")
COMPANIES_HOUSE = RegexValidator(
    r"^(?:\d{8}|[A-Z]{2}\d{6})$", "A Companies House number is 8 digits, or 2 letters and 6 digits."
)


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def with_a_door(self) -> Self:
        """All but the platform's own, which takes part in nothing and stands in no list."""
        return self.exclude(kind=Kind.PLATFORM)


class Organisation(models.Model):
    """A school, employer, provider, hub or trust: one side of every encounter, as both sides see it. One more is
    the platform's own: its members are Doorway's staff, and it is party to nothing."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    provider_kind = models.CharField(max_length=20, choices=ProviderKind.choices, blank=True)
    name = models.CharField(max_length=160, validators=FREE)

    urn = models.CharField("URN", max_length=6, null=True, blank=True, unique=True, validators=[URN])
    ukprn = models.CharField("UKPRN", max_length=8, null=True, blank=True, unique=True, validators=[UKPRN])
    companies_house_number = models.CharField(
        max_length=8, null=True, blank=True, unique=True, validators=[COMPANIES_HOUSE]
    )

    postcode = models.CharField(max_length=8, blank=True, help_text="A full postcode or an outward code.")
    outcode = models.CharField(max_length=4, blank=True)
    town = models.CharField(max_length=80, blank=True, validators=PLAIN)
    local_authority = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=40, blank=True)
    easting = models.IntegerField(null=True, blank=True, help_text="British National Grid, metres.")
    northing = models.IntegerField(null=True, blank=True, help_text="British National Grid, metres.")
    is_rural = models.BooleanField(null=True, blank=True)
    telephone = models.CharField(max_length=20, blank=True, validators=[refuse_what_cannot_be_rung])
    telephone_is_own = models.BooleanField(
        default=False, editable=False, help_text="The school set it, or took it out: no register changes it."
    )

    apar_type = models.CharField(
        "apprenticeship register", max_length=10, choices=AparType.choices, blank=True, editable=False
    )
    closed_on = models.DateField(
        null=True,
        blank=True,
        editable=False,
        help_text="When the register says a school closes or closed (R29).",
    )

    hub = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="hub_organisations"
    )
    trust = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="trust_schools"
    )
    email_domain = models.CharField(
        max_length=100,
        blank=True,
        help_text="A confirmed address here joins without approval. Set by staff once checked.",
    )
    is_sole_trader = models.BooleanField(default=False, help_text="«I work for myself»: an employer of one.")
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["Organisation"]] = models.Manager.from_queryset(OrganisationQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_platform", fields=["kind"], condition=models.Q(kind="platform")
            ),
            models.CheckConstraint(
                name="platform_stands_alone",
                condition=~models.Q(kind="platform")
                | models.Q(hub__isnull=True, trust__isnull=True, verified_at__isnull=False),
            ),
            models.CheckConstraint(
                name="provider_kind_on_providers_only",
                condition=(models.Q(kind="provider") & ~models.Q(provider_kind=""))
                | (~models.Q(kind="provider") & models.Q(provider_kind="")),
            ),
            models.CheckConstraint(
                name="place_is_whole",
                condition=models.Q(easting__isnull=True, northing__isnull=True)
                | models.Q(easting__isnull=False, northing__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["kind", "name"], name="organisation_by_name"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="organisation_name_words"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    @property
    def category(self) -> Category | None:
        """As what it comes to a school; None for schools, hubs, trusts and the platform."""
        if self.kind == Kind.EMPLOYER:
            return Category.EMPLOYER
        if self.kind != Kind.PROVIDER:
            return None
        return Category.TECHNICAL_PROVIDER if self.provider_kind in TECHNICAL else Category.UNIVERSITY

    @property
    def kind_in_words(self) -> str:
        return ProviderKind(self.provider_kind).label if self.provider_kind else Kind(self.kind).label


class FormerUrn(models.Model):
    """A URN that a school had before it converted: whoever still knows it finds the school (R27)."""

    urn = models.CharField("URN", max_length=6, primary_key=True, validators=[URN])
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="former_urns")
    replaced_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.urn}, now {self.organisation.urn}"
