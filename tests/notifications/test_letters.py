"""E-mail: written with the news, sent once, the same letter when it goes twice."""

import email
import re
import threading
from datetime import timedelta
from email import policy
from pathlib import Path

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from brokerage.accounts import invitations
from brokerage.accounts.models import Role
from brokerage.notifications import letters, mailing
from brokerage.notifications.letters import Draft
from brokerage.notifications.models import Letter
from tests import factories
from tests.notifications.telling import last_letter, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(settings, tmp_path):
    """Where the mail goes, read back as a mailbox would."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path

    def read() -> list[email.message.EmailMessage]:
        parts = [
            part for file in sorted(tmp_path.iterdir()) for part in file.read_bytes().split(b"-" * 79 + b"\n")
        ]
        return [email.message_from_bytes(part, policy=policy.default) for part in parts if part.strip()]

    return read


@pytest.fixture
def booked():
    volunteer = factories.member(factories.employer())
    claim = factories.accepted_claim(volunteer, on=factories.posted(factories.member(factories.school())))
    pay()
    Letter.objects.exclude(person=volunteer.user).delete()
    return volunteer, claim


def test_a_letter_goes_out_once_with_text_html_and_calendar(booked, post, settings):
    volunteer, claim = booked

    assert mailing.send_due(seconds=10) == 1
    assert mailing.send_due(seconds=10) == 0

    (mail,) = post()
    assert mail["to"] == volunteer.user.email
    assert mail["subject"] == last_letter(volunteer).subject
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    calendar = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert calendar["content-type"].params["method"] == "REQUEST"
    assert calendar.get_filename() == "visit.ics"
    assert f"{settings.PUBLIC_URL}/claims/{claim.public_id}/" in mail.get_body(("plain",)).get_content()


def test_a_copy_has_the_same_message_id(booked, post):
    mailing.send_due(seconds=10)
    Letter.objects.update(sent_at=None, next_try_at=Now() - timedelta(seconds=1))  # killed before the tick
    mailing.send_due(seconds=10)

    first, second = post()
    assert (
        first["message-id"] == second["message-id"] == f"<{Letter.objects.get().public_id}@doorway.example>"
    )
    assert first["date"] == second["date"]


def test_a_letter_under_way_is_not_taken_by_a_second_worker(booked, post):
    assert mailing._take() is not None
    assert mailing._take() is None
    assert Letter.objects.get().next_try_at > timezone.now() + mailing.LEASE / 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_beside_each_other_send_each_letter_once(post):
    Letter.objects.bulk_create(
        Letter(to=f"p{n}@example.test", kind="x", subject="x", text="x") for n in range(40)
    )
    gate, sent = threading.Barrier(2), []

    def work():
        gate.wait()
        sent.append(mailing.send_due(seconds=20))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sum(sent) == 40
    assert sorted(mail["to"] for mail in post()) == sorted(f"p{n}@example.test" for n in range(40))


class Broken(BaseEmailBackend):
    problem: Exception = ValueError("rejected")

    def send_messages(self, messages):
        raise self.problem


def test_a_letter_that_fails_is_put_off_and_parked_after_ten_attempts(booked, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    for _ in range(12):
        Letter.objects.update(next_try_at=Now() - timedelta(seconds=1))
        assert mailing.send_due(seconds=10) == 0

    letter = Letter.objects.get()
    assert (letter.attempts, letter.last_error, letter.sent_at) == (10, "ValueError: rejected", None)
    assert list(mailing.parked()) == [letter]
    assert mailing.take_up_again(letter.pk) is True


def test_a_mail_server_that_is_away_costs_one_letter_one_attempt(booked, settings, monkeypatch):
    monkeypatch.setattr(Broken, "problem", ConnectionRefusedError("away"))
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    one = Letter.objects.get()
    Letter.objects.create(to="other@example.test", kind="x", subject="x", text="x")

    mailing.send_due(seconds=10)

    assert Letter.objects.get(pk=one.pk).attempts + Letter.objects.exclude(pk=one.pk).get().attempts == 1


def test_one_bad_letter_does_not_hold_up_the_next(booked, post):
    Letter.objects.update(to="no\naddress@example.test")
    Letter.objects.create(to="other@example.test", kind="x", subject="x", text="x")

    assert mailing.send_due(seconds=10) == 1
    assert [mail["to"] for mail in post()] == ["other@example.test"]


def test_a_title_cannot_smuggle_in_a_header(post):
    leader = factories.member(factories.school())
    draft = Draft(
        subject="Visit\r\nBcc: everyone@example.test\x0b\u2028 now",
        paragraphs=["x"],
        action="Open",
        path="/",
        why="y",
    )
    event = factories_event()
    letters.keep([letters.write(draft, to=leader.user, event=event, kind="x")])

    mailing.send_due(seconds=10)

    (mail,) = post()
    assert mail["subject"] == "Visit Bcc: everyone@example.test now"
    assert mail["bcc"] is None


def factories_event():
    from brokerage.eventlog.models import Event

    return Event.objects.create(type="tests.told.v1", at=timezone.now())


def test_what_people_typed_is_escaped_in_html(booked):
    leader = factories.member(factories.school())
    factories.accepted_claim(
        booked[0], on=factories.posted(leader, title="<b>Fair</b> & more", allocation="school_chooses", slots=[
            factories.market.time_slot(days=30)
        ])
    )  # fmt: skip
    pay()

    letter = last_letter(leader)
    assert "<b>Fair</b> & more" in letter.text
    assert "<b>Fair" not in letter.html
    assert "&lt;b&gt;Fair&lt;/b&gt; &amp; more" in letter.html


def test_every_letter_has_one_button_its_address_written_out_and_says_why(booked):
    letter = last_letter(booked[0])

    assert len(re.findall(r"<a [^>]*background:#5b2a63", letter.html)) == 1
    assert letter.html.count(f"/claims/{booked[1].public_id}/") == 2
    for words in ("You got this because", "Not a government website"):
        assert words in letter.text
        assert words in letter.html
    assert "<img" not in letter.html
    assert "<script" not in letter.html
    assert set(re.findall(r"https?://[^/\"'< ]+", letter.html)) == {
        "http://www.w3.org",
        "http://127.0.0.1:8000",
    }


def test_a_letter_is_written_once_however_often_its_debt_is_paid(booked):
    from brokerage.eventlog.models import Event
    from brokerage.notifications import handlers

    before = Letter.objects.count()
    for event in Event.objects.exclude(type="tests.told.v1"):
        if event.type in handlers._TELLERS:
            handlers.tell(event)

    assert Letter.objects.filter(person=booked[0].user).count() == before == 1


def test_an_invitation_goes_to_an_address_without_a_user(post):
    keeper = factories.member(factories.employer())
    invitation = invitations.send(
        keeper.organisation, email="new@firm.example", role=Role.VOLUNTEER, by=keeper, at=timezone.now()
    )
    pay()
    mailing.send_due(seconds=10)

    (mail,) = post()
    assert mail["to"] == "new@firm.example"
    assert f"/invitations/{invitation.token}/" in mail.get_body(("plain",)).get_content()


def test_an_invitation_taken_back_before_it_was_written_is_not_sent():
    keeper = factories.member(factories.employer())
    invitation = invitations.send(
        keeper.organisation, email="new@firm.example", role=Role.VOLUNTEER, by=keeper, at=timezone.now()
    )
    invitations.revoke(invitation, by=keeper, at=timezone.now())
    pay()

    assert not Letter.objects.exists()


def test_mail_is_not_written_for_a_folder_of_the_tests_own(settings):
    assert Path(settings.EMAIL_FILE_PATH).name == "test-mail"
