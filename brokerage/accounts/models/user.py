import uuid
from typing import Any, ClassVar

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from brokerage.free_text import FREE


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


_REFUSE_WHILE_A_MEMBER = """
    IF EXISTS (
        SELECT FROM accounts_membership member JOIN accounts_organisation ON accounts_organisation.id = organisation_id
        WHERE member.user_id = NEW.id AND member.state = 'active' AND kind = 'platform')
    THEN RAISE EXCEPTION 'whoever is no longer staff leaves the platform''s own organisation first'
        USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works with or for an organisation, or on the platform's staff. Never a pupil."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField("work e-mail", max_length=254)
    name = models.CharField(max_length=120, blank=True, validators=FREE)
    is_staff = models.BooleanField("platform staff", default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="one_user_per_email")]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="platform_members_stay_staff",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__is_staff=True, new__is_staff=False),
                func=_REFUSE_WHILE_A_MEMBER,
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def first_name_only(self) -> str:
        return self.name.split(" ")[0] if self.name else ""

    def get_full_name(self) -> str:
        return self.name

    # The two halves of eventlog's Actor, for platform staff, who act without a membership.
    @property
    def actor_id(self) -> int:
        return self.pk

    @property
    def actor_key(self) -> str:
        return "staff" if self.is_staff else f"user:{self.public_id}"
