"""The agenda and the closures (P6), the school's details."""

import re
from datetime import time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from brokerage.accounts.models import Membership, Organisation, Role
from brokerage.calendar.models import CalendarLink, Closure, DefaultClosure, TermDates
from brokerage.domain import closures, hosting
from brokerage.errors import InvalidInput, NotAllowed
from brokerage.eventlog.models import Event
from brokerage.models import Claim, EncounterNeed, Hosting
from tests import factories
from tests.factories import access
from tests.factories.market import time_slot
from tests.schools.pages import as_, typed

pytestmark = pytest.mark.django_db
MONTH, IMPORT = "/school/calendar/month/", "/school/calendar/import/"
CALENDAR, ADD, DETAILS = "/school/calendar/", "/school/calendar/closures/", "/school/details/"
KEEPERS = [Role.CAREERS_LEADER, Role.SENIOR_LEADER]
OTHERS = [Role.CAREERS_ADMINISTRATOR, Role.LINK_GOVERNOR, Role.CAREERS_ADVISER]


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school())


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def in_days(days: int) -> str:
    return typed(timezone.localdate() + timedelta(days=days))


def closure(**changes: str) -> dict[str, str]:
    sent = {"kind": "holiday", "label": "Half-term", "first_on": in_days(20), "last_on": in_days(24)}
    return {f"closure-{name}": value for name, value in (sent | changes).items()}


def items(response) -> list[tuple[str, tuple[str, str]]]:
    return [(item.name, item.state) for week in response.context["weeks"] for item in week.items]


def test_agenda_shows_what_is_booked_open_and_over(leader: Membership):
    factories.posted(leader, title="Nobody's", slots=[time_slot(days=8)])
    factories.accepted_claim(on=factories.posted(leader, title="Booked", slots=[time_slot(days=9)]))
    asked = factories.posted(leader, title="Asked", allocation="school_chooses", slots=[time_slot(days=10)])
    factories.submitted_claim(on=asked)
    factories.submitted_claim(on=asked)
    factories.need(leader, title="A draft", slots=[time_slot(days=9)])
    factories.posted(title="Another school's", slots=[time_slot(days=9)])

    assert items(as_(leader).get(CALENDAR)) == [
        ("Nobody's", ("na", "Nobody yet")),
        ("Booked", ("book", "Booked")),
        ("Asked", ("live", "2 offers to choose")),
    ]


def test_what_is_over_offers_to_be_recorded(leader: Membership):
    claim = factories.accepted_claim(on=factories.posted(leader))
    slot = factories.over(claim)
    week = f"{CALENDAR}?from={slot.starts_at:%Y-%m-%d}"

    assert items(as_(leader).get(week)) == [("Mock interviews", ("live", "To record"))]
    assert f"/school/needs/{claim.slot.need.public_id}/record/" in text_of(as_(leader).get(week))
    governor = factories.member(leader.organisation, Role.LINK_GOVERNOR)
    assert "/record/" not in text_of(as_(governor).get(week))


@pytest.mark.parametrize("nonsense", ["soon", "0001-01-01", "9999-12-31", ""])
def test_a_week_that_cannot_be_read_is_this_one(leader: Membership, nonsense: str):
    assert as_(leader).get(f"{CALENDAR}?from={nonsense}").context["is_now"] is True


def test_empty_weeks_say_so(leader: Membership):
    assert "No encounters in these six weeks" in text_of(as_(leader).get(CALENDAR))


@pytest.mark.parametrize("role", KEEPERS)
def test_keepers_add_and_remove_closures(leader: Membership, role: Role):
    client = as_(factories.member(leader.organisation, role))

    client.post(ADD, closure())
    added = Closure.objects.get()
    assert (added.kind, added.label, (added.last_on - added.first_on).days) == ("holiday", "Half-term", 4)
    assert "Half-term" in text_of(client.get(CALENDAR))

    client.post(f"{ADD}{added.public_id}/remove/")
    assert not Closure.objects.exists()
    told = list(Event.objects.order_by("id").values_list("type", flat=True))
    assert told == ["brokerage.closure.added.v1", "brokerage.closure.removed.v1"]


