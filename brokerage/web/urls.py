"""Pages that everyone shares."""

from django.conf import settings
from django.urls import path

from brokerage.web.views import (
    approvals,
    asking,
    claim,
    encounter,
    equity,
    externals,
    fairness,
    find,
    health,
    join,
    landing,
    need,
    organisations,
    oversight,
    pages,
    people,
    profile,
    registers,
    replies,
    requests,
    reviews,
    saying,
    sign_up,
    updates,
    visits,
)

urlpatterns = [
    path("", landing.home, name="home"),
    path("now/", landing.strip, name="landing_strip"),
    path("help/", pages.help_page, name="help"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("privacy/", pages.privacy, name="privacy"),
]

# Getting in, and for whom one acts
urlpatterns += [
    path(
        "accounts/confirm-email/",
        sign_up.ConfirmAddressView.as_view(),
        name="account_email_verification_sent",
    ),
    path("accounts/new-code/", sign_up.new_code, name="account_new_code"),
    path("accounts/login/code/", sign_up.AskForCodeView.as_view(), name="account_request_login_code"),
    path("join/", join.join, name="join"),
    path("join/<str:kind>/", join.join, name="join_as"),
    path("join/<str:kind>/search/", join.search, name="join_search"),
    path("waiting/", join.waiting, name="waiting"),
    path("switch/", join.switch, name="switch"),
    path("switch/<uuid:membership>/leave/", join.leave, name="leave"),
    path("invitations/<slug:token>/", join.invitation, name="invitation"),
]

# People of an organisation, one's own page
urlpatterns += [
    path("people/", people.people, name="people"),
    path("people/<uuid:membership>/approve/", people.approve, name="approve_member"),
    path("people/<uuid:membership>/decline/", people.decline, name="decline_member"),
    path("people/<uuid:membership>/role/", people.change_role, name="change_role"),
    path("people/<uuid:membership>/remove/", people.remove, name="remove_member"),
    path("people/invitations/<uuid:invitation>/revoke/", people.revoke, name="revoke_invitation"),
    path("profile/", profile.profile, name="profile"),
    path("profile/organisation/", profile.organisation, name="edit_organisation"),
    path("profile/tokens/", profile.create_token, name="create_token"),
    path("profile/tokens/<slug:key>/revoke/", profile.revoke_token, name="revoke_token"),
]

# Staff; a hub lead for its own area
urlpatterns += [
    path("approvals/", approvals.approvals, name="approvals"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/new/", organisations.new, name="new_organisation"),
    path("organisations/<uuid:organisation>/", organisations.organisation, name="organisation"),
    path("organisations/<uuid:organisation>/verify/", organisations.verify, name="verify_organisation"),
    path("organisations/<uuid:organisation>/domain/", organisations.set_domain, name="set_email_domain"),
    path("people/<uuid:membership>/close/", organisations.close_account, name="close_account"),
    path("organisations/<uuid:organisation>/recognise/", registers.recognise, name="recognise_provider"),
    path("registers/", registers.registers, name="registers"),
    path("registers/<uuid:source>/", registers.register_import, name="register_import"),
    path("duplicates/<uuid:public_id>/confirm/", approvals.confirm_duplicate, name="confirm_duplicate"),
    path("parked/", approvals.parked, name="parked"),
    path("parked/<int:delivery>/retry/", approvals.retry, name="retry_delivery"),
]

# Visits: find one, claim it, go there, say how it was
urlpatterns += [
    path("find/", find.find, name="find"),
    path("needs/<uuid:public_id>/", need.need, name="need"),
    path("needs/<uuid:public_id>/places/", need.places, name="need_places"),
    path("needs/<uuid:public_id>/claim/", need.claim, name="claim_need"),
    path("claims/<uuid:public_id>/", claim.claim, name="claim"),
    path("claims/<uuid:public_id>/withdraw/", claim.withdraw, name="withdraw_claim"),
    path("claims/<uuid:public_id>/attendee/", claim.attendee, name="name_attendee"),
    path("claims/<uuid:public_id>/keep/", claim.keep, name="keep_claim"),
    path("claims/<uuid:public_id>/visit.ics", claim.calendar_file, name="visit_ics"),
    path("visits/", visits.visits, name="visits"),
    path("encounters/<uuid:public_id>/", encounter.encounter, name="encounter"),
    path("encounters/<uuid:public_id>/confirm/", encounter.confirm, name="confirm_encounter"),
    path("encounters/<uuid:public_id>/dispute/", encounter.dispute, name="dispute_encounter"),
]

# Ask a school, and what comes of it
urlpatterns += [
    path("requests/", requests.requests, name="requests"),
    path("requests/ask/", asking.schools, name="ask_school"),
    path("requests/ask/<uuid:public_id>/", asking.ask, name="ask"),
    path("requests/how-we-fare/", requests.how_we_fare, name="how_we_fare"),
    path("requests/<uuid:public_id>/", requests.one, name="request"),
    path("requests/<uuid:public_id>/accept/", saying.accept, name="accept_offer"),
    path("requests/<uuid:public_id>/reject/", saying.reject, name="reject_offer"),
    path("requests/<uuid:public_id>/answer/", saying.answer, name="answer_request"),
    path("requests/<uuid:public_id>/duplicate/", saying.settle, name="settle_request"),
    path("requests/<uuid:public_id>/follow-up/", saying.follow_up, name="follow_up"),
    path("requests/<uuid:public_id>/withdraw/", saying.withdraw, name="withdraw_request"),
    path("requests/<uuid:public_id>/report/", saying.report, name="report_request"),
    path("encounters/elsewhere/", externals.externals, name="externals"),
    path("encounters/elsewhere/<uuid:public_id>/", externals.external, name="external"),
    path("encounters/elsewhere/<uuid:public_id>/confirm/", externals.confirm, name="confirm_external"),
    path("encounters/elsewhere/<uuid:public_id>/dispute/", externals.dispute, name="dispute_external"),
]

# Hub and trust: their schools, read only
urlpatterns += [
    path("overview/", oversight.overview, name="overview"),
    path("overview/schools/", oversight.schools, name="overview_schools"),
    path("overview/schools/<uuid:public_id>/", oversight.school, name="overview_school"),
    path("overview/needs/<uuid:public_id>/", oversight.need, name="overview_need"),
    path("overview/unfilled/", oversight.unfilled, name="unfilled"),
]

# Who gets the visits: a hub's area; the country, for every member
urlpatterns += [
    path("overview/equity/", equity.equity, name="equity"),
    path("overview/equity/figures.csv", equity.equity_csv, name="equity_csv"),
    path("national/", equity.national, name="national"),
    path("national/figures.csv", equity.national_csv, name="national_csv"),
]

# What one was told; for those who watch over the platform
urlpatterns += [
    path("updates/", updates.updates, name="updates"),
    path("updates/counts/", updates.counts, name="counts"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]

# How requests were answered: a school's own figures, its reply, a reviewer's decision
urlpatterns += [
    path("fairness/", fairness.fairness, name="fairness"),
    path("fairness/method/", fairness.method, name="fairness_method"),
    path("fairness/requests/", fairness.requests, name="fairness_requests"),
    path("fairness/cases/", fairness.cases, name="fairness_cases"),
    path("fairness/cases/<uuid:public_id>/", reviews.case, name="fairness_case"),
    path("fairness/cases/<uuid:public_id>/requests/", reviews.case_requests, name="fairness_case_requests"),
    path("fairness/cases/<uuid:public_id>/bundle.json", replies.bundle, name="fairness_bundle"),
    path("fairness/cases/<uuid:public_id>/reply/", replies.reply, name="fairness_reply"),
    path("fairness/cases/<uuid:public_id>/contest/", replies.contest, name="fairness_contest"),
    path("fairness/cases/<uuid:public_id>/encounter/", replies.add_encounter, name="fairness_add_encounter"),
    path("fairness/cases/<uuid:public_id>/context/", replies.context, name="fairness_context"),
    path("fairness/cases/<uuid:public_id>/send/", replies.send, name="fairness_send"),
    path("fairness/cases/<uuid:public_id>/decide/", reviews.decide, name="fairness_decide"),
    path(
        "fairness/cases/<uuid:public_id>/contests/<uuid:contested>/",
        reviews.settle,
        name="fairness_settle",
    ),
]

if settings.SHOW_MAIL_FOLDER:
    urlpatterns.append(path("local/mail/", updates.mail, name="local_mail"))

if settings.DEBUG:
    from brokerage.web.views import styleguide, styleguide_charts

    urlpatterns += [
        path("styleguide/", styleguide.everything, name="styleguide"),
        path("styleguide/form/", styleguide.form, name="styleguide_form"),
        path("styleguide/charts/", styleguide_charts.everything, name="styleguide_charts"),
    ]
