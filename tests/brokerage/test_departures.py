import pytest
from django.utils import timezone

from brokerage.accounts import memberships
from brokerage.domain import departures
from brokerage.eventlog.models import Delivery, Event
from tests import factories
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db


def test_claims_of_somebody_who_left_stand_and_wait_for_a_name():
    organisation = factories.employer()
    factories.member(organisation)
    volunteer = factories.member(organisation, "volunteer")
    booked = factories.accepted_claim(volunteer)
    waiting = factories.submitted_claim(
        volunteer, on=factories.posted(allocation="school_chooses", slots=[time_slot(days=25)])
    )

    memberships.leave(volunteer, by=volunteer.user, at=timezone.now())
    left = Event.objects.get(type="accounts.membership.ended.v1")
    departures.take_off_who_left(left)
    departures.take_off_who_left(left)

    for claim in (booked, waiting):
        was = claim.state
        claim.refresh_from_db()
        assert (claim.state, claim.attendee, claim.person, claim.attendee_clashed) == (was, None, None, True)
    assert Event.objects.filter(type="brokerage.claim.attendee_named.v1").count() == 2
    assert Delivery.objects.filter(event=left, subscriber="take_off_who_left").count() == 1