@pytest.mark.parametrize("how", ["added", "changed", "from a file"])
def test_visits_booked_on_days_closed_since_are_named_with_links_and_stand(leader: Membership, how: str):
    first, last, after = (time_slot(days=ahead) for ahead in (20, 24, 25))
    booked = [
        factories.accepted_claim(on=factories.posted(leader, title=title, slots=[slot]))
        for title, slot in (("Visit 1", first), ("Visit 2", last), ("Visit 3", after))
    ]
    asked = factories.posted(leader, title="Only asked", allocation="school_chooses", slots=[first])
    factories.submitted_claim(on=asked)
    factories.accepted_claim(on=factories.posted(title="Elsewhere", slots=[first]))

    told = str(list(_closed(leader, how).context["messages"])[1])

    assert told.startswith("2 visits are booked then already: <a ")
    assert re.findall(r'href="([^"]+)">([^,]+)', told) == [
        (f"/school/needs/{claim.slot.need.public_id}/", claim.slot.need.title) for claim in booked[:2]
    ]
    states = Claim.objects.exclude(slot__need=asked).values_list("state", flat=True)
    assert set(states) == {"accepted"}


def _closed(leader: Membership, how: str):
    client = as_(leader)
    if how == "added":
        return client.post(ADD, closure(), follow=True)
    today = timezone.localdate()
    if how == "changed":
        there = closures.add(kind="inset", label="INSET", first_on=today, by=leader, at=timezone.now())
        return client.post(f"{ADD}{there.public_id}/", closure(), follow=True)
    first, last = (today + timedelta(days=ahead) for ahead in (20, 24))
    sent = {"rows": f"Half-term,{first},{last},holiday\n", "replace": ""}
    return client.post(f"{IMPORT}apply/", sent, follow=True)


def test_a_row_of_a_file_that_lies_too_far_ahead_is_named_and_the_file_stays(leader: Membership):
    sent = {"rows": "INSET day,2060-03-01,2060-03-01,inset\n", "replace": ""}

    page = as_(leader).post(f"{IMPORT}apply/", sent)

    assert page.status_code == 422
    first, last = page.context["form"].non_field_errors()
    assert first.startswith("INSET day: the first day must be from 1 July ")
    assert last.startswith("INSET day: the last day must be from 1 July ")
    assert "2060-03-01" in page.content.decode()
    assert not Closure.objects.exists()


def test_a_granted_request_is_named_and_a_day_without_visits_says_nothing(leader: Membership):
    request = access.granted(access.asked(of=leader.organisation))
    day = timezone.localtime(request.need.slots.get().starts_at).date()
    client = as_(leader)

    before, then = (
        client.post(ADD, closure(first_on=typed(on), last_on="", kind="inset"), follow=True)
        for on in (day - timedelta(days=1), day)
    )

    assert len(before.context["messages"]) == 1
    told = str(list(then.context["messages"])[1])
    address = f"/school/needs/{request.need.public_id}/"
    assert told.startswith(f'1 visit is booked then already: <a href="{address}">')
    assert request.asker.name in told
    assert told in then.content.decode()


@pytest.mark.parametrize("role", OTHERS)
def test_others_read_the_closures_only(leader: Membership, role: Role):
    client = as_(factories.member(leader.organisation, role))
    day = timezone.localdate()
    there = Closure.objects.create(
        school=leader.organisation, kind="inset", label="INSET day", first_on=day, last_on=day
    )

    page = text_of(client.get(CALENDAR))

    assert "INSET day" in page
    assert "Add a closure" not in page
    assert client.post(ADD, closure()).status_code == 403
    assert client.post(f"{ADD}{there.public_id}/remove/").status_code == 403
    assert Closure.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"kind": ""}, "kind", "Choose what it is"),
        ({"label": ""}, "label", "Enter what you call it"),
        ({"first_on": "soon"}, "first_on", "Enter a date like 21 January or 21/1/2027"),
        ({"last_on": in_days(10)}, "last_on", "The last day can't be before the first"),
        ({"last_on": in_days(300)}, "last_on", "That's longer than a summer holiday. Check the dates"),
    ],
)
def test_slips_in_a_closure_are_said_and_kept(leader: Membership, changes, field: str, message: str):
    response = as_(leader).post(ADD, closure(**changes))

    assert response.status_code == 422
    assert list(response.context["form"].errors[field]) == [message]
    assert not Closure.objects.exists()


