"""`/api/v1/`."""

from django.urls import path

from brokerage.api.views import (
    access_requests,
    calendars,
    claims,
    docs,
    encounters,
    external_encounters,
    feed,
    needs,
    people,
    vocabulary,
)

app_name = "api"
urlpatterns = [
    path("auth/login/", people.Login.as_view(), name="login"),
    path("auth/logout/", people.Logout.as_view(), name="logout"),
    path("me/", people.Me.as_view(), name="me"),
    path("needs/", needs.Needs.as_view(), name="needs"),
    path("needs/<uuid:need_id>/", needs.OneNeed.as_view(), name="need"),
    path("needs/<uuid:need_id>/publish/", needs.Publish.as_view(), name="publish"),
    path("needs/<uuid:need_id>/withdraw/", needs.Withdraw.as_view(), name="withdraw-need"),
    path("needs/<uuid:need_id>/claims/", claims.SubmitClaim.as_view(), name="submit-claim"),
    path("claims/", claims.Claims.as_view(), name="claims"),
    path("claims/<uuid:claim_id>/", claims.OneClaim.as_view(), name="claim"),
    path("claims/<uuid:claim_id>/accept/", claims.Accept.as_view(), name="accept"),
    path("claims/<uuid:claim_id>/decline/", claims.Decline.as_view(), name="decline"),
    path("claims/<uuid:claim_id>/withdraw/", claims.Withdraw.as_view(), name="withdraw-claim"),
    path("claims/<uuid:claim_id>/cancel/", claims.Cancel.as_view(), name="cancel"),
    path("claims/<uuid:claim_id>/attendee/", claims.NameAttendee.as_view(), name="attendee"),
    path("encounters/", encounters.Encounters.as_view(), name="encounters"),
    path("encounters/<uuid:encounter_id>/", encounters.OneEncounter.as_view(), name="encounter"),
    path("encounters/<uuid:encounter_id>/record/", encounters.Record.as_view(), name="record"),
    path("encounters/<uuid:encounter_id>/confirm/", encounters.Confirm.as_view(), name="confirm"),
    path("encounters/<uuid:encounter_id>/dispute/", encounters.Dispute.as_view(), name="dispute"),
    path("access-requests/", access_requests.AccessRequests.as_view(), name="access-requests"),
    *(
        path(f"access-requests/<uuid:request_id>/{step}", view.as_view(), name=name)
        for step, view, name in (
            ("", access_requests.OneAccessRequest, "access-request"),
            ("clock/", access_requests.Clock, "clock"),
            ("grant/", access_requests.Grant, "grant"),
            ("counter-offer/", access_requests.CounterOffer, "counter-offer"),
            ("accept-counter-offer/", access_requests.AcceptCounterOffer, "accept-counter-offer"),
            ("reject-counter-offer/", access_requests.RejectCounterOffer, "reject-counter-offer"),
            ("postpone/", access_requests.Postpone, "postpone"),
            ("ask/", access_requests.AskBack, "ask-back"),
            ("answer/", access_requests.AnswerQuestion, "answer-question"),
            ("refuse/", access_requests.Refuse, "refuse"),
            ("duplicate/", access_requests.Duplicate, "duplicate"),
            ("withdraw/", access_requests.Withdraw, "withdraw-request"),
            ("report/", access_requests.Report, "report"),
            ("follow-up/", access_requests.FollowUp, "follow-up"),
        )
    ),
    path("external-encounters/", external_encounters.ExternalEncounters.as_view(), name="externals"),
    path(
        "external-encounters/<uuid:encounter_id>/", external_encounters.OneExternal.as_view(), name="external"
    ),
    path(
        "external-encounters/<uuid:encounter_id>/confirm/",
        external_encounters.Confirm.as_view(),
        name="confirm-external",
    ),
    path(
        "external-encounters/<uuid:encounter_id>/dispute/",
        external_encounters.Dispute.as_view(),
        name="dispute-external",
    ),
    path("schools/<uuid:school_id>/calendar/", calendars.Calendar.as_view(), name="calendar"),
    path("events/", feed.Events.as_view(), name="events"),
    path("notifications/", feed.Notifications.as_view(), name="notifications"),
    path("notifications/<int:position>/read/", feed.ReadNotification.as_view(), name="read-notification"),
    path("vocabulary/", vocabulary.Vocabulary.as_view(), name="vocabulary"),
    path("schema/", docs.Schema.as_view(), name="schema"),
    path("docs/", docs.Docs.as_view(), name="docs"),
    path("", docs.NotFound.as_view()),
    path("<path:rest>", docs.NotFound.as_view()),
]
