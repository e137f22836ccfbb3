from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from brokerage.domain import access_requests, wording
from brokerage.eventlog.models import Event
from brokerage.ledger import chain
from brokerage.ledger.models import Seal
from brokerage.models import AccessRequest, Words
from schools.domain import cohorts
from tests import factories
from tests.factories import access

pytestmark = pytest.mark.django_db


def tamper(table: str, sql: str, *values: object) -> None:
    """As someone with the database's own password could."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"{'DELETE FROM' if sql.startswith('WHERE') else 'UPDATE'} {table} {sql}", values)
        cursor.execute("SET session_replication_role = DEFAULT")


def take_out(event_id: int) -> None:
    tamper("eventlog_delivery", "WHERE event_id = %s", event_id)
    tamper("eventlog_event", "WHERE id = %s", event_id)


@pytest.fixture
def request_() -> AccessRequest:
    """Asked, asked back, answered, refused; and a claim on a need of the same school: all sealed."""
    request = access.asked()
    leader = access.answerer(request)
    now = timezone.now()
    access_requests.ask_back(request=request, question="How many come?", by=leader, at=now)
    access_requests.answer_question(request=request, answer="Two.", by=request.asked_by, at=now)
    access_requests.refuse(request=request, ground="exam_period", by=leader, at=now)
    factories.accepted_claim(on=factories.posted(leader))
    chain.seal(at=now)
    return request


def breaks(*, later: timedelta = timedelta(0)) -> list[str]:
    return [found.what for found in chain.verify(at=timezone.now() + later).breaks]


def test_every_step_of_a_school_is_one_unbroken_chain(request_: AccessRequest) -> None:
    links = Seal.objects.filter(school=request_.school).order_by("number")
    types = [link.event.type.split(".")[1:3] for link in links]
    assert [link.number for link in links] == list(range(1, len(links) + 1))
    assert types == [
        ["access_request", "asked"],
        ["access_request", "questioned"],
        ["access_request", "question_answered"],
        ["access_request", "refused"],
        ["need", "drafted"],
        ["need", "published"],
        ["claim", "submitted"],
    ]
    assert chain.verify(at=timezone.now()) == chain.Verdict(schools=1, links=7, breaks=())
    assert chain.seal(at=timezone.now()) == 0


def test_each_school_has_a_chain_of_its_own(request_: AccessRequest) -> None:
    other = access.asked()
    chain.seal(at=timezone.now())
    assert Seal.objects.get(event__subject_id=other.public_id).number == 1


def test_a_changed_event_shows(request_: AccessRequest) -> None:
    event = Event.objects.get(subject_id=request_.public_id, type__contains="refused")
    tamper("eventlog_event", """SET data = data || '{"ground": "already_met"}' WHERE id = %s""", event.pk)
    assert breaks() == [
        f"event {event.pk} or the link before it isn't what it was",
        f"request {request_.public_id}: ground is exam_period, and by its events already_met",
    ]


def test_an_event_taken_out_with_its_link_shows(request_: AccessRequest) -> None:
    event = Event.objects.get(subject_id=request_.public_id, type__contains="questioned")
    tamper("ledger_seal", "WHERE event_id = %s", event.pk)
    take_out(event.pk)
    assert breaks()[0] == "link 2 is missing"


def test_an_event_put_in_later_shows_once_it_should_have_been_sealed(request_: AccessRequest) -> None:
    event = Event.objects.filter(subject_id=request_.public_id).order_by("id")[0]
    event.pk = None
    event.save(force_insert=True)
    assert breaks() == []
    assert breaks(later=chain.SETTLED + timedelta(minutes=1)) == [f"event {event.pk} stands in no chain"]


def test_rewritten_words_show_and_erased_ones_do_not(request_: AccessRequest) -> None:
    asked, question = Words.objects.get(step="ask"), Words.objects.get(step="question")
    tamper("brokerage_words", "SET text = 'Never mind.' WHERE sha256 = %s", asked.sha256)
    assert breaks() == [f"the words {asked.sha256[:12]} aren't what was written"]
    wording.erase(words=question, by=access.staff(), at=timezone.now())
    chain.seal(at=timezone.now())
    assert len(breaks(later=timedelta(hours=1))) == 1


def test_words_taken_out_by_nobody_show(request_: AccessRequest) -> None:
    question = Words.objects.get(step="question")
    Words.objects.filter(pk=question.pk).update(text="", salt="", erased_at=timezone.now())
    assert breaks(later=timedelta(hours=1)) == [f"no event knows who erased the words {question.sha256[:12]}"]


def test_an_operator_finds_what_was_written_and_takes_it_out(request_: AccessRequest) -> None:
    author, out = request_.asked_by.user, StringIO()
    call_command("erase_wording", "--author", author.email, "--holding", "two", stdout=out)
    digest, *_ = out.getvalue().split()
    assert out.getvalue().endswith("    Two.\n1 found.\n")
    with pytest.raises(CommandError, match="--request: invalid UUID value: 'abc'"):
        call_command("erase_wording", "--request", "abc", stdout=StringIO())
    about = StringIO()
    call_command("erase_wording", "--request", str(request_.public_id), stdout=about)
    assert about.getvalue().endswith(" found.\n")
    for by in (author.email, "nobody@doorway.example"):
        with pytest.raises(CommandError, match=r"staff|Nobody"):
            call_command("erase_wording", digest, "--by", by, stdout=StringIO())
    call_command("erase_wording", digest, "--by", access.staff().email, stdout=StringIO())
    assert Words.objects.get(sha256__startswith=digest).text == ""


def test_words_exchanged_digest_and_all_or_taken_out_show(request_: AccessRequest) -> None:
    asked, other = Words.objects.get(step="ask"), Words.sealed("Never mind.")
    tamper(
        "brokerage_words",
        "SET text = %s, salt = %s, sha256 = %s WHERE sha256 = %s",
        *(other.text, other.salt, other.sha256, asked.sha256),
    )
    gone = f"the words {asked.sha256[:12]} are gone or aren't what was written"
    assert breaks() == [gone]
    assert breaks(later=timedelta(hours=1)) == [gone, f"no event knows of the words {other.sha256[:12]}"]
    tamper("brokerage_words", "WHERE sha256 = %s", other.sha256)
    assert breaks(later=timedelta(hours=1)) == [gone]


def test_an_event_put_in_with_an_earlier_date_shows_though_it_was_sealed(request_: AccessRequest) -> None:
    event = Event.objects.filter(subject_id=request_.public_id).order_by("id")[0]
    event.pk, event.at = None, event.at - timedelta(days=90)
    event.save(force_insert=True)
    assert chain.seal(at=timezone.now()) == 1
    assert breaks() == [f"event {event.pk} was put in after its date"]


def test_what_the_evidence_is_held_against_is_chained_too() -> None:
    leader = factories.member(factories.school())
    cohorts.set_roll(y7_entry=2023, roll=180, on=timezone.localdate(), by=leader, at=timezone.now())
    assert chain.seal(at=timezone.now()) == 1


def test_a_chain_cut_off_at_its_end_shows_against_a_printed_link(request_: AccessRequest) -> None:
    out = StringIO()
    call_command("verify_ledger", "--heads", stdout=out)
    head = out.getvalue().splitlines()[0]
    assert head.startswith(f"{request_.school.urn}:7:")
    last = Seal.objects.get(school=request_.school, number=7)
    tamper("ledger_seal", "WHERE id = %s", last.pk)
    take_out(last.event_id)
    call_command("verify_ledger", stdout=StringIO())
    with pytest.raises(CommandError, match="it stood when it was printed, and is gone"):
        call_command("verify_ledger", "--expect", head, stdout=StringIO())


def test_links_are_never_changed(request_: AccessRequest) -> None:
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        Seal.objects.filter(number=1).update(number=9)
