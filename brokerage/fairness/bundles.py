"""A flag's evidence, frozen whole: enough to be run again anywhere with the same figures. Pure."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from brokerage.fairness.evidence import Nation
from brokerage.fairness.held import (
    ENGINE_VERSION,
    Figures,
    Held,
    Here,
    National,
    e_without,
    events_of,
    figures,
)
from brokerage.fairness.parameters import Parameters
from brokerage.fairness.stream import DAY_0, StreamEvent, parse_event
from brokerage.fairness.trials import Trials

FORMAT: Final = "doorway.fairness.bundle.v1"


class BundleError(Exception):
    """Not a bundle, or not one that this engine can run; the sentence says why."""


@dataclass(frozen=True)
class Run:
    """A bundle run again."""

    trials: Trials
    nation: Nation
    figures: Figures

    def without(self, requests: Iterable[str]) -> float:
        """E with these requests taken out, all else as frozen."""
        return e_without(self.trials, frozenset(requests), self.nation)


def freeze(
    *,
    school: str,
    name: str,
    on: date,
    stream: Sequence[StreamEvent],
    held: Held,
    trials: Trials,
    national: National,
    here: Here,
) -> str:
    """The text that is kept and handed out, byte for byte. `figures` are what running it again gives."""
    found = figures(trials, held.nation, held.popularity.names, name=name, prevalence=national.prevalence)
    content = {
        "format": FORMAT,
        "engine": ENGINE_VERSION,
        "parameters": parameters_as_json(held.settings),
        "school": school,
        "name": name,
        "day_0": held.day_0.isoformat(),
        "on": on.isoformat(),
        "national": national.as_json(held.popularity.names),
        "here": {provider: list(sums) for provider, sums in here.items()},
        "stream": [event.data for event in stream],
        "scored": [
            [case, int(row), float(offset), float(popularity)]
            for case, row, offset, popularity in zip(
                trials.case, trials.row, trials.offset, trials.popularity, strict=True
            )
        ],
        "figures": dataclasses.asdict(found),
    }
    return canonical(content)


def canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def rerun(text: str) -> Run:
    """Raises BundleError."""
    try:
        content = json.loads(text)
        if content["format"] != FORMAT:
            raise BundleError(f"This is {content['format']}; this engine runs {FORMAT}")
        if content["engine"] != ENGINE_VERSION:
            raise BundleError(
                f"This was frozen by engine {content['engine']}; this is engine {ENGINE_VERSION}"
            )
        return _run(content)
    except (ValueError, KeyError, TypeError) as problem:
        raise BundleError(f"Not a bundle that can be read: {problem!r}") from problem


def requests_in(text: str) -> set[str]:
    """Those that were scored."""
    return {case for case, *_ in json.loads(text)["scored"]}


def _run(content: Mapping[str, Any]) -> Run:
    national = National.from_json(content["national"])
    scored = {(case, row): (offset, popularity) for case, row, offset, popularity in content["scored"]}
    here = {provider: (sums[0], sums[1]) for provider, sums in content["here"].items()}
    settings = parameters_from_json(content["parameters"])
    # The first bundles didn't say: theirs is the stream's own.
    day_0 = date.fromisoformat(content.get("day_0", DAY_0.isoformat()))
    held = Held(content["school"], national, scored, here, settings, day_0=day_0)
    until = (date.fromisoformat(content["on"]) - day_0).days
    trials = events_of(held, [parse_event(row, day_0) for row in content["stream"]], until)
    found = figures(
        trials, held.nation, held.popularity.names, name=content["name"], prevalence=national.prevalence
    )
    return Run(trials, held.nation, found)


def parameters_as_json(settings: Parameters) -> dict[str, Any]:
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in dataclasses.asdict(settings).items()
    }


def parameters_from_json(data: Mapping[str, Any]) -> Parameters:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    return Parameters(**values | {"technical_kinds": frozenset(values["technical_kinds"])})


def parameters_sha256(settings: Parameters) -> str:
    return digest(canonical(parameters_as_json(settings)))