def test_the_same_closure_again_is_the_same(leader: Membership):
    client = as_(leader)
    client.post(ADD, closure())
    client.post(ADD, closure())

    assert Closure.objects.count() == 1
    assert Event.objects.filter(type="brokerage.closure.added.v1").count() == 1


def test_another_schools_closure_is_not_there(leader: Membership):
    day = timezone.localdate()
    theirs = Closure.objects.create(
        school=factories.school(), kind="inset", label="INSET", first_on=day, last_on=day
    )

    assert as_(leader).post(f"{ADD}{theirs.public_id}/remove/").status_code == 404
    assert "INSET" not in text_of(as_(leader).get(CALENDAR)).replace("INSET days and exams", "").replace(
        "INSET day</label>", ""
    )


def test_calendar_takes_the_same_statements_for_one_and_for_three(leader: Membership):
    client = as_(leader)

    def statements() -> int:
        client.get(CALENDAR)
        with CaptureQueriesContext(connection) as captured:
            client.get(CALENDAR)
        return len(captured)

    factories.accepted_claim(on=factories.posted(leader))
    one = statements()
    factories.accepted_claim(on=factories.posted(leader))
    factories.accepted_claim(on=factories.posted(leader))

    assert statements() == one <= 9


def test_agenda_counts_school_days_and_shows_bank_holidays(leader: Membership):
    page = as_(leader).get(f"{CALENDAR}?from=2026-03-30")

    weeks = page.context["weeks"]
    assert [(week.monday.isoformat(), week.school_days) for week in weeks[:3]] == [
        ("2026-03-30", 4),
        ("2026-04-06", 4),
        ("2026-04-13", 5),
    ]
    assert [each.label for week in weeks[:2] for each in week.closures] == ["Good Friday", "Easter Monday"]
    assert "4 school days" in text_of(page)


def test_month_is_a_table_with_what_is_on_and_what_is_closed(leader: Membership):
    claim = factories.accepted_claim(on=factories.posted(leader, title="Booked", slots=[time_slot(days=9)]))
    on = timezone.localtime(claim.slot.starts_at).date()
    Closure.objects.create(
        school=leader.organisation, kind="exams", label="Mocks", first_on=on, last_on=on + timedelta(days=1)
    )

    page = as_(leader).get(f"{MONTH}?from={on}")

    days = {day.on: day for week in page.context["weeks"] for day in week if day}
    assert [item.name for item in days[on].items] == ["Booked"]
    assert days[on].warned == "Mocks"
    assert len(days) in (28, 29, 30, 31)
    assert {len(week) for week in page.context["weeks"]} == {7}
    assert f"<caption>{on:%B %Y}</caption>" in text_of(page)


def test_a_month_that_cannot_be_read_is_this_one_and_an_empty_one_says_so(leader: Membership):
    page = as_(leader).get(f"{MONTH}?from=soon")

    assert page.context["is_now"] is True
    assert f"No encounters in {timezone.localdate():%B}." in text_of(page)


def test_keeper_changes_a_closure(leader: Membership):
    client = as_(leader)
    client.post(ADD, closure())
    there = Closure.objects.get()
    assert 'value="Half-term"' in text_of(client.get(f"{ADD}{there.public_id}/"))

    assert client.post(f"{ADD}{there.public_id}/", closure(label="")).status_code == 422
    client.post(f"{ADD}{there.public_id}/", closure(label="Autumn break", last_on=in_days(25)))

    there.refresh_from_db()
    assert (there.label, (there.last_on - there.first_on).days) == ("Autumn break", 5)


