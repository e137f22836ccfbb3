"""`/api/v1/`."""

from django.urls import path

from brokerage.api.views import claims, docs, encounters, feed, needs, people, vocabulary

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
    path("events/", feed.Events.as_view(), name="events"),
    path("notifications/", feed.Notifications.as_view(), name="notifications"),
    path("notifications/<int:position>/read/", feed.ReadNotification.as_view(), name="read-notification"),
    path("vocabulary/", vocabulary.Vocabulary.as_view(), name="vocabulary"),
    path("schema/", docs.Schema.as_view(), name="schema"),
    path("docs/", docs.Docs.as_view(), name="docs"),
    path("<path:rest>", docs.NotFound.as_view()),
]
