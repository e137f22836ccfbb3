import pytest
from django.utils import timezone

from brokerage.accounts.models import Role
from brokerage.domain import needs
from brokerage.domain.events import CohortEvidenced
from brokerage.errors import InvalidInput
from brokerage.eventlog.models import Event
from brokerage.eventlog.record import PLATFORM, record
from brokerage.notifications.handlers import news_of
from tests import factories
from tests.factories import access

pytestmark = pytest.mark.django_db


def test_those_a_school_asks_in_particular_are_told_and_others_are_not() -> None:
    leader = factories.member(factories.school(name="Fernlow Academy"), Role.CAREERS_LEADER)
    officer, other = access.college(), access.college()
    need = factories.posted(leader, encounter_type="provider_encounter", open_to=["technical_provider"])
    needs.invite(need=need, providers=[officer.organisation], by=leader, at=timezone.now())
    (news,) = news_of(Event.objects.get(type__contains="invited"))
    assert [recipient.user.pk for recipient in news.to] == [officer.user_id]
    assert news.text.startswith("Fernlow Academy ask you to meet Year 10: ")
    assert other.user_id not in [recipient.user.pk for recipient in news.to]


def test_only_those_a_need_is_open_to_can_be_asked() -> None:
    leader = factories.member(factories.school(), Role.CAREERS_LEADER)
    need = factories.posted(leader, open_to=["technical_provider"])
    with pytest.raises(InvalidInput):
        needs.invite(need=need, providers=[factories.employer()], by=leader, at=timezone.now())


def test_the_school_hears_that_a_year_group_has_its_two() -> None:
    school = factories.school()
    leader = factories.member(school, Role.CAREERS_LEADER)
    governor = factories.member(school, Role.LINK_GOVERNOR)
    at = timezone.now()
    year_7_then = at.year - (at.month < 9) - 5
    record(
        CohortEvidenced(
            subject_id=school.public_id, organisation_id=school.pk, y7_entry=year_7_then, phase=3, occasions=2
        ),
        by=PLATFORM,
        at=at,
    )
    (news,) = news_of(Event.objects.get(type__contains="evidenced"))
    assert news.text == "Year 12 now has two. Evidenced for the third phase."
    told = [recipient.user.pk for recipient in news.to]
    assert leader.user_id in told
    assert governor.user_id not in told
