"""One line per question: can it be answered with what arrived, and if not, what is missing and what it would take.

Only what can be counted beforehand is told here: whether groups are alike enough to be compared, the analysis says.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from pipeline.analysis.cohort import MIN_STARTS
from pipeline.analysis.covariates import LABELS
from pipeline.analysis.lacking import NO_IOP, NO_IOP_ARM, NO_PAIR, WITHOUT_SCALE, arm_with, no_arms
from pipeline.levels import TWENTY_FOUR_HOUR
from pipeline.preflight.facts import Asked, Facts, whole_day
from pipeline.questions import by_number, declared
from pipeline.study import TRACKS, Outcome, main_outcome

IOP, OP = "IOP", "OP"
SCALE = f"{WITHOUT_SCALE}: name one under [[outcomes]] in study.toml"


def question_lines(facts: Facts) -> list[str]:
    """`C14 Does IOP last from …? Can be answered.`, or what is missing, in the order of the pages.

    What several questions lack is told once, below them, by its number.
    """
    found = lacking_by_question(facts)
    times = Counter(words for lacking in found.values() for words in lacking)
    number = {words: place for place, words in enumerate((w for w, n in times.items() if n > 1), start=1)}
    lines = []
    for code, lacking in found.items():
        own = [words for words in lacking if words not in number]
        shared = ", ".join(f"[{number[words]}]" for words in lacking if words in number)
        missing = "; ".join([*own, *([shared] if shared else [])])
        lines.append(f"{code} {asked_here(facts, code)} {'Not yet: ' + missing if missing else 'Can be answered'}.")
    return [*lines, *(f"[{place}] {words}" for words, place in number.items())]


def asked_here(facts: Facts, code: str) -> str:
    """The question with the two arms that it is asked about here."""
    arm, reference = pair_of(facts, code)
    question = declared(code)
    return question.asks.format(arm=arm, reference=reference) if question else ""


def lacking_by_question(facts: Facts) -> dict[str, list[str]]:
    """What each question lacks, in words; nothing where it can be put."""
    found = {}
    for question in by_number():
        lacking = list(dict.fromkeys(LACKING[question.code](facts))) if question.code in LACKING else []
        found[question.code] = lacking
    return found


def pair_of(facts: Facts, code: str) -> tuple[str, str]:
    """The two arms that a question is asked about here: its own where the study compares them, else the study's
    first."""
    question, pairs = declared(code), facts.study.comparison.contrasts
    own = question.pair if question else ("", "")
    return own if own in pairs else next(iter(pairs), own)


def compared(code: str, *, scored: bool = True) -> Callable[[Facts], Iterator[str]]:
    """What the two arms of a question lack, on the outcome that counts."""

    def lacking(facts: Facts) -> Iterator[str]:
        arm, reference = pair_of(facts, code)
        if not facts.study.comparison.contrasts:
            yield NO_PAIR
        elif outcome := main_outcome(facts.study):
            yield from pair_lacks(facts, outcome, arm, reference, scored=scored)
        elif scored:
            yield SCALE

    return lacking


def pair_lacks(facts: Facts, outcome: Outcome, arm: str, reference: str, *, scored: bool = True) -> list[str]:
    """What two arms lack before they can be compared on an outcome."""
    lacks = [words for one in (arm, reference) for words in arm_lacks(facts, outcome, one, scored=scored)]
    least = facts.study.gate.min_shared_site_share
    if scored and not lacks and facts.shared_sites.get((outcome.name, arm, reference), 1.0) < least:
        lacks.append(
            f"too few people in {arm} and {reference} were treated at sites that offer both; {percent(least)} are"
            f" needed, and a site counts from {facts.study.gate.min_observed_per_site} measured people in each"
        )
    return lacks


def arm_lacks(facts: Facts, outcome: Outcome, arm: str, *, scored: bool = True) -> Iterator[str]:
    """What one arm lacks: people, what is known of them at the start, and their outcome."""
    here, gate = facts.asked.get((outcome.name, arm)), facts.study.gate
    if here is None:
        yield f"nobody started in {arm} here, so what needs it is left out"
        return
    if here.started < MIN_STARTS:
        yield f"{arm} needs {MIN_STARTS} people who start new{soon(MIN_STARTS - here.started, here)}"
        return
    if scored and not here.asked:
        yield (
            f"nobody in {arm} has a {outcome.instrument} score at the start and records that reach past day"
            f" {outcome.window[1]}"
        )
        return
    for name, known in here.recorded.items() if here.asked else ():
        if known < gate.min_recorded * here.asked:
            yield (
                f"{LABELS[name].lower()} is recorded for {share_of(facts, known, here)} of {arm}, and the line is"
                f" {percent(gate.min_recorded)}{takes(facts, known, here, gate.min_recorded)}{would_do(facts, name)}"
            )
    if scored:
        yield from measured_lacks(facts, outcome, arm, here)


def measured_lacks(facts: Facts, outcome: Outcome, arm: str, here: Asked) -> Iterator[str]:
    """Too few with the outcome, in number or in share."""
    gate, said = facts.study.gate, f"{outcome.instrument} at day {outcome.day}"
    if here.measured < gate.min_observed:
        share = max(here.measured / here.asked, gate.min_observed_share)
        more = math.ceil((gate.min_observed - here.measured) / share)
        yield f"{said} is needed for {gate.min_observed} people in {arm}, and fewer have it{soon(more, here)}"
    elif here.measured < gate.min_observed_share * here.asked:
        yield (
            f"{said} is measured for {share_of(facts, here.measured, here)} of {arm}; the line is"
            f" {percent(gate.min_observed_share)}{takes(facts, here.measured, here, gate.min_observed_share)}"
        )


def telling(facts: Facts, known: int, here: Asked) -> bool:
    """Whether a share would give away a count under the disclosure threshold."""
    return any(0 < count < facts.study.disclosure.threshold for count in (known, here.asked - known))


def share_of(facts: Facts, known: int, here: Asked) -> str:
    return "too small a part" if telling(facts, known, here) else percent(known / here.asked)


def takes(facts: Facts, known: int, here: Asked, line: float) -> str:
    """How many more people, all of them recorded, lift a share to its line, and in how long so many start."""
    more = math.ceil(round((line * here.asked - known) / (1 - line), 6))
    return soon(more, here) if telling(facts, known, here) else f": {more:,} more people with it{soon(more, here)}"


def soon(more: int, here: Asked) -> str:
    months = math.ceil(more / here.per_month) if here.per_month else 0
    return f", about {months:,} {'month' if months == 1 else 'months'} at this pace" if months else ""


def would_do(facts: Facts, name: str) -> str:
    """The instruments that would fill a confounder."""
    names = facts.study.confounders.instruments.get(name, ())
    return f" ({' or '.join(one.replace(':item_', ' item ') for one in names)} would do)" if names else ""


def percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def iop_lacks(facts: Facts) -> Iterator[str]:
    """What is asked of IOP alone needs stays in it, and an arm that holds it."""
    if not facts.levels.get(IOP):
        yield NO_IOP
    elif not arm_with(facts.study, IOP):
        yield NO_IOP_ARM


def scored_iop(facts: Facts) -> Iterator[str]:
    """What is asked of scores in IOP."""
    outcome = main_outcome(facts.study)
    if outcome is None:
        yield SCALE
        return
    lacks, arm = list(iop_lacks(facts)), arm_with(facts.study, IOP)
    yield from lacks
    here = facts.asked.get((outcome.name, arm))
    if not lacks and (here is None or here.started < MIN_STARTS):
        when = soon(MIN_STARTS - here.started, here) if here else ""
        yield f"{arm} needs {MIN_STARTS} people who start new{when}"


def two_levels(*levels: tuple[str, ...]) -> Callable[[Facts], Iterator[str]]:
    """What is asked of the two arms that hold these levels."""

    def lacking(facts: Facts) -> Iterator[str]:
        outcome = main_outcome(facts.study)
        if outcome is None:
            yield SCALE
            return
        arms = [arm_with(facts.study, *held) for held in levels]
        if not all(arms):
            yield no_arms(*(" or ".join(held) for held in levels))
            return
        yield from (words for arm in arms for words in arm_lacks(facts, outcome, arm))

    return lacking


def lasting(facts: Facts) -> Iterator[str]:
    """C13: measured on the day and again half a year after the start."""
    lacks = list(two_levels((IOP,), TWENTY_FOUR_HOUR)(facts))
    yield from lacks
    outcome = main_outcome(facts.study)
    for held in ((IOP,), TWENTY_FOUR_HOUR) if outcome and not lacks else ():
        arm = arm_with(facts.study, *held)
        if outcome and facts.later.get((outcome.name, arm), 0) < facts.study.gate.min_observed:
            yield (
                f"a second {outcome.instrument} at day {facts.study.durability.day} is needed for"
                f" {facts.study.gate.min_observed} people in {arm}, and fewer have it"
            )


def surveyed(facts: Facts) -> Iterator[str]:
    first, last = facts.study.satisfaction.window
    if facts.surveyed < MIN_STARTS:
        names = " or ".join(facts.study.satisfaction.instruments)
        yield f"{names} between day {first} and day {last} is needed for {MIN_STARTS} people, and fewer answered"


def stepped_down(facts: Facts) -> Iterator[str]:
    yield from iop_lacks(facts)
    if whole_day(facts) < MIN_STARTS:
        yield f"at least {MIN_STARTS} stays in 24-hour care are needed, and fewer are in these records"


def spent(facts: Facts) -> Iterator[str]:
    if not facts.costs:
        yield f"no amount of the perspective {facts.study.cost.perspective} is in these records: export costs"
    yield from compared("C7", scored=False)(facts)


def in_tracks(facts: Facts) -> Iterator[str]:
    if not any(outcome.instrument == "PCL5" for outcome in facts.study.outcomes):
        yield "the PCL-5 is no outcome of this study: add it under [[outcomes]] in study.toml"
    yield from iop_lacks(facts)
    for track in TRACKS:
        if facts.tracks.get(track, 0) < MIN_STARTS:
            yield f"{MIN_STARTS} people in the {track} track of IOP are needed, and fewer are recorded (column track)"


def measured_often(facts: Facts) -> Iterator[str]:
    if not facts.study.outcomes:
        yield SCALE


def placed(facts: Facts) -> Iterator[str]:
    if facts.recommended < MIN_STARTS:
        yield "hardly any level recommended at intake is recorded (column recommended_level of episodes)"
    yield from measured_often(facts)


LACKING: Mapping[str, Callable[[Facts], Iterator[str]]] = {
    "C1": iop_lacks,
    "C2": compared("C2"),
    "C3": two_levels((IOP,), (OP,)),
    "C4": compared("C4", scored=False),
    "C5": surveyed,
    "C6": stepped_down,
    "C7": spent,
    "C8": scored_iop,
    "C9": scored_iop,
    "C10": in_tracks,
    "C11": two_levels((IOP,), TWENTY_FOUR_HOUR),
    "C12": measured_often,
    "C13": lasting,
    "C14": iop_lacks,
    "C15": placed,
}
