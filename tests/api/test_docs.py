import re

import yaml
from django.test import Client

from config.local import ROOT
from tests.api.conftest import V1


def test_schema_is_everybodys_as_yaml_or_json():
    told = yaml.safe_load(Client().get(V1 + "schema/").content)
    assert told["openapi"].startswith("3.")
    assert told == Client().get(V1 + "schema/", headers={"Accept": "application/json"}).json()
    assert told["paths"] == yaml.safe_load((ROOT / "docs/openapi.yml").read_text())["paths"]


def test_every_operation_says_what_it_refuses():
    paths = yaml.safe_load(Client().get(V1 + "schema/").content)["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            answers = set(operation["responses"])
            assert {"406", "503"} <= answers, (path, method)
            assert ("404" in answers) == ("{" in path)
            assert ("401" in answers) == (path != "/api/v1/vocabulary/")
            for status, answer in operation["responses"].items():
                if status >= "400":
                    assert set(answer["content"]) == {"application/problem+json"}, (path, method, status)


def test_docs_ask_no_other_host_and_loosen_the_policy_only_for_themselves():
    page = Client().get(V1 + "docs/")
    script = Client().get(V1 + "docs/?script=")
    assert page.status_code == script.status_code == 200
    for text in (page.content.decode(), script.content.decode()):
        assert not re.search(r"https?://(?!testserver)", text), text
        assert not re.search(r"<script(?![^>]*src=)[^>]*>\s*\S", text)
    assert "style-src 'self' 'unsafe-inline'" in page["Content-Security-Policy"]
    assert "unsafe-inline" not in Client().get(V1 + "vocabulary/")["Content-Security-Policy"]


def test_only_a_key_used_twice_answers_422():
    paths = yaml.safe_load(Client().get(V1 + "schema/").content)["paths"]
    operations = [each for path in paths.values() for each in path.values()]

    with_key = {
        each["operationId"] for each in operations if "Idempotency-Key" in str(each.get("parameters"))
    }
    assert {each["operationId"] for each in operations if "422" in each["responses"]} == with_key
    assert "needs_create" in with_key
