"""What arms lack before they can be compared, by the lines of the analysis' gate that counting alone can tell."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from pipeline.analysis.cohort import MIN_STARTS
from pipeline.analysis.comparison.diagnostics import ENDING as HOW_CARE_ENDED
from pipeline.analysis.comparison.diagnostics import gap_line
from pipeline.analysis.contrasts import Endpoint
from pipeline.analysis.covariates import LABELS
from pipeline.levels import arm_words
from pipeline.preflight.counted import ENDING, Asked, Starts
from pipeline.preflight.facts import Facts


def pair_lacks(facts: Facts, endpoint: Endpoint, pair: tuple[str, str]) -> list[str]:
    """What two arms lack before they can be compared on an outcome."""
    lacks = [words for one in pair for words in arm_lacks(facts, endpoint, one)]
    least = facts.study.gate.min_shared_site_share
    if lacks:
        return lacks
    if facts.shared_sites.get((endpoint.name, *pair), 1.0) < least:
        lacks.append(
            f"too few people in {' and '.join(map(arm_words, pair))} were treated at sites that offer both;"
            f" {percent(least)} are needed, and a site counts from {facts.study.gate.min_observed_per_small_site}"
            " measured people in each"
        )
    return lacks + list(gaps(facts, endpoint.name, pair))


def gaps(facts: Facts, compared: str, pair: tuple[str, str]) -> Iterator[str]:
    """What is recorded much more often in one arm than in the other, by the gate's own line."""
    one, other = (facts.asked[compared, arm] for arm in pair)
    for name in one.recorded:
        known = [found.recorded[name] for found in (one, other)]
        if all(of for _, of in known):
            shares, sizes = [part / of for part, of in known], np.array([found.people for found in (one, other)])
            line = gap_line(shares, sizes, len(one.recorded), said(name), facts.study.gate, "")
            if not line.passed:
                more, less = pair if shares[0] > shares[1] else pair[::-1]
                yield f"{said(name).lower()} is recorded much more often in {arm_words(more)} than in {arm_words(less)}"


def arm_lacks(facts: Facts, endpoint: Endpoint, arm: str) -> Iterator[str]:
    """What one arm lacks: people, what is known of them at the start, and their outcome."""
    starts = facts.starts.get(arm)
    if starts is None:
        yield f"nobody started in {arm_words(arm)} here, so what needs it is left out"
    elif starts.people < MIN_STARTS:
        yield f"{arm_words(arm)} needs {MIN_STARTS} people who start new{soon(MIN_STARTS - starts.people, starts)}"
    elif not (here := facts.asked[endpoint.name, arm]).people:
        score = f"a {endpoint.source.instrument} score at the start and " if endpoint.source else ""
        last = endpoint.source.window[1] if endpoint.source else endpoint.day
        yield f"nobody in {arm_words(arm)} has {score}records that reach past day {last}"
    else:
        yield from recorded_lacks(facts, arm, here)
        outcome = endpoint.source.instrument if endpoint.source else "whether care was left early"
        yield from measured_lacks(facts, f"{outcome} at day {endpoint.day}", arm, here)


def recorded_lacks(facts: Facts, arm: str, here: Asked) -> Iterator[str]:
    """What is recorded of too few, with what it would take."""
    line = facts.study.gate.min_recorded
    for name, (known, of) in here.recorded.items():
        if of and known < line * of:
            yield (
                f"{said(name).lower()} is recorded for {share_of(facts, known, of)} of {arm_words(arm)}"
                f"{' who left' if name == ENDING else ''}, and the line is {percent(line)}"
                f"{takes(facts, arm, known, of, line)}{would_do(facts, name)}"
            )


def measured_lacks(facts: Facts, outcome: str, arm: str, here: Asked) -> Iterator[str]:
    """Too few with the outcome, in number or in share."""
    gate, asked = facts.study.gate, here.people
    if here.measured < gate.min_observed:
        share = max(here.measured / asked, gate.min_observed_share)
        more = math.ceil((gate.min_observed - here.measured) / share)
        when = soon(more, facts.starts[arm])
        yield f"{outcome} is needed for {gate.min_observed} people in {arm_words(arm)}, and fewer have it{when}"
    elif here.measured < gate.min_observed_share * asked:
        yield (
            f"{outcome} is measured for {share_of(facts, here.measured, asked)} of {arm_words(arm)}; the line is"
            f" {percent(gate.min_observed_share)}{takes(facts, arm, here.measured, asked, gate.min_observed_share)}"
        )


def said(name: str) -> str:
    return HOW_CARE_ENDED if name == ENDING else LABELS.get(name, name)


def telling(facts: Facts, known: int, of: int) -> bool:
    """Whether a share would give away a count under the disclosure threshold."""
    return any(0 < count < facts.study.disclosure.threshold for count in (known, of - known))


def share_of(facts: Facts, known: int, of: int) -> str:
    return "too small a part" if telling(facts, known, of) else percent_below(known / of)


def takes(facts: Facts, arm: str, known: int, of: int, line: float) -> str:
    """How many more people, all of them recorded, lift a share to its line, and in how long so many start."""
    more, starts = math.ceil(round((line * of - known) / (1 - line), 6)), facts.starts[arm]
    pace = soon(more, starts) if known else ""  # what nobody records yet has no pace
    return pace if telling(facts, known, of) else f": {more:,} more people with it{pace}"


def soon(more: int, starts: Starts) -> str:
    months = math.ceil(more / starts.per_month) if starts.per_month else 0
    return f", about {months:,} {'month' if months == 1 else 'months'} at this pace" if months else ""


def would_do(facts: Facts, name: str) -> str:
    """The instruments that would fill a confounder."""
    names = facts.study.confounders.instruments.get(name, ())
    return f" ({' or '.join(one.replace(':item_', ' item ') for one in names)} would do)" if names else ""


def percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def percent_below(share: float) -> str:
    """Cut, not rounded: what misses its line of 80 % is not said to reach it."""
    return f"{math.floor(round(share * 100, 6))} %"
