"""schemathesis against a real server: no 500, no answer that the schema doesn't describe."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection
from knox.models import AuthToken

from config.local import ROOT
from tests import factories
from tests.factories import access
from tests.factories.market import time_slot
from tests.scenarios import processes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.processes]

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "response_headers_conformance,negative_data_rejection,unsupported_method,ignored_auth"
)
EXAMPLES = os.environ.get("DOORWAY_FUZZ_EXAMPLES", "12")


@pytest.fixture
def market():
    """A need with open times and claims in every state that an act can start from."""
    leader = factories.member(factories.school(easting=406000, northing=286000))
    coordinator = factories.member(factories.employer(easting=407000, northing=287000))
    open_needs = [factories.posted(leader, slots=[time_slot(days=20 + n, places=900)]) for n in range(3)]
    chosen = factories.posted(leader, slots=[time_slot(places=900)], allocation="school_chooses")
    waiting = [factories.submitted_claim(coordinator, on=chosen, attendee=None)]
    waiting += [factories.submitted_claim(on=chosen) for _ in range(4)]
    booked = [factories.accepted_claim(coordinator, on=need, attendee=None) for need in open_needs]
    past = factories.accepted_claim(coordinator, on=factories.posted(leader, slots=[time_slot(days=40)]))
    factories.over(past)
    draft = factories.need(leader)
    needs = [*open_needs, chosen, draft]
    asked = [access.asked(coordinator, of=leader.organisation, year_groups=[year]) for year in (8, 9, 10)]
    asked += [access.asked(of=leader.organisation, year_groups=[12]) for _ in range(4)]
    known = {
        "need_id": [str(need.public_id) for need in needs],
        "claim_id": [str(claim.public_id) for claim in [*waiting, *booked, past]],
        "encounter_id": [str(claim.slot.encounter.public_id) for claim in [*booked, past]],
        "slot": [str(factories.slot_of(need).public_id) for need in open_needs],
        "request_id": [str(request.public_id) for request in asked],
        "duplicate_of": [str(asked[0].public_id)],
        "school": [str(leader.organisation.public_id)],
        "school_id": [str(leader.organisation.public_id)],
        "visitor": [str(coordinator.public_id)],
        "attendee": [str(coordinator.public_id)],
    }
    return {"leader": leader, "coordinator": coordinator, "known": known}


@pytest.mark.parametrize(("who", "phase"), [("leader", "coverage"), ("coordinator", "fuzzing")])
def test_published_schema_describes_every_answer(market, who, phase, tmp_path):
    token = AuthToken.objects.create(user=market[who].user)[1]
    database = connection.settings_dict["NAME"]
    root, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    environment = {"DATABASE_URL": f"{root}/{database}", "DJANGO_SETTINGS_MODULE": "config.settings.testing"}
    with processes.all_stopped() as started:
        server = processes.web(environment)
        started.append(server)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run"),
                f"http://127.0.0.1:{server.port}/api/v1/schema/",
                *("--header", f"Authorization: Token {token}"),
                *("--checks", CHECKS, "--phases", phase, "--max-examples", EXAMPLES),
                *("--exclude-operation-id", "auth_logout", "--warnings", "off", "--no-color"),
                *("--continue-on-failure", "--seed", "1", "--generation-database", "none"),
            ],
            cwd=tmp_path,
            env=os.environ
            | {
                "DOORWAY_KNOWN_IDS": json.dumps(market["known"]),
                "SCHEMATHESIS_HOOKS": "tests.api.fuzzing",
                "PYTHONPATH": str(ROOT),
            },
            capture_output=True,
            text=True,
            timeout=300,
        )
        tracebacks = "Traceback" in server.words()
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]
    assert not tracebacks
