"""How allauth behaves at Doorway: its words, and what else ends when a session or a password does."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.http import HttpRequest
from knox.models import AuthToken

from brokerage.accounts.models import User
from brokerage.eventlog import control


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed. Write to us if that's a mistake.",
        "cannot_remove_primary_email": "You can't remove the address we write to. Make another one the main one first.",
        "duplicate_email": "You've already added this address.",
        "email_password_mismatch": "That address and password don't go together. Try again, or sign in with a code.",
        "email_taken": "Someone already uses this address here.",
        "enter_current_password": "Enter your current password.",
        "incorrect_code": "That isn't the code we sent. Check the newest e-mail.",
        "incorrect_password": "That isn't your password.",
        "invalid_login": "We couldn't sign you in with that.",
        "invalid_password_reset": "This link has been used or is too old. Ask for another.",
        "rate_limited": "That's many tries in a short time. Wait a few minutes and try again.",
        "same_as_current": "That's the one you have now.",
        "too_many_login_attempts": "That's many tries in a short time. Wait five minutes, or sign in with a code.",
        "unverified_primary_email": "Confirm the address first. We've sent a code to it.",
    }

    def logout(self, request: HttpRequest) -> None:
        session_key = request.session.session_key
        super().logout(request)
        if session_key:
            control.session_ended(session_key)

    def set_password(self, user: User, password: str) -> None:
        """A new password signs out everywhere else; sockets opened with the old one close too, and so do the API's
        sign-ins, which end by themselves. A token made on the profile page stands until it is deleted there."""
        super().set_password(user, password)
        AuthToken.objects.filter(user=user, expiry__isnull=False).delete()
        control.user_ended(user.public_id)

    def send_notification_mail(self, template_prefix: str, *args: Any, **kwargs: Any) -> None:
        """Who has just typed a code needn't be told that the address is confirmed."""
        if template_prefix != "account/email/email_confirm":
            super().send_notification_mail(template_prefix, *args, **kwargs)

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """The main address is how we reach them."""
        return not email_address.primary and super().can_delete_email(email_address)