def test_page_says_whose_dates_hold_and_lets_them_be_taken_over(leader: Membership):
    day = timezone.localdate()
    dates = TermDates.objects.create(local_authority="Northmere", brought_in_at=timezone.now())
    Organisation.objects.filter(pk=leader.organisation_id).update(local_authority="Northmere")
    DefaultClosure.objects.create(
        term_dates=dates, kind="holiday", label="Half-term", first_on=day, last_on=day + timedelta(days=4)
    )
    client = as_(leader)
    page = text_of(client.get(CALENDAR))
    assert "You use Northmere’s dates for" in page
    assert "Remove<span" not in page

    answer = client.post(f"{CALENDAR}take-over/", follow=True)

    assert "1 closure is now yours to change." in text_of(answer)
    assert "You use Northmere’s dates" not in text_of(answer)
    assert Closure.objects.get().label == "Half-term"

    read = client.post(IMPORT, {"file": file_of(f"Half-term,{day},,holiday")})
    assert "Once you bring these in" not in text_of(read)
    gone = client.post(f"{ADD}{Closure.objects.get().public_id}/remove/", follow=True)
    assert "so Northmere’s dates hold." in text_of(gone)
    read = client.post(IMPORT, {"file": file_of(f"Half-term,{day},,holiday")})
    assert "Once you bring these in, your own holidays hold instead" in text_of(read)


