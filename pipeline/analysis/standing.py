"""How surely an answer must be read to carry a verdict word: those of a study share one error, and nothing of it is
spent on what is not answered."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipeline.analysis.contrasts import Contrast
from pipeline.results import Verdict
from pipeline.stats.estimate import LEVEL, Estimate, wald
from pipeline.stats.multiplicity import step_down_levels
from pipeline.stats.robustness.noninferiority import judge

SETTLED = {Verdict.BETTER, Verdict.WORSE_WITHIN, Verdict.WORSE_BEYOND}  # limits that leave nothing more to claim
DIGITS = 12  # an answer kept from an earlier run stands exactly as it did


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A confirmatory answer that has passed the gate and is not read yet: what its family says before it goes on.

    question         its code
    estimate, se, df of the difference, with limits by Student's t
    margin           the largest difference that would not matter; None: no verdict needs one
    harm             True where less is better
    """

    question: str
    estimate: float
    se: float
    df: float
    margin: float | None = None
    harm: bool = False

    def settled(self, level: float) -> bool:
        """Whether limits at this level leave nothing more to claim."""
        found = wald(self.estimate, self.se, df=self.df, level=level)
        low, high = (-found.high, -found.low) if self.harm else (found.low, found.high)
        read = Verdict(judge(low, high, self.margin))
        return read in SETTLED or (self.margin is None and read == Verdict.WORSE)


def standing_of(question: str, found: Estimate, *, margin: float | None = None, harm: bool = False) -> Standing:
    """How an estimate stands."""
    estimate, se, df = (float(f"{one:.{DIGITS}g}") for one in (found.estimate, found.se, found.df))
    return Standing(question=question, estimate=estimate, se=se, df=df, margin=margin, harm=harm)


def level_of(standing: Standing) -> Generator[Standing, float | None, float]:
    """Says how an answer stands, and takes the level at which it is read: that of one answer where nobody sends
    another."""
    sent = yield standing
    return LEVEL if sent is None else sent


def at_its_level(contrast: Contrast, found: Estimate) -> Generator[Standing, float | None, Contrast]:
    """The contrast at the level at which it is read: its own where it shares the error with no other."""
    if contrast.role != "confirmatory":
        return contrast
    endpoint = contrast.endpoint
    level = yield from level_of(standing_of(endpoint.code, found, margin=endpoint.margin, harm=endpoint.harm))
    return replace(contrast, level=level)


def levels_of(standings: Mapping[str, Standing]) -> dict[str, float]:
    """The level at which each answered member of the confirmatory family is read, by its name."""
    return dict(zip(standings, step_down_levels([one.settled for one in standings.values()]), strict=True))


@dataclass(slots=True)
class Begun:
    """A family asked up to where it must know how surely it is read, or to its end where it need not.

    said      what it said so far
    standing  how its answer stands; None where it carries no confirmatory one, and has been asked to its end
    """

    said: list[Any]
    standing: Standing | None
    rest: Iterator[Any]

    def to_the_end(self, level: float) -> list[Any]:
        """Everything the family says, its answer read at this level."""
        if self.standing is not None:
            self.said += said_after(self.rest, level)
        return self.said


def begun(rows: Iterator[Any]) -> Begun:
    """Asks a family until it says how its answer stands."""
    said: list[Any] = []
    for one in rows:
        if isinstance(one, Standing):
            return Begun(said, one, rows)
        said.append(one)
    return Begun(said, None, rows)


def said_after(rest: Iterator[Any], level: float | None) -> Iterator[Any]:
    """What a family that has said how it stands says at this level."""
    if not isinstance(rest, Generator):
        raise TypeError("only a generator can be told how surely to read its answer")
    try:
        yield rest.send(level)
    except StopIteration:
        return
    yield from rest


def read_together(families: Mapping[str, Iterator[Any]]) -> Iterator[Any]:
    """What several families say, their confirmatory answers read at levels that share one error."""
    asked = {name: begun(rows) for name, rows in families.items()}
    levels = levels_of({name: one.standing for name, one in asked.items() if one.standing is not None})
    for name, one in asked.items():
        yield from one.to_the_end(levels.get(name, LEVEL))
