"""allauth's forms in our words. One page to sign in: an e-mail address, and a password for those who have one;
left empty, a code is sent. Nothing says whether an address has an account."""

from typing import Any

from allauth.account import forms as allauth
from allauth.account.utils import get_next_redirect_url
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import HttpRequest

ONWARD = "onward_from_sign_up"
# What a column of addresses holds. allauth would cut a longer one short and write to a stranger.
LONGEST = 254


def _code(field: forms.Field) -> None:
    field.label = "Code"
    field.help_text = "Six digits, in the newest e-mail from us."
    field.error_messages["required"] = "Enter the code we sent"
    field.widget.attrs |= {
        "inputmode": "numeric",
        "class": "govuk-input--width-5 govuk-input--extra-letter-spacing",
    }


def _address(text: str) -> None:
    if len(text) > LONGEST:
        raise ValidationError(f"E-mail address must be {LONGEST} characters or fewer")
    validate_email(text)


def _email(field: forms.Field) -> None:
    field.validators = [_address]  # one sentence for whatever is wrong
    field.label = "E-mail address"
    field.error_messages["required"] = "Enter your e-mail address"
    field.error_messages["invalid"] = "Enter an e-mail address like name@school.example"
    field.widget.attrs |= {"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}


class SignInForm(allauth.LoginForm):  # type: ignore[misc]  # allauth has no types
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["login"])
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        password = self.fields["password"]
        password.label = "Password, if you have one"
        password.help_text = "Leave it empty and we’ll e-mail you a code instead."
        if self.request is not None and not self.is_bound:
            self.initial.setdefault("login", self.request.GET.get("email", ""))

    def _setup_password_field(self) -> None:
        """Nobody must have a password; who has one may use it."""
        self.fields["password"].required = False


class SignUpForm(allauth.SignupForm):  # type: ignore[misc]
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["email"])
        self.fields["email"].help_text = "Your work address, if you have one. We send a code to it."

    def try_save(self, request: HttpRequest) -> Any:
        """Whether or not there is an account: allauth keeps where they were going for a new one alone."""
        request.session[ONWARD] = get_next_redirect_url(request) or ""
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:  # the same address came from another window a moment before
            self.account_already_exists = True
            return super().try_save(request)


class AskForCodeForm(allauth.RequestLoginCodeForm):  # type: ignore[misc]
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["email"])


class SignInCodeForm(allauth.ConfirmLoginCodeForm):  # type: ignore[misc]
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"])


class EmailCodeForm(allauth.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"])
