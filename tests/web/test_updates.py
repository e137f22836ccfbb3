"""The bell's page, and the mail folder's."""

import os
import re
import subprocess
import sys

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from brokerage.eventlog.models import Event
from brokerage.notifications import entries, feed
from brokerage.notifications.entries import News
from brokerage.notifications.recipients import Recipient
from config.local import ROOT
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader(client):
    member = factories.member(factories.school())
    client.force_login(member.user, backend="brokerage.accounts.backends.PasswordBackend")
    return member


def tell(member, number: int = 1) -> None:
    for one in range(number):
        event = Event.objects.create(type="tests.told.v1", at=timezone.now())
        news = News(type="tests.told", text=f"News {one + 1}.", to=[Recipient.of(member)], link="/school/")
        entries.write(event, [news])


def shown(response) -> list[str]:
    return re.findall(r"News \d+", response.content.decode())


def test_news_is_listed_newest_first_and_read_by_opening(client, leader):
    tell(leader, 3)
    assert feed.unread(leader.user) == 3

    first = client.get("/updates/")
    again = client.get("/updates/")

    assert shown(first) == ["News 3", "News 2", "News 1"]
    assert first.content.count(b"dw-feed--unread") == 3
    assert again.content.count(b"dw-feed--unread") == 0
    assert feed.unread(leader.user) == 0


def test_looking_without_opening_reads_nothing(client, leader):
    tell(leader)
    client.head("/updates/")
    assert feed.unread(leader.user) == 1


def test_a_long_list_comes_in_pages(client, leader):
    tell(leader, 25)

    first = client.get("/updates/")
    following = re.search(r'rel="next" href="([^"]+)"', first.content.decode())[1]

    assert len(shown(first)) == 20
    assert (
        shown(client.get(f"/updates/{following}" if following.startswith("?") else following))[0] == "News 5"
    )


def test_nobody_reads_anothers_news_and_strangers_sign_in_first(client, leader):
    tell(factories.member(factories.school()))

    assert shown(client.get("/updates/")) == []
    client.logout()
    assert client.get("/updates/").status_code == 302


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_statements_for_one_and_for_three(
    client, leader, number, django_assert_max_num_queries
):
    tell(leader, number)
    client.get("/updates/")
    with django_assert_max_num_queries(7):
        client.get("/updates/")


def test_the_mail_page_shows_what_landed_in_the_folder(client, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    EmailMessage(
        "Your code", "It is <b>123456</b>. Open http://127.0.0.1:8000/x/", to=["a@example.test"]
    ).send()

    page = client.get("/local/mail/").content.decode()

    assert "Your code" in page
    assert "a@example.test" in page
    assert "&lt;b&gt;123456" in page
    assert 'href="http://127.0.0.1:8000/x/"' in page


def test_an_empty_or_missing_folder_is_no_error(client, settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path / "none"
    assert b"No mail yet" in client.get("/local/mail/").content


def test_the_mail_page_answers_nobody_where_settings_forbid_it(client, settings):
    settings.SHOW_MAIL_FOLDER = False
    assert client.get("/local/mail/").status_code == 404


def test_production_has_no_mail_page():
    look = (
        "import django; django.setup(); from django.urls import Resolver404, resolve\n"
        "try: resolve('/local/mail/'); print('there')\n"
        "except Resolver404: print('absent')"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "doorway.example",
        "PUBLIC_URL": "https://doorway.example",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    done = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == "absent", done.stderr
