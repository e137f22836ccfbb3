"""Worlds that vary what the engine's parameters assume, one thing at a time."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from benchmarks.fairness_worlds import World

BASE: Final = World(volume=25.0)
SPAM: Final = "spam: 5 % of honest schools hit by one provider's 40"
STRESS: Final[Mapping[str, World]] = {
    "season twice as strong": replace(BASE, season=2.0),
    "half-term spells, SD .8": replace(BASE, spells_sd=0.8),
    "few comparators (80 % technical)": replace(BASE, technical_share=(16.0, 4.0)),
    "2 % of schools differ": replace(BASE, differing=0.02),
    "popularity of providers, SD .6": replace(BASE, popularity_sd=0.6),
    "benign differences, SD .35": replace(BASE, benign_sd=0.35),
    SPAM: replace(BASE, spam=0.05),
    "who differs refuses others more, too": replace(BASE, masking=1.0),
    "strictness, SD 1.5, others in proportion": replace(BASE, strictness_sd=(1.5, 1.33, 1.0, 1.17)),
    "few technical requests (20 %)": replace(BASE, technical_share=(4.0, 16.0)),
    "20 % of schools differ": replace(BASE, differing=0.20),
    "benign differences, SD .10": replace(BASE, benign_sd=0.10),
}
SEED: Final = 7400
