"""What the other ways of making a contrast say: one row each, how many read the same, and whether one turns it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.analysis.cohort import Records
from pipeline.analysis.comparison.fitted import Fitted
from pipeline.analysis.comparison.verdicts import agrees, read_limits, unless_turned
from pipeline.analysis.comparison.ways import Way, ways
from pipeline.analysis.contrasts import Contrast, raw_sign
from pipeline.errors import NotEstimable
from pipeline.results import Result, Verdict
from pipeline.stats.estimate import Estimate
from pipeline.study import Study

STANDS, READS = "the conclusion stands", "it would read"
LESS = "less is adjusted for here, to show what adjusting does"


@dataclass(frozen=True, slots=True)
class Tried:
    """One other way and its answer; or why it has none: it cannot be made, or it fails the gate."""

    way: Way
    found: Estimate | None
    reason: str = ""


def try_ways(contrast: Contrast, comparison: Fitted, records: Records, study: Study) -> list[Tried]:
    """Every other way that applies, each made or refused."""
    return [tried(way) for way in ways(contrast, comparison, records, study)]


def tried(way: Way) -> Tried:
    try:
        return Tried(way, way.make())
    except NotEstimable as why:
        return Tried(way, None, str(why))


def weighed(contrast: Contrast, row: Result, others: Sequence[Tried]) -> Result:
    """The row; a claim that one of the other ways contradicts depends on how it is made."""
    rivals = [one.found.estimate for one in others if one.way.rival and one.found is not None]
    endpoint = contrast.endpoint
    verdict = unless_turned(Verdict(row.verdict), rivals, harm=endpoint.harm, margin=endpoint.margin)
    return replace(row, verdict=verdict)


def variations(contrast: Contrast, others: Sequence[Tried], found: Estimate, row: Result) -> Iterator[Result]:
    """A row for each other way, and for a verdict how many of them read the same; a way without an answer says why."""
    claim = read_limits(contrast.endpoint, found)
    blank = row.blank().beneath(ess=None)
    for one in others:
        yield way_row(contrast, one, claim, blank, row.target)
    rivals = [one for one in others if one.way.rival and one.found is not None]
    if rivals and contrast.role != "exploratory":
        changing = [called(one.way, row.target) for one in rivals if not stands(contrast, claim, one)]
        counted = replace(blank, margin=None, unit="analyses", stratum=claim)
        yield replace(counted, measure="other_analyses", estimate=float(len(rivals)))
        agree = float(len(rivals) - len(changing))
        yield replace(counted, measure="other_analyses_agree", estimate=agree, note="; ".join(changing))


def way_row(contrast: Contrast, one: Tried, claim: Verdict, blank: Result, target: str) -> Result:
    """What one other way says, and whether the conclusion stands there."""
    way = one.way
    named = replace(blank, varied=way.varied, estimator=way.estimator, target=way.target or target)
    if one.found is None:
        return replace(named, reason=one.reason)
    said = STANDS if stands(contrast, claim, one) else f"{READS}: {read_limits(contrast.endpoint, one.found)}"
    note = "" if contrast.role == "exploratory" else said if way.rival else LESS
    return named.filled(one.found, sign=raw_sign(contrast.endpoint), note=note)


def stands(contrast: Contrast, claim: Verdict, one: Tried) -> bool:
    """Whether a way that has an answer reads as the claim, or as more of it."""
    return one.found is not None and agrees(claim, read_limits(contrast.endpoint, one.found))


def called(way: Way, target: str) -> str:
    return way.varied or f"{way.estimator}, {way.target or target}"