def file_of(*lines: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("dates.csv", "\n".join(["name,first day,last day,kind", *lines]).encode())


def test_a_file_is_shown_first_and_its_bad_rows_can_be_mended(leader: Membership):
    client = as_(leader)
    read = client.post(IMPORT, {"file": file_of("Half-term,2027-02-15,2027-02-19,", "INSET day,,,inset")})

    assert "1 of 2 rows read. Row 3 has no date." in text_of(read)
    assert not Closure.objects.exists()
    sent = {name: read.context["form"][name].value() for name in ("rows", "mend", "replace")}
    assert sent["mend"] == "INSET day,,,inset\n"

    again = client.post(f"{IMPORT}apply/", sent)
    assert again.status_code == 422
    assert list(again.context["form"].errors["mend"]) == ["Row 1 in this box has no date"]
    assert [each["row"].label for each in again.context["found"]] == ["Half-term"]

    done = client.post(f"{IMPORT}apply/", sent | {"mend": "INSET day,22/2/2027,,inset"}, follow=True)
    assert "2 added." in text_of(done)
    assert [each.label for each in Closure.objects.all()] == ["Half-term", "INSET day"]


def test_rows_of_long_ago_can_be_left_out_of_a_file(leader: Membership):
    client = as_(leader)
    read = client.post(
        IMPORT, {"file": file_of("Half-term,2010-10-25,2010-10-29,", "INSET day,2027-02-22,,inset")}
    )

    assert "1 of 2 rows read. Row 2 isn&#x27;t from 1 July" in text_of(read)
    sent = {name: read.context["form"][name].value() for name in ("rows", "mend", "replace")}
    client.post(f"{IMPORT}apply/", sent | {"mend": ""})
    assert [each.label for each in Closure.objects.all()] == ["INSET day"]


def test_a_year_that_is_over_is_refused_by_hand_and_what_was_typed_stays(leader: Membership):
    answer = as_(leader).post(ADD, closure(first_on="1/12/2020", last_on=""))

    assert answer.status_code == 422
    (said,) = answer.context["form"].errors["first_on"]
    assert said.startswith("The first day must be from 1 July")
    assert "1/12/2020" in answer.content.decode()
    assert not Closure.objects.exists()


def test_a_file_may_replace_what_is_to_come(leader: Membership):
    client = as_(leader)
    client.post(ADD, closure())
    rows = f"INSET day,{(timezone.localdate() + timedelta(days=3)).isoformat()},,inset"

    done = client.post(f"{IMPORT}apply/", {"rows": rows, "replace": "yes"}, follow=True)

    assert "1 added and 1 removed." in text_of(done)
    assert Closure.objects.get().label == "INSET day"


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (None, "Choose a file"),
        (SimpleUploadedFile("x.csv", b""), "That file is empty. Choose another"),
        (SimpleUploadedFile("x.csv", b"x" * 300_000), "Choose a file of up to 256 kB"),
        (
            SimpleUploadedFile("x.xlsx", b"PK\x03\x04"),
            "That is a workbook. Save it as CSV first, then choose that file",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(leader: Membership, file, message: str):
    answer = as_(leader).post(IMPORT, {"file": file} if file else {})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors["file"]) == [message]


@pytest.mark.parametrize(
    "sent", [{}, {"rows": "x", "mend": ""}, {"rows": 'a"b,"', "mend": "\x00"}, {"replace": "no"}]
)
def test_what_nobody_sent_is_answered_with_the_form(leader: Membership, sent):
    assert as_(leader).post(f"{IMPORT}apply/", sent).status_code == 422
    assert not Closure.objects.exists()


def test_private_link_opens_the_schools_encounters_until_it_is_revoked(leader: Membership):
    booked = factories.accepted_claim(on=factories.posted(leader, title="Booked", slots=[time_slot(days=9)]))
    factories.posted(leader, title="Open", slots=[time_slot(days=10)])
    factories.posted(title="Another school's", slots=[time_slot(days=9)])
    factories.need(leader, title="A draft", slots=[time_slot(days=9)])
    named = factories.accepted_claim(on=factories.posted(leader, slots=[time_slot(days=11)]))
    EncounterNeed.objects.filter(pk=named.slot.need_id).update(title=f"Career talk by {named.claimant.name}")
    client, stranger = as_(leader), Client()
    client.post(f"{CALENDAR}link/")
    address = client.get(CALENDAR).context["link"]

    answer = stranger.get(address)
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert [(str(each["SUMMARY"]), str(each["STATUS"])) for each in events] == [
        (f"Booked: {booked.claimant.name}", "CONFIRMED"),
        ("Open (nobody yet)", "TENTATIVE"),
        (f"Career talk by {named.claimant.name}", "CONFIRMED"),
    ]
    assert booked.attendee.user.name not in answer.content.decode()
    assert events[0]["DTSTART"].dt == booked.slot.starts_at

    client.post(f"{CALENDAR}link/")
    assert stranger.get(address).status_code == 404
    second = client.get(CALENDAR).context["link"]
    assert stranger.get(second).status_code == 200
    client.post(f"{CALENDAR}link/revoke/")
    assert stranger.get(second).status_code == 404
    assert client.get(CALENDAR).context["link"] == ""


@pytest.mark.parametrize("token", ["x", "x~y", "0" * 32, "0" * 32 + "~" + "a" * 43])
def test_a_made_up_link_opens_nothing(token: str):
    assert Client().get(f"/calendar/{token}.ics").status_code == 404


def test_readers_neither_see_nor_make_the_link(leader: Membership):
    as_(leader).post(f"{CALENDAR}link/")
    governor = as_(factories.member(leader.organisation, Role.LINK_GOVERNOR))

    assert ".ics" not in text_of(governor.get(CALENDAR))
    assert governor.post(f"{CALENDAR}link/").status_code == 403
    assert CalendarLink.objects.get().revoked_at is None


def details(**changes: str) -> dict[str, str]:
    sent = {
        "day_starts_at": "8.40",
        "day_ends_at": "15:10",
        "rooms": "Library\n\n Main hall ",
        "entrance": "Gate B",
        "visitor_notes": "Park behind the gym.",
        "telephone": "(01632) 960042",
    }
    return sent | changes


def test_keeper_changes_how_visitors_are_received(leader: Membership):
    response = as_(leader).post(DETAILS, details(), follow=True)

    now = Hosting.objects.get()
    assert (now.day_starts_at, now.day_ends_at, now.rooms) == (
        time(8, 40),
        time(15, 10),
        ["Library", "Main hall"],
    )
    assert now.entrance == "Gate B"
    assert Organisation.objects.get().telephone == "01632 960042"
    assert "Saved." in text_of(response)
    assert Event.objects.get(type="accounts.organisation.changed.v1").data["changed"] == ["telephone"]
    event = Event.objects.latest("id")
    assert event.type == "brokerage.hosting.changed.v1"
    assert event.data["changed"] == ["day_ends_at", "day_starts_at", "entrance", "rooms", "visitor_notes"]


def test_a_number_left_as_it_was_shown_does_not_undo_what_a_register_brought(leader: Membership):
    ours = Organisation.objects.filter(pk=leader.organisation_id)
    ours.update(telephone="01632 960001")
    page = as_(leader).get(DETAILS).content.decode()
    assert '<input type="hidden" name="initial-telephone" value="01632 960001"' in page
    ours.update(telephone="01632 960002")

    shown = details(telephone="01632 960001") | {"initial-telephone": "01632 960001"}
    as_(leader).post(DETAILS, shown)
    assert ours.values_list("telephone", "telephone_is_own").get() == ("01632 960002", False)

    as_(leader).post(DETAILS, shown | {"telephone": ""})
    assert ours.values_list("telephone", "telephone_is_own").get() == ("", True)


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"day_starts_at": ""}, "day_starts_at", "Enter when the day starts"),
        ({"day_ends_at": "8"}, "day_ends_at", "The day must end after 08:40"),
        (
            {"telephone": "ask at reception"},
            "telephone",
            "Enter a telephone number, like 01632 960001 or 020 7946 0000.",
        ),
        ({"rooms": "x" * 61}, "rooms", "Use 60 characters or fewer for each room"),
        ({"rooms": "\n".join(f"Room {n}" for n in range(31))}, "rooms", "List up to 30 rooms"),
    ],
)
def test_slips_in_the_details_are_said_and_nothing_is_kept(
    leader: Membership, changes, field: str, message: str
):
    response = as_(leader).post(DETAILS, details(**changes))

    assert response.status_code == 422
    assert list(response.context["form"].errors[field]) == [message]
    assert Hosting.objects.get().entrance == "Report to reception on Sutton Road."


