"""The pages of a school."""

from django.urls import path

from schools.views import answering, calendar, cohorts, need, policy, posting, profile, recording, today

app_name = "schools"
urlpatterns = [
    path("", today.today, name="today"),
    path("needs/", need.needs_list, name="needs"),
    path("needs/in/<str:tab>/", need.needs_list, name="needs_in"),
    path("needs/post/", posting.post, name="post"),
    path("needs/post/fill/", posting.fill, name="fill"),
    path("needs/<uuid:public_id>/", need.need, name="need"),
    path("needs/<uuid:public_id>/claims/", need.claims, name="need_claims"),
    path("needs/<uuid:public_id>/edit/", posting.edit, name="edit"),
    path("needs/<uuid:public_id>/preview/", posting.preview, name="preview"),
    path("needs/<uuid:public_id>/withdraw/", answering.withdraw, name="withdraw"),
    path("needs/<uuid:public_id>/accept/", answering.accept_several, name="accept_several"),
    path("needs/<uuid:public_id>/record/", recording.record, name="record"),
    path("claims/<uuid:public_id>/accept/", answering.accept, name="accept"),
    path("claims/<uuid:public_id>/decline/", answering.decline, name="decline"),
    path("claims/<uuid:public_id>/cancel/", answering.cancel, name="cancel"),
    path("calendar/", calendar.agenda, name="calendar"),
    path("calendar/month/", calendar.month, name="calendar_month"),
    path("calendar/import/", calendar.bring_in, name="bring_in"),
    path("calendar/import/apply/", calendar.apply_file, name="apply_file"),
    path("calendar/take-over/", calendar.take_over, name="take_over_dates"),
    path("calendar/link/", calendar.make_link, name="make_link"),
    path("calendar/link/revoke/", calendar.revoke_link, name="revoke_link"),
    path("calendar/closures/", calendar.add_closure, name="add_closure"),
    path("calendar/closures/<uuid:public_id>/", calendar.change_closure, name="change_closure"),
    path("calendar/closures/<uuid:public_id>/remove/", calendar.remove_closure, name="remove_closure"),
    path("details/", profile.profile, name="profile"),
    path("policy/", policy.overview, name="policy"),
    path("policy/start/", policy.start, name="policy_start"),
    path("policy/preview/", policy.preview, name="policy_preview"),
    path("policy/publish/", policy.publish, name="policy_publish"),
    path("policy/discard/", policy.discard, name="policy_discard"),
    path("policy/versions/<int:number>/", policy.version, name="policy_version"),
    path("policy/<str:part>/", policy.part, name="policy_part"),
    path("cohorts/", cohorts.rolls, name="cohorts"),
    path("cohorts/<int:y7_entry>/", cohorts.cohort, name="cohort"),
    path("cohorts/<int:y7_entry>/counts/", cohorts.counts, name="cohort_counts"),
]
