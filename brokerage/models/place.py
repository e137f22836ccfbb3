from django.db import models


class Outcode(models.Model):
    """The first half of a postcode and its mean grid reference: as near as matching needs to know anyone.

    Contains public sector information licensed under the Open Government Licence v3.0, OS data
    (Crown copyright and database right) and Royal Mail data (Royal Mail copyright)."""

    outcode = models.CharField(max_length=4, primary_key=True)
    easting = models.IntegerField(help_text="British National Grid, metres.")
    northing = models.IntegerField(help_text="British National Grid, metres.")

    def __str__(self) -> str:
        return self.outcode
