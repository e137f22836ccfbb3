"""Those who are staff already become members of the platform's own organisation. A database without any (a fresh one
first of all) gets none: `manage.py make_staff` opens it, or the demo world."""

from django.db import migrations
from django.utils import timezone


def employ_staff(apps, schema_editor):
    Organisation, Membership, User = (
        apps.get_model("accounts", name) for name in ("Organisation", "Membership", "User")
    )
    Event = apps.get_model("eventlog", "Event")
    staff = list(User.objects.filter(is_staff=True, is_active=True).order_by("pk"))
    if not staff or Organisation.objects.filter(kind="platform").exists():
        return
    at = timezone.now()
    ours = Organisation.objects.create(kind="platform", name="Doorway", verified_at=at, created_at=at)

    def record(type_, subject, data):
        Event.objects.create(
            type=f"accounts.{type_}.v1",
            at=at,
            actor_key="platform",
            organisation_id=ours.pk,
            subject_id=subject,
            data={type_.split(".")[0]: str(subject)} | data,
        )

    record("organisation.created", ours.public_id, {"kind": "platform"})
    record("organisation.verified", ours.public_id, {"how": "staff"})
    for user in staff:
        member = Membership.objects.create(
            user=user,
            organisation=ours,
            role="platform_staff",
            state="active",
            asked_at=at,
            began_at=at,
        )
        told = {"user": str(user.public_id), "role": "platform_staff", "how": "employed"}
        record("membership.began", member.public_id, told)


def leave(apps, schema_editor):
    """The rows that the older code has no words for; what is in the log stays there."""
    apps.get_model("accounts", "Invitation").objects.filter(organisation__kind="platform").delete()
    apps.get_model("accounts", "Membership").objects.filter(organisation__kind="platform").delete()
    apps.get_model("accounts", "Organisation").objects.filter(kind="platform").delete()


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0003_platform_and_telephone"),
        ("eventlog", "0001_initial"),
    ]

    operations = [migrations.RunPython(employ_staff, leave)]
