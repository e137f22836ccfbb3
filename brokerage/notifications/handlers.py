"""Who is told of which fact. One debt for each event, paid by telling everyone it concerns."""

from collections.abc import Callable, Mapping

from django.db import transaction

from brokerage.accounts import events as accounts
from brokerage.domain import events as market
from brokerage.eventlog.facts import Fact
from brokerage.eventlog.models import Event
from brokerage.eventlog.subscriptions import subscribe
from brokerage.notifications import entries, letters, looks, recipients
from brokerage.notifications.entries import News
from brokerage.notifications.events import SlotDueTomorrow
from brokerage.notifications.news import (
    access,
    claims,
    encounters,
    externals,
    fairness,
    gaps,
    needs,
    people,
    waiting,
)

Teller = Callable[[Event], list[News]]

CLAIMS: Mapping[type[Fact], Teller] = {
    market.ClaimSubmitted: claims.submitted,
    market.ClaimAccepted: claims.accepted,
    market.ClaimDeclined: claims.declined,
    market.ClaimWithdrawn: claims.withdrawn,
    market.ClaimCancelled: claims.cancelled,
    market.ClaimKept: claims.kept,
    market.AttendeeNamed: claims.attendee_named,
}
NEEDS: Mapping[type[Fact], Teller] = {
    market.NeedPublished: needs.published,
    market.NeedAmended: needs.amended,
    market.NeedWithdrawn: needs.withdrawn,
    market.SlotMoved: needs.slot_moved,
    market.ProvidersInvited: gaps.invited,
}
ENCOUNTERS: Mapping[type[Fact], Teller] = {
    market.EncounterRecorded: encounters.recorded,
    market.EncounterConfirmed: encounters.confirmed,
    market.EncounterDisputed: encounters.disputed,
    SlotDueTomorrow: encounters.due_tomorrow,
}
ACCESS: Mapping[type[Fact], Teller] = {
    market.AccessAsked: access.asked,
    market.AccessReturned: access.returned,
    market.AccessGranted: access.granted,
    market.AccessCountered: access.countered,
    market.CounterOfferRejected: access.counter_rejected,
    market.AccessPostponed: access.postponed,
    market.AccessQuestioned: access.questioned,
    market.QuestionAnswered: access.question_answered,
    market.AccessRefused: access.refused,
    market.DuplicateMarked: access.duplicate_marked,
    market.DuplicateSettled: access.duplicate_settled,
    market.AccessWithdrawn: access.withdrawn,
    market.AccessFollowedUp: access.followed_up,
    market.ShortfallReported: access.shortfall_reported,
    market.ClockReached: waiting.clock_reached,
}
EXTERNALS: Mapping[type[Fact], Teller] = {
    market.ExternalRecorded: externals.recorded,
    market.ExternalConfirmed: externals.confirmed,
    market.ExternalDisputed: externals.disputed,
    market.ExternalRemoved: externals.removed,
    market.CohortEvidenced: gaps.evidenced,
}
PEOPLE: Mapping[type[Fact], Teller] = {
    accounts.MembershipAsked: people.asked,
    accounts.MembershipBegan: people.began,
    accounts.MembershipDeclined: people.declined,
    accounts.MembershipEnded: people.ended,
    accounts.RoleChanged: people.role_changed,
    accounts.OrganisationCreated: people.organisation_created,
    accounts.OrganisationVerified: people.organisation_verified,
}
FAIRNESS: Mapping[type[Fact], Teller] = {
    market.EarlyNoticeGiven: fairness.notice_given,
    market.CaseFlagged: fairness.flagged,
    market.ReplyEnded: fairness.reply_ended,
    market.CaseDecided: fairness.decided,
    market.CaseWithdrawn: fairness.withdrawn,
    market.CaseEnded: fairness.ended,
    market.ReplayDiffered: fairness.replay_differed,
}
# Nobody reads these: they stand in the log as the record of who did what.
AUDIT_ONLY: frozenset[type[Fact]] = frozenset(
    {
        market.NeedDrafted,
        market.TermDatesBroughtIn,
        market.CalendarLinkMade,
        market.CalendarLinkRevoked,
        market.TermAnswered,
        market.WordsErased,
        market.GapsShown,
        market.CohortCountsSet,
        market.PolicyDrafted,
        market.PolicyDiscarded,
        market.PolicyPublished,
        market.ReplyOpened,
        market.RequestContested,
        market.EncounterAdded,
        market.ContextGiven,
        market.ContestSettled,
        market.CaseMonitored,
        accounts.OrganisationChanged,
        accounts.InvitationRevoked,
        accounts.PersonRenamed,
        accounts.PersonDeactivated,
        accounts.TokenCreated,
        accounts.TokenRevoked,
    }
)

_TELLERS: Mapping[str, Teller] = {
    fact.type: teller
    for facts in (CLAIMS, NEEDS, ENCOUNTERS, ACCESS, EXTERNALS, PEOPLE, FAIRNESS)
    for fact, teller in facts.items()
}


# What changes the lists and numbers of everyone at the school, though few or none of them are told of it.
OF_THE_SCHOOL: tuple[type[Fact], ...] = (
    *ACCESS,
    market.ClaimAccepted,
    market.ClaimDeclined,
    market.ClaimCancelled,
    market.NeedWithdrawn,
    market.EncounterRecorded,
)
# The same at the organisation that claimed or asked. Its claims are left out until they are answered: many may come at
# once, and whoever made one is told.
OF_THE_CLAIMANT: tuple[type[Fact], ...] = (
    *ACCESS,
    market.ClaimAccepted,
    market.ClaimDeclined,
    market.ClaimWithdrawn,
    market.ClaimCancelled,
    market.ClaimKept,
    market.AttendeeNamed,
    market.EncounterRecorded,
    market.EncounterConfirmed,
    market.EncounterDisputed,
)
_OF_THE_SCHOOL = frozenset(fact.type for fact in OF_THE_SCHOOL)
_OF_THE_CLAIMANT = frozenset(fact.type for fact in OF_THE_CLAIMANT)


def news_of(event: Event) -> list[News]:
    """What people are told of this event, nothing written."""
    return _TELLERS[event.type](event)


@subscribe("tell_of_claims", *CLAIMS)
@subscribe("tell_of_needs", *NEEDS)
@subscribe("tell_of_encounters", *ENCOUNTERS)
@subscribe("tell_of_access", *ACCESS)
@subscribe("tell_of_externals", *EXTERNALS)
@subscribe("tell_of_people", *PEOPLE)
@subscribe("tell_of_fairness", *FAIRNESS)
def tell(event: Event) -> None:
    people: list[int] = []
    if event.type in _OF_THE_SCHOOL and event.organisation_id:
        people += recipients.people_at(event.organisation_id)
    if event.type in _OF_THE_CLAIMANT:
        people += recipients.people_of_claimants(event.data)
    if people:
        transaction.on_commit(lambda: looks.tell_of_work(people))
    entries.write(event, news_of(event))


@subscribe("send_the_invitation", accounts.InvitationSent)
def send_the_invitation(event: Event) -> None:
    letters.keep(people.invitation_letter(event))
