"""One world through the engine and through each simpler rule, scored against its truth."""

import json
import math
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from benchmarks.fairness_oracle import findable
from benchmarks.fairness_rules import CUSUM, RULES, named
from benchmarks.fairness_worlds import YEAR, World, rows, truth
from brokerage.fairness.engine import Engine
from brokerage.fairness.findings import Finding
from brokerage.fairness.scoring import Score, score
from brokerage.fairness.stream import StreamEvent, parse_event, read_events, read_schools

ENGINE: Final = "the engine"
NOTICE: Final = "the engine's early notice"
EVERY_RULE: Final = (ENGINE, NOTICE, *RULES, CUSUM)


@dataclass(frozen=True)
class Played:
    """One world: how each rule did, and what it cost. Seconds are of processor time."""

    name: str
    schools: int
    requests: int
    trials: int
    scores: dict[str, Score]
    busy: tuple[int, int]
    """Honest but busy schools flagged, of how many."""
    spammed: int
    reading: float
    """0 where no file was read."""
    total: float

    @property
    def deciding(self) -> float:
        return self.total - self.reading

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        scores = {rule: Score(**one) for rule, one in kept["scores"].items()}
        return cls(**{**kept, "scores": scores, "busy": tuple(kept["busy"])})


def scenario(name: str, folder: Path) -> Played:
    """The floor first: the same file, read and parsed, nothing done with it."""
    _say(f"scenario {name}")
    told = json.loads((folder / f"{name}.truth.json").read_text())
    events = folder / f"{name}.events.jsonl.gz"
    return _from_files(name, events, folder / f"{name}.schools.jsonl", told)


def names(folder: Path) -> list[str]:
    return sorted(path.name.removesuffix(".events.jsonl.gz") for path in folder.glob("*.events.jsonl.gz"))


def nation(name: str, world: World, *, through_file: bool) -> Played:
    """`through_file`: as any stream, so that its time can be told; otherwise straight to the engine, which is
    quicker."""
    _say(f"nation: {name}")
    schools, events = rows(world)
    told, ids = truth(world, schools), [school.id for school in schools]
    del schools
    if not through_file:
        return _played(name, ids, map(parse_event, events), told, reading=0.0, world=world)
    with tempfile.TemporaryDirectory() as folder:
        stream, listed = Path(folder) / "n.events.jsonl", Path(folder) / "n.schools.jsonl"
        with stream.open("w") as file:
            file.writelines(json.dumps(row) + "\n" for row in events)
        listed.write_text("".join(json.dumps({"id": id_}) + "\n" for id_ in ids))
        del events
        return _from_files(name, stream, listed, told, world)


def _from_files(
    name: str, events: Path, schools: Path, told: dict[str, Any], world: World | None = None
) -> Played:
    began = time.process_time()
    for _ in read_events(events):
        pass
    reading = time.process_time() - began
    return _played(name, read_schools(schools), read_events(events), told, reading=reading, world=world)


def _played(
    name: str,
    schools: list[str],
    events: Iterable[StreamEvent],
    told: dict[str, Any],
    *,
    reading: float,
    world: World | None,
) -> Played:
    """In a nation of our own the semi-oracle says first what can be found at all."""
    began = time.process_time()
    counted = _Counted(events)
    engine = Engine(schools)
    findings = list(engine.run(counted, until=told["horizon_days"] - 1))
    total = time.process_time() - began
    if world is not None and world.differing:
        for id_, day in findable(engine, told).items():
            told["schools"][id_]["semi_oracle_day"] = day
    notices = {finding.school: finding.day for finding in findings if finding.tier == "notice"}
    scores = {ENGINE: judged(findings, told), NOTICE: judged(_as_flags(notices), told)}
    scores |= {rule: judged(_as_flags(days), told) for rule, days in named(engine).items()}
    flagged = {finding.school for finding in findings if finding.tier == "flag"}
    honest = {id_ for id_, one in told["schools"].items() if one["busy"] and not one["planted"]}
    return Played(
        name=name,
        schools=len(schools),
        requests=counted.requests,
        trials=len(engine.trials),
        scores=scores,
        busy=(len(honest & flagged), len(honest)),
        spammed=sum(one["spam_victim"] for one in told["schools"].values()),
        reading=reading,
        total=total,
    )


def judged(findings: list[Finding], told: Mapping[str, Any]) -> Score:
    """A school that is named before it began to treat anybody differently is named falsely."""
    early = {
        finding.school: {**told["schools"][finding.school], "planted": False}
        for finding in findings
        if finding.tier == "flag"
        and finding.day < YEAR
        and told["schools"].get(finding.school, {}).get("onset") == "late"
    }
    return score(findings, {**told, "schools": {**told["schools"], **early}})


def kept(path: Path | None, jobs: Mapping[str, Any]) -> Iterator[Played]:
    """Each job's result, from this file where it was kept before: a run of an hour may be interrupted. Jobs are
    called only when they are needed."""
    done: dict[str, Played] = {}
    if path is not None and path.exists():
        done = {
            one.name: one for one in map(Played.from_json, map(json.loads, path.read_text().splitlines()))
        }
    for name, job in jobs.items():
        one = done.get(name) or job()
        if path is not None and name not in done:
            with path.open("a") as file:
                file.write(json.dumps(asdict(one)) + "\n")
        yield one


class _Counted:
    def __init__(self, events: Iterable[StreamEvent]) -> None:
        self._events = events
        self.requests = 0

    def __iter__(self) -> Iterator[StreamEvent]:
        for event in self._events:
            self.requests += event.type == "request"
            yield event


def _as_flags(days: Mapping[str, int]) -> list[Finding]:
    return [Finding(school, "flag", day, math.nan, math.nan, 10, 10, {}, "") for school, day in days.items()]


def _say(words: str) -> None:
    print(f"{words}...", file=sys.stderr, flush=True)
