"""Fairness through HTTP: who reads what at each stage, in which words, and a reply from beginning to end."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from brokerage.accounts.models import Membership, Organisation, Role, User
from brokerage.fairness import lifecycle, nightly
from brokerage.fairness.models import FairnessCase, Replay, SchoolEvidence, Trial
from brokerage.fairness.states import DECISIONS, CaseState, Tier
from brokerage.web import charts
from brokerage.web.cases import CasePage
from brokerage.web.evidence import Row, listed
from tests import factories
from tests.factories import access
from tests.web.fairness_world import Market, history, mixed

pytestmark = pytest.mark.django_db
BANNED = re.compile(
    r"\b(favours|blocks?|bias(ed)?|gatekeeper|refuses to|own sixth form|suspicious|in breach|compliant)\b"
)
INSIDE = {"leader", "senior", "governor"}
OUTSIDE = {"hub", "trust", "staff"}
NOBODY_ELSE = {"administrator", "adviser", "other hub", "provider"}
REVIEWED = [CaseState.REPLY_OPEN, CaseState.REVIEW]
WATCHED = [*REVIEWED, CaseState.CONFIRMED, CaseState.MONITORED]
# Stage: the moves that lead there.
STAGES: dict[str, list[CaseState]] = {
    "flagged": [],
    "reply_open": [CaseState.REPLY_OPEN],
    "review": REVIEWED,
    "confirmed": [*REVIEWED, CaseState.CONFIRMED],
    "explained": [*REVIEWED, CaseState.EXPLAINED],
    "withdrawn": [*REVIEWED, CaseState.WITHDRAWN],
    "monitored": WATCHED,
    "cleared": [*WATCHED, CaseState.CLEARED],
    "renewed": [*WATCHED, CaseState.RENEWED],
}
UNSEEN_OUTSIDE = ("flagged", "reply_open")
ENDED = ("withdrawn", "cleared", "renewed")
SENTENCE = "said yes within four weeks"


@dataclass
class Scene:
    school: Organisation
    market: Market
    people: dict[str, Any]
    run: Replay
    _clients: dict[str, Client] = field(default_factory=dict)

    @property
    def case(self) -> FairnessCase:
        return FairnessCase.objects.get(school=self.school)

    def flag(self) -> FairnessCase:
        case = lifecycle.flag(school=self.school, run=self.run, at=timezone.now() - timedelta(days=3))
        assert case is not None
        return case

    def get(self, who: str, path: str) -> Any:
        return self.client(who).get(path)

    def client(self, who: str) -> Client:
        if who not in self._clients:
            person, self._clients[who] = self.people[who], Client()
            self._clients[who].force_login(person.user if isinstance(person, Membership) else person)
        return self._clients[who]

    def text(self, who: str, path: str) -> str:
        return text_of(self.get(who, path))

    def silent(self, number: int = 0) -> str:
        """A technical request without an answer, that counts."""
        found = Trial.objects.filter(school=self.school, is_technical=True, is_bad=True, row=0)
        return str(found.order_by("number")[number].request)


def text_of(response: Any) -> str:
    plain = re.sub(
        r"<[^>]+>", " ", re.sub(r"<(script|style)\b.*?</\1>", "", response.content.decode(), flags=re.S)
    )
    return " ".join(unescape(plain).split())


@pytest.fixture
def scene() -> Scene:
    """Enough requests for pictures."""
    return build(technical=mixed({"g": 5, "l": 2, "r": 6, "s": 12}), other=mixed({"g": 22, "r": 6, "s": 2}))


@pytest.fixture
def small() -> Scene:
    """Too few for a picture: pages that are quickly made, for tables of many."""
    return build(technical="gss", other="ggrs")


def build(*, technical: str, other: str) -> Scene:
    hub, trust, market = factories.hub(), factories.trust(), Market()
    school = factories.school(name="Millrace High School", hub=hub, trust=trust)
    today = timezone.localdate()
    history(school, market, technical=technical, other=other, until=today)
    elsewhere = mixed({"g": 16, "r": 8})
    history(factories.school(), market, technical=elsewhere, other=elsewhere, until=today)
    people = {
        "leader": factories.member(school),
        "senior": factories.member(school, Role.SENIOR_LEADER),
        "governor": factories.member(school, Role.LINK_GOVERNOR),
        "administrator": factories.member(school, Role.CAREERS_ADMINISTRATOR),
        "adviser": factories.member(school, Role.CAREERS_ADVISER),
        "hub": factories.member(hub),
        "trust": factories.member(trust),
        "other hub": factories.member(factories.hub()),
        "provider": factories.member(market.technical[0]),
        "staff": User.objects.create_user(email="staff@doorway.test", is_staff=True, name="Helen Marsh"),
    }
    run = nightly.replay(on=today - timedelta(days=1), at=timezone.now() - timedelta(days=4))
    return Scene(school, market, people, run)


def bring_to(scene: Scene, stage: str) -> None:
    now = timezone.now()
    for state in STAGES[stage]:
        more: dict[str, Any] = {}
        if state == CaseState.REVIEW:
            more = {"review_from": now}
        if state in DECISIONS:
            more = {
                "decision": state,
                "reviewer": scene.people["staff"],
                "decided_at": now,
                "reason": "The hall was closed until April.",
            }
        if state in ENDED:
            more |= {"ended_at": now}
        FairnessCase.objects.update(state=state, **more)


class UndoneError(Exception):
    pass


@contextmanager
def undone() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
            raise UndoneError
    except UndoneError:
        pass


# Who reads what


def test_who_opens_which_page_at_each_stage(small: Scene) -> None:
    """One world, each stage in a savepoint of its own: page x role x stage, all cells."""
    small.flag()
    one = f"/fairness/cases/{small.case.public_id}/"
    assert set(small.people) == INSIDE | OUTSIDE | NOBODY_ELSE
    assert set(STAGES) == set(CaseState)
    for who in small.people:
        small.client(who)  # signed in outside the savepoints
    for stage in STAGES:
        with undone():
            bring_to(small, stage)
            ours = ("/fairness/", "/fairness/requests/")
            paths = (*ours, one, f"{one}requests/", f"{one}bundle.json", f"{one}reply/")
            answers = {(path, who): small.get(who, path) for path in paths for who in small.people}
            opened = {
                path: {who for who in small.people if answers[path, who].status_code == 200} for path in paths
            }
            shown = {who for who in INSIDE if SENTENCE in text_of(answers["/fairness/", who])}
            readers = INSIDE if stage in UNSEEN_OUTSIDE else INSIDE | OUTSIDE
            assert opened == {
                "/fairness/": INSIDE,
                "/fairness/requests/": {"leader"} if stage in ENDED else INSIDE,
                one: readers,
                f"{one}requests/": readers,
                f"{one}bundle.json": readers,
                f"{one}reply/": INSIDE,
            }, stage
            assert shown == ({"leader"} if stage in ENDED else INSIDE), stage
            figures = {who for who in OUTSIDE if SENTENCE in text_of(answers[one, who])}
            assert figures == (set() if stage in (*UNSEEN_OUTSIDE, *ENDED) else OUTSIDE), stage
            lists = {who: small.text(who, "/fairness/cases/") for who in OUTSIDE}
            assert ("1 case cleared so far." in lists["hub"]) == (stage == "cleared")
            listed = {who for who in OUTSIDE if "Millrace High School" in lists[who]}
            assert listed == (set() if stage in (*UNSEEN_OUTSIDE, "withdrawn") else OUTSIDE), stage


@pytest.mark.parametrize("tier", [Tier.EARLY_NOTICE, Tier.NO_CONCERN, Tier.INSUFFICIENT])
def test_without_a_case_the_careers_leader_alone_reads_figures(scene: Scene, tier: Tier) -> None:
    SchoolEvidence.objects.filter(school=scene.school).update(tier=tier)

    assert str(tier.label) in scene.text("leader", "/fairness/")
    for who in ("senior", "governor"):
        page = scene.text(who, "/fairness/")
        assert "There is no case" in page
        assert not [each for each in Tier if str(each.label) in page]
        assert " of 25" not in page
        assert scene.get(who, "/fairness/requests/").status_code == 404


def test_the_line_that_says_who_sees_it_follows_the_stage(scene: Scene) -> None:
    assert "Seen by the careers leader only." in scene.text("leader", "/fairness/")
    scene.flag()
    assert "trust and careers hub don’t see it while you reply" in scene.text("leader", "/fairness/")
    bring_to(scene, "review")
    assert "your trust and your careers hub" in scene.text("leader", "/fairness/")
    assert "its trust and its careers hub" in scene.text("hub", f"/fairness/cases/{scene.case.public_id}/")


# Words and figures


def test_no_page_says_more_than_figures_can(scene: Scene) -> None:
    pages = [scene.text("leader", "/fairness/")]
    for tier in Tier:
        with undone():
            SchoolEvidence.objects.filter(school=scene.school).update(tier=tier)
            pages.append(scene.text("leader", "/fairness/"))
    one = f"/fairness/cases/{scene.flag().public_id}/"
    scene.client("staff")
    for stage in ("flagged", "review", "monitored"):
        with undone():
            bring_to(scene, stage)
            paths = ("/fairness/", one, f"{one}requests/", f"{one}reply/", "/fairness/method/")
            pages += [scene.text("leader", path) for path in paths]
            pages.append(scene.text("staff", "/fairness/cases/"))

    assert [found.group() for page in pages if (found := BANNED.search(page.lower()))] == []


def test_the_sentence_counts_what_was_granted_within_four_weeks(scene: Scene) -> None:
    SchoolEvidence.objects.filter(school=scene.school).update(tier=Tier.FLAG)
    page = scene.text("leader", "/fairness/")

    assert (
        "Millrace High School said yes within four weeks to 22 of 30 requests from universities, employers and"
        " others, and to 5 of 25 from colleges and apprenticeship providers." in page
    )
    assert "Figures can show a difference. They can’t say why." in page
    assert "an answer inside 10 school days isn’t late" in page


def test_odds_are_said_from_an_early_notice_on(scene: Scene) -> None:
    evidence = SchoolEvidence.objects.filter(school=scene.school)
    evidence.update(tier=Tier.NO_CONCERN, e=2000, threshold=640)
    assert "the odds" not in scene.text("leader", "/fairness/").split("Figures can show")[0]

    evidence.update(tier=Tier.EARLY_NOTICE)
    page = scene.text("leader", "/fairness/")
    assert "rather than chance are about 59 to 1" in page  # 19 x 2000 / 640
    assert "About one in three of these turns out to be nothing." in page


def test_what_happened_counts_each_request_once(scene: Scene) -> None:
    page = _page(scene, "leader")
    others, technical = page.happened.groups

    assert (technical.counts, others.counts) == ((5, 2, 6, 12), (22, 0, 6, 2))
    assert page.reasons[:3] == [
        ("Refused, put off, or no date agreed", "6 of 30", "6 of 25"),
        ("No answer by day 28", "2 of 30", "12 of 25"),
        ("Answered after more than 7 days", "0 of 28", "0 of 11"),
    ]
    waits = page.waiting.technical.waits
    assert sorted((wait.days, wait.answered) for wait in waits if wait.answered) == (
        [(4, True)] * 6 + [(5, True)] * 5 + [(35, True)] * 2
    )
    assert sum(not wait.answered for wait in waits) == 12


def test_each_step_of_the_evidence_opens_its_request(scene: Scene) -> None:
    page = _page(scene, "leader")
    opened = {step.href for step in page.over_time.steps}

    assert opened == {f"/school/requests/{each.public_id}/" for each in page.requests if each.is_counted}
    assert page.over_time.steps[-1].e == pytest.approx(page.evidence.e if page.evidence else 0)


def test_a_step_opens_its_place_in_the_list_for_whom_no_request_has_a_page(scene: Scene) -> None:
    """Trust, hub and staff: the page of the list on which it stands, wherever that page begins."""
    one = f"/fairness/cases/{scene.flag().public_id}/"
    bring_to(scene, "review")
    steps = scene.get("hub", one).context["page"].over_time.steps
    opened = {step.href for step in steps}
    assert len({href.partition("#")[0] for href in opened}) == 3
    for href in sorted(opened):
        path, _, place = href.partition("#")
        assert path.startswith(f"{one}requests/")
        assert f'id="{place}"' in scene.get("hub", path).content.decode()


def test_the_list_has_every_request_once_page_by_page(scene: Scene) -> None:
    """And beside each the steps it made, of which the page itself tells the last alone."""
    page, path, seen = _page(scene, "leader"), "/fairness/requests/", []
    while path:
        answer = scene.get("leader", path)
        found = answer.context["found"]
        seen += [row.public_id for row in found.items]
        path = f"/fairness/requests/?after={found.next}" if found.next else ""
        assert len(found.items) <= 20
    assert seen == [each.public_id for each in page.requests]
    assert sum(len(row.steps) for row in page.rows) == len(page.over_time.steps) > 20

    shown = answer.content.decode()
    assert all(step in unescape(shown) for row in found.items for step in row.steps)
    table = charts.figure(page.over_time).table
    assert table is not None
    assert (len(table.rows), table.rest and table.rest.href) == (20, "/fairness/requests/")


def test_a_new_request_moves_no_page_of_the_list() -> None:
    rows = [str(number) for number in range(50)]
    (*_, last), following = listed(rows, str, None)
    assert (last, following) == ("19", "19")
    assert listed(["new", *rows], str, following)[0][0] == "20"
    assert listed(rows, str, "39") == (rows[40:], None)
    assert listed(rows, str, "not one of them")[0] == rows[:20]


def test_under_ten_requests_there_are_counts_alone() -> None:
    market, today = Market(), timezone.localdate()
    school = factories.school()
    leader = factories.member(school)
    history(school, market, technical="gss", other="ggrs", until=today)
    nightly.replay(on=today - timedelta(days=1), at=timezone.now())
    client = Client()
    client.force_login(leader.user)
    response = client.get("/fairness/")
    page = text_of(response)

    assert "7 requests so far. That’s too few to say anything either way." in page
    assert "2 of 4" in page
    assert "1 of 3" in page
    assert "%" not in page
    assert "the odds" not in page
    assert "in 10 " not in page.replace("inside 10 school days", "")
    assert b"dw-chart" not in response.content


def test_nothing_asked_is_nothing_to_say() -> None:
    leader = factories.member(factories.school())
    client = Client()
    client.force_login(leader.user)

    assert "No requests so far." in text_of(client.get("/fairness/"))


def test_the_method_is_what_the_documents_say() -> None:
    """One text: a page that says something else than docs/fairness-for-head-teachers.md is wrong."""
    written = Path("docs/fairness-for-head-teachers.md").read_text()
    words = re.findall(r"[\w.,:;«»']+", re.sub(r"\|[-|]+\||\*\*|[#|]", " ", written))
    page = text_of(Client().get("/fairness/method/"))

    assert " ".join(words) in " ".join(re.findall(r"[\w.,:;«»']+", page))


# A reply, from beginning to end


def test_a_school_replies_and_a_reviewer_decides(scene: Scene) -> None:
    case = scene.flag()
    one, leader, hub = f"/fairness/cases/{case.public_id}/", scene.client("leader"), scene.client("hub")
    contested, kept = scene.silent(), scene.silent(1)
    held = access.held_elsewhere(scene.people["leader"], scene.market.technical[1])

    for request in (contested, kept):
        sent = leader.post(
            f"{one}contest/", {"request": request, "ground": "agreed_elsewhere", "note": "By e-mail."}
        )
        assert sent.status_code == 302
    assert leader.post(f"{one}encounter/", {"encounter": held.public_id}).status_code == 302
    assert leader.post(f"{one}context/", {"context": "The hall was closed."}).status_code == 302
    assert hub.get(one).status_code == 404
    assert leader.post(f"{one}send/").status_code == 302

    assert "1 to decide" in text_of(hub.get("/fairness/cases/"))
    page = text_of(hub.get(one))
    assert "The hall was closed." in page
    assert "Conflict check" in page
    early = hub.post(f"{one}decide/", {"decision": "explained", "reason": "It was the hall."})
    assert early.status_code == 409
    assert "It was the hall." in text_of(early)

    for request, accept in ((contested, "yes"), (kept, "no")):
        fields = {f"{request}-accept": accept, f"{request}-answer": "The college was asked."}
        assert hub.post(f"{one}contests/{request}/", fields).status_code == 302
    case.refresh_from_db()
    assert case.e_now < json.loads(case.bundle.content)["figures"]["e"]
    assert (
        hub.post(f"{one}decide/", {"decision": "explained", "reason": "It was the hall."}).status_code == 302
    )

    read = scene.text("governor", "/fairness/")
    today = timezone.localdate()
    assert (
        f"Explained on {today:%A} {today.day} {today:%B} by {scene.people['hub'].user}, for these reasons."
        in read
    )
    assert "It was the hall." in read
    marks = [_row(scene, request).counted for request in (contested, kept)]
    assert marks == ["No: taken out by the reviewer", "Yes: contested, still counts"]


def test_what_is_missing_comes_back_with_what_was_typed(scene: Scene) -> None:
    one = f"/fairness/cases/{scene.flag().public_id}/"
    leader = scene.client("leader")

    answer = leader.post(f"{one}contest/", {"request": scene.silent(), "note": "By e-mail."})
    assert answer.status_code == 422
    assert "Choose why it shouldn’t count" in text_of(answer)
    assert "By e-mail." in text_of(answer)
    assert leader.post(f"{one}contest/", {"request": "", "ground": "other"}).status_code == 422
    assert leader.post(f"{one}context/", {"context": " "}).status_code == 422
    assert leader.post(f"{one}encounter/", {"encounter": "none"}).status_code == 404
    for path in ("contest/", "context/", "encounter/", "send/"):
        assert scene.client("hub").post(f"{one}{path}").status_code == 404


def test_a_governor_reads_the_reply_and_writes_nothing(scene: Scene) -> None:
    one = f"/fairness/cases/{scene.flag().public_id}/"
    governor = scene.client("governor")

    assert b"<form class" not in governor.get(f"{one}reply/").content
    assert "Reply now" not in scene.text("governor", "/fairness/")
    assert governor.post(f"{one}context/", {"context": "Mine."}).status_code == 403
    assert governor.post(f"{one}send/").status_code == 403


def test_an_empty_reply_stays_and_after_sending_nothing_can_be_added(scene: Scene) -> None:
    one = f"/fairness/cases/{scene.flag().public_id}/"
    leader = scene.client("leader")
    assert "Nothing is saved yet" in text_of(leader.post(f"{one}send/", follow=True))
    leader.post(f"{one}context/", {"context": "The hall was closed for the spring."})
    assert "your context: “The hall was closed for the spring.”" in text_of(leader.get(f"{one}reply/"))
    leader.post(f"{one}send/")

    late = leader.post(f"{one}context/", {"context": "One more thing."})
    assert late.status_code == 409
    assert "The time to reply is over." in text_of(late)
    assert "Send reply" not in text_of(leader.get(f"{one}reply/"))


def test_who_works_with_a_party_passes_the_case_on(scene: Scene) -> None:
    case = scene.flag()
    bring_to(scene, "review")
    factories.member(scene.market.technical[2], user=scene.people["hub"].user)
    one = f"/fairness/cases/{case.public_id}/"
    hub = scene.client("hub")

    assert "You work with a provider in this case. Pass it on." in text_of(hub.get(one))
    assert "Record decision" not in text_of(hub.get(one))
    decision = {"decision": "explained", "reason": "It was the hall."}
    assert hub.post(f"{one}decide/", decision).status_code == 403
    assert "You can read, not decide" in scene.text("trust", one)
    assert scene.client("trust").post(f"{one}decide/", decision).status_code == 403
    assert scene.client("leader").post(f"{one}decide/", decision).status_code == 403
    assert scene.client("staff").post(f"{one}decide/", decision).status_code == 302


def test_the_bundle_is_handed_out_byte_for_byte(scene: Scene) -> None:
    case = scene.flag()
    answer = scene.get("leader", f"/fairness/cases/{case.public_id}/bundle.json")

    assert sha256(answer.content).hexdigest() == case.bundle.sha256
    assert case.bundle.sha256 in scene.text("leader", f"/fairness/cases/{case.public_id}/reply/")
    assert answer["Content-Disposition"].startswith("attachment;")


def _page(scene: Scene, who: str) -> CasePage:
    page = scene.get(who, "/fairness/").context["page"]
    assert isinstance(page, CasePage)
    return page


def _row(scene: Scene, request: str) -> Row:
    return next(row for row in _page(scene, "leader").rows if row.public_id == request)