@pytest.mark.parametrize("role", OTHERS)
def test_others_read_the_details_only(leader: Membership, role: Role):
    client = as_(factories.member(leader.organisation, role))

    assert "Report to reception on Sutton Road." in text_of(client.get(DETAILS))
    assert '<form method="post" novalidate' not in text_of(client.get(DETAILS))
    assert client.post(DETAILS, details()).status_code == 403
    assert Hosting.objects.get().entrance == "Report to reception on Sutton Road."


def test_verbs_refuse_whoever_may_not(leader: Membership):
    adviser = factories.member(leader.organisation, Role.CAREERS_ADVISER)
    outsider = factories.member(factories.employer())
    for by in (adviser, outsider):
        with pytest.raises(NotAllowed):
            hosting.change(fields={"entrance": "Anywhere"}, by=by, at=timezone.now())
        with pytest.raises(NotAllowed):
            closures.add(kind="inset", label="INSET", first_on=timezone.localdate(), by=by, at=timezone.now())


def test_verb_refuses_what_it_does_not_know_and_rolls_that_belong_to_cohorts(leader: Membership):
    for fields in ({"colour": "red"}, {"rolls": {"9": 10}}):
        with pytest.raises(InvalidInput):
            hosting.change(fields=fields, by=leader, at=timezone.now())


def test_saving_the_same_details_is_no_event(leader: Membership):
    hosting.change(fields={"entrance": "Report to reception on Sutton Road."}, by=leader, at=timezone.now())

    assert not Event.objects.exists()
