"""Lock files name hashes and no registry; front-end packages are pinned; the generated ones are themed."""

import json
import re
from pathlib import Path

import pytest

from config.local import ROOT, assets

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
ADDRESS = re.compile(
    r"https?://|--(?:extra-)?index-url|--find-links|file:|(?<![\w.])/(?:root|home|work|tmp|opt)/"
)


def requirements(path: Path) -> list[str]:
    joined = path.read_text().replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def test_there_is_a_lock_file_for_each_list() -> None:
    assert [path.stem for path in LOCKS] == sorted(path.stem for path in (ROOT / "requirements").glob("*.in"))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_file_names_no_registry_and_no_path_of_a_machine(path: Path) -> None:
    assert ADDRESS.findall(path.read_text()) == []


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_one_version_and_its_hashes(path: Path) -> None:
    lines = requirements(path)
    assert lines
    assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []


@pytest.mark.parametrize(("smaller", "larger"), [("base", "local"), ("local", "dev")])
def test_the_larger_set_has_all_of_the_smaller_at_the_same_versions(smaller: str, larger: str) -> None:
    names = [
        {line.split()[0] for line in requirements(ROOT / f"requirements/{name}.txt")}
        for name in (smaller, larger)
    ]
    assert names[0] - names[1] == set()


def test_front_end_packages_are_pinned_exactly_and_locked_without_an_address() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    entries = [entry for name, entry in locked.items() if name]
    assert [entry for entry in entries if "resolved" in entry or "integrity" not in entry] == []
    assert "registry" not in (ROOT / "package-lock.json").read_text()


def test_theming_swaps_the_typeface_and_takes_out_what_is_not_ours() -> None:
    themed, pictures = assets.theme(
        "@font-face{font-family:GDS Transport;src:url(/assets/fonts/a.woff2)}"
        ".a{font-family:GDS Transport,arial,sans-serif}"
        ".b{background:url(/assets/images/govuk-crest.svg)}"
        ".c{background:url(/assets/images/icon-document.svg)}/*# sourceMappingURL=x.css.map */"
    )
    assert themed == (
        f".a{{font-family:{assets.FONTS}}}.b{{background:none}}.c{{background:url(images/icon-document.svg)}}"
    )
    assert pictures == ["icon-document.svg"]


@pytest.mark.parametrize("leftover", [".a{font-family:GDS Transport}", '@import "x";', ".a{src:url(/x.png)}"])
def test_theming_refuses_a_sheet_it_cannot_make_ours(leftover: str) -> None:
    with pytest.raises(assets.SetupError, match="still says"):
        assets.theme(leftover)


def test_the_served_files_are_the_named_ones_and_no_crest_or_foreign_typeface_is_among_them() -> None:
    served = {str(path.relative_to(assets.TARGET)) for path in assets.TARGET.rglob("*") if path.is_file()}
    named = {*assets.STYLE_SHEETS.values(), *assets.SCRIPTS.values(), *assets.OTHER_FILES.values()}
    assert named - served == set()
    assert [name for name in served - named if not re.fullmatch(r"\w+/images/icon-[a-z-]+\.svg", name)] == []
    for name in assets.STYLE_SHEETS.values():
        sheet = (assets.TARGET / name).read_text()
        assert not [word for word in assets.LEFTOVERS if word in sheet]
        for picture in re.findall(r"url\((images/[^)]+)\)", sheet):
            assert (assets.TARGET / name).parent.joinpath(picture).exists()
