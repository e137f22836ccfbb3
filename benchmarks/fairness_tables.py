"""What was played, as Markdown, each target of the method with its verdict."""

from collections.abc import Iterator, Sequence

from benchmarks.fairness_clean import interval, verdict
from benchmarks.fairness_runs import ENGINE, EVERY_RULE, Played
from benchmarks.fairness_stress import SPAM
from brokerage.fairness.scoring import Score


def scenario_lines(played: Sequence[Played]) -> Iterator[str]:
    yield from _head(
        "scenario", "schools", "requests", "flags", "true", "false", "FDR", "recall of findable", "notices",
        "spam victims flagged", "flagged under 10 technical",
    )  # fmt: skip
    for one in played:
        own = one.scores[ENGINE]
        yield _row(
            one.name, f"{one.schools:,}", f"{one.requests:,}", own.flags, own.true, own.false, f"{own.fdr:.3f}",
            _share(own.found, own.findable, "none findable"),
            own.notices, own.spam_victims_flagged, own.under_ten_flagged,
        )  # fmt: skip
    yield ""
    yield from rule_lines(played)


def rule_lines(played: Sequence[Played]) -> Iterator[str]:
    """All worlds of a kind together."""
    yield from _head(
        "rule, looked at daily", "named", "false", "FDR", "95 %", "found of findable", "false per 1,000 school-years",
    )  # fmt: skip
    for rule in EVERY_RULE:
        flags, false, found, findable, years = _together([one.scores[rule] for one in played])
        yield _row(
            rule, flags, false, f"{false / flags:.3f}" if flags else "none named", interval(false, flags),
            _share(found, findable, "none findable"), f"{1000 * false / years:.2f}",
        )  # fmt: skip


def national_lines(played: Sequence[Played]) -> Iterator[str]:
    yield f"{_worlds(played)} What the semi-oracle finds is findable."
    yield ""
    yield from rule_lines(played)
    flags, false, found, findable, years = _together([one.scores[ENGINE] for one in played])
    hit, busy = (sum(one.busy[n] for one in played) for n in (0, 1))
    few = sum(one.scores[ENGINE].under_ten_flagged for one in played)
    rate, recall = 1000 * false / years, found / max(findable, 1)
    yield ""
    yield (
        f"- T1: {false} of {flags} flags false (must: 5 % at most; 95 %: {interval(false, flags)}):"
        f" {verdict(false <= 0.05 * flags)}."
    )
    yield f"- T3: {rate:.3f} false flags per 1,000 school-years (must: .25 at most): {verdict(rate <= 0.25)}."
    yield (
        f"- T4: {hit} of {busy:,} honest but busy schools flagged in three years (must: .3 % at most; 95 %:"
        f" {interval(hit, busy)}): {verdict(hit <= 0.003 * busy)}."
    )
    yield f"- T5: {few} schools flagged with under 10 technical episodes (must: 0): {verdict(few == 0)}."
    yield (
        f"- T10: {found} of {findable} findable schools found, {recall:.3f} (must: .45; 95 %:"
        f" {interval(found, findable)}): {verdict(recall >= 0.45)}."
    )


def null_lines(played: Sequence[Played]) -> Iterator[str]:
    yield from rule_lines(played)
    flags, _, _, _, years = _together([one.scores[ENGINE] for one in played])
    met = flags * 12_000 <= years
    yield ""
    yield f"- T2: {flags} flagged in {years:,.0f} school-years (must: 1 in 12,000 at most): {verdict(met)}."


def stress_lines(played: Sequence[Played], names: Sequence[str]) -> Iterator[str]:
    """`names` of the worlds; each may have been played with several seeds."""
    yield f"{_worlds(played)} Each varies one thing."
    yield ""
    yield from _head(
        "world", "nations", "flags", "true", "false", "FDR", "95 %", "false per 1,000 school-years",
        "busy and honest flagged", "T11 (must: 10 % at most)",
    )  # fmt: skip
    for name in names:
        worlds = [one for one in played if one.name.startswith(f"{name},")]
        if worlds:
            yield _stress_line(name, worlds)
    yield _stress_line("all", played)
    yield ""
    if missing := [name for name in names if not any(one.name.startswith(f"{name},") for one in played)]:
        yield f"- Not run: {'; '.join(missing)}."
    for one in (one for one in played if one.name.startswith(SPAM)):
        hit = one.scores[ENGINE].spam_victims_flagged
        yield (
            f"- T12: {hit} of {one.spammed} spammed schools flagged (must: 1 % at most):"
            f" {verdict(hit <= 0.01 * one.spammed)}."
        )


def _stress_line(name: str, played: Sequence[Played]) -> str:
    scores = [one.scores[ENGINE] for one in played]
    flags, false, _, _, years = _together(scores)
    hit, busy = (sum(one.busy[n] for one in played) for n in (0, 1))
    return _row(
        name, len(played), flags, sum(one.true for one in scores), false, f"{false / max(flags, 1):.3f}",
        interval(false, flags), f"{1000 * false / years:.2f}", f"{hit} of {busy:,}", verdict(false <= 0.1 * flags),
    )  # fmt: skip


def speed_lines(played: Sequence[Played]) -> Iterator[str]:
    yield from _head(
        "stream", "requests", "questions scored", "reading alone, s", "whole replay, s", "replay / reading",
        "questions a second, reading excluded", "questions a second, reading included",
    )  # fmt: skip
    for one in played:
        yield _row(
            one.name, f"{one.requests:,}", f"{one.trials:,}", f"{one.reading:.1f}", f"{one.total:.1f}",
            f"{one.total / one.reading:.2f}", f"{one.trials / one.deciding:,.0f}", f"{one.trials / one.total:,.0f}",
        )  # fmt: skip
    rates = sorted(one.trials / one.deciding for one in played)
    middle = rates[len(rates) // 2]
    yield ""
    yield f"- T14: median {middle:,.0f} questions a second and core (must: 50,000): {verdict(middle >= 50_000)}."
    for one in (one for one in played if one.schools >= 4000):
        yield f"- T14: three national years in {one.total:.0f} s (must: 60): {verdict(one.total < 60)}."


def _together(scores: Sequence[Score]) -> tuple[int, int, int, int, float]:
    """Flags, false ones, findable schools found, findable schools, school-years."""
    return (
        sum(one.flags for one in scores),
        sum(one.false for one in scores),
        sum(one.found for one in scores),
        sum(one.findable for one in scores),
        sum(one.school_years for one in scores),
    )


def _worlds(played: Sequence[Played]) -> str:
    schools, requests = (sum(getattr(one, name) for one in played) for name in ("schools", "requests"))
    nations = "One nation" if len(played) == 1 else f"{len(played)} nations"
    return f"{nations} of three years, {schools:,} schools, {requests:,} requests."


def _share(hits: int, n: int, none: str) -> str:
    return f"{hits}/{n} = {hits / n:.3f}" if n else none


def _head(*names: str) -> Iterator[str]:
    yield _row(*names)
    yield _row(*["---"] * len(names))


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"
