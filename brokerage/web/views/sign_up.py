"""The code that confirms an address, and the way on where it can't be used any more."""

from typing import Any

from allauth.account.internal.flows import email_verification_by_code as by_code
from allauth.account.views import ConfirmEmailVerificationCodeView, RequestLoginCodeView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from brokerage.web.sign_in import ONWARD, AskForCodeForm

ASKS_AGAIN = "asks_for_a_code_again"
THREE_TIMES = "That was the wrong code three times, so it no longer works."
TOO_OLD = "That code no longer works: it’s more than 15 minutes old."


class ConfirmAddressView(ConfirmEmailVerificationCodeView):  # type: ignore[misc]  # allauth has no types
    """allauth's own, but that who signs up isn't sent to sign in when their code is used up or too old."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        state = request.session.get(by_code.EMAIL_VERIFICATION_CODE_SESSION_KEY)
        if state and request.user.is_anonymous and by_code.EmailVerificationProcess.resume(request) is None:
            return self._ask_again(request, state["email"], TOO_OLD)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def _verify_form_invalid(self, form: Any) -> HttpResponse:
        email = self._process.email
        if self._process.record_invalid_attempt():
            again: HttpResponse = self.render_to_response(self.get_context_data(form=form))
            return again
        if self.request.user.is_anonymous:
            return self._ask_again(self.request, email, THREE_TIMES)
        messages.error(self.request, f"{THREE_TIMES} Add the address again for a new one.")
        return redirect("account_email")

    def _ask_again(self, request: HttpRequest, email: str, why: str) -> HttpResponse:
        request.session[ASKS_AGAIN] = {"email": email, "why": why}
        return redirect("account_new_code")


class AskForCodeView(RequestLoginCodeView):  # type: ignore[misc]
    """allauth's own; whoever was asked to come here has come."""

    def form_valid(self, form: Any) -> HttpResponse:
        self.request.session.pop(ASKS_AGAIN, None)
        sent: HttpResponse = super().form_valid(form)
        return sent


@require_GET
def new_code(request: HttpRequest) -> HttpResponse:
    """The code it sends also signs in: their account is there, and waits for the address to be confirmed."""
    asks = request.session.get(ASKS_AGAIN)
    if asks is None or request.user.is_authenticated:
        return redirect("account_signup")
    context = {
        "why": asks["why"],
        "next": request.session.get(ONWARD) or reverse("join"),
        "form": AskForCodeForm(initial={"email": asks["email"]}),
    }
    return render(request, "account/new_code.html", context)
