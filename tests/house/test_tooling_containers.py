"""The production files: valid by the Compose schema, one public port, no secret inside."""

import json
import re
from typing import Any

import jsonschema
import pytest
import yaml

from config.local import ROOT

COMPOSE = ROOT / "docker-compose.yml"
SCHEMA = ROOT / "tests/house/vendor/compose-spec.json"
SECRETS = {"SECRET_KEY", "POSTGRES_PASSWORD", "VALKEY_PASSWORD", "EMAIL_URL"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text())


def test_compose_file_is_valid_by_the_official_schema(compose: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    assert [error.message for error in validator.iter_errors(compose)] == []
    assert list(validator.iter_errors({"services": {"web": {"comand": "web"}}}))


def test_compose_has_every_process_of_doorway(compose: dict[str, Any]) -> None:
    wanted = {"proxy", "web", "sockets", "worker", "beat", "migrate", "postgres", "valkey"}
    assert set(compose["services"]) == wanted


def test_only_the_proxy_is_public_and_at_one_port(compose: dict[str, Any]) -> None:
    public = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert list(public) == ["proxy"]
    assert len(public["proxy"]) == 1


def test_every_lasting_service_says_whether_it_is_well(compose: dict[str, Any]) -> None:
    silent = [name for name, service in compose["services"].items() if "healthcheck" not in service]
    assert silent == ["migrate"]


def test_nothing_serves_before_the_migrations_are_done(compose: dict[str, Any]) -> None:
    for name in ("web", "sockets", "worker", "beat"):
        needed = compose["services"][name]["depends_on"]["migrate"]
        assert needed == {"condition": "service_completed_successfully"}


def test_every_network_and_volume_named_is_declared(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert set(service.get("networks", [])) - set(compose["networks"]) == set()
        named = [volume.partition(":")[0] for volume in service.get("volumes", [])]
        assert {name for name in named if not name.startswith(".")} - set(compose["volumes"]) == set()


def test_the_workers_temporary_files_lie_on_disk(compose: dict[str, Any]) -> None:
    worker, others = compose["services"]["worker"], compose["services"]["web"]["environment"]
    folder = worker["environment"]["TMPDIR"]
    assert folder in [volume.split(":")[1] for volume in worker["volumes"]]
    assert folder not in worker["tmpfs"]
    assert {**others, "TMPDIR": folder} == worker["environment"]


def test_secrets_have_no_default_and_the_example_names_them_empty() -> None:
    text = COMPOSE.read_text()
    example = (ROOT / ".env.example").read_text()
    assert {name for name in SECRETS if not re.search(rf"\$\{{{name}:\?", text)} == set()
    assert re.findall(rf"\$\{{(?:{'|'.join(SECRETS)})(?!:\?)", text) == []
    assert {name for name in SECRETS if not re.search(rf"^{name}=$", example, re.M)} == set()


def test_the_example_names_every_variable_compose_reads() -> None:
    read = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text()))
    named = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert read == named


def test_compose_hands_on_each_number_of_the_clock_with_its_default(compose: dict[str, Any]) -> None:
    settings = (ROOT / "config/settings/base.py").read_text()
    read = re.findall(r'env\.int\("(CLOCK_\w+)", (\d+)\)', settings)
    assert read
    handed = compose["services"]["web"]["environment"]
    assert {name: handed.get(name) for name, _ in read} == {
        name: f"${{{name}:-{usual}}}" for name, usual in read
    }
    example = (ROOT / ".env.example").read_text()
    assert [name for name, usual in read if f"\n{name}={usual}\n" not in example] == []


def test_each_container_asks_the_entry_point_for_a_role_it_knows(compose: dict[str, Any]) -> None:
    roles = set(re.findall(r"^(\w+)\)$", (ROOT / "docker/entrypoint").read_text(), re.M))
    asked = {
        tuple(service["command"])
        for name, service in compose["services"].items()
        if service.get("image") == "doorway"
    }
    assert asked == {(role,) for role in roles}


def test_the_proxy_sends_sockets_to_sockets_and_the_rest_to_web() -> None:
    proxy = (ROOT / "docker/Caddyfile").read_text()
    ways = re.findall(r"handle( [^ {]+)? \{[^}]*reverse_proxy (\S+)", proxy)
    assert ways == [(" /ws/*", "sockets:8001"), ("", "web:8000")]


def test_a_slow_or_endless_body_is_the_proxys_trouble() -> None:
    proxy = (ROOT / "docker/Caddyfile").read_text()
    assert re.search(r"request_body \{\s+max_size 2MB", proxy)
    assert re.search(r"reverse_proxy web:8000 \{\s+request_buffers 2MB", proxy)


def test_the_image_copies_only_files_that_exist_and_runs_as_nobody_special() -> None:
    recipe = (ROOT / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", recipe, re.M)
    names = [name for line in copied for name in line.split()]
    assert names
    assert [name for name in names if not (ROOT / name).exists()] == []
    assert re.findall(r"^USER (\w+)$", recipe, re.M) == ["doorway"]


def test_what_must_not_enter_the_image_is_kept_out() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", ".git", ".venv", "var", "node_modules"} - set(ignored) == set()
