"""One line per question: can it be answered with what arrived, and if not, what is missing and what it would take.

Only what can be counted beforehand is told here: whether groups are alike enough to be compared, the analysis says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from pipeline.analysis.cohort import MIN_STARTS
from pipeline.analysis.contrasts import Endpoint, endpoints, score_of
from pipeline.analysis.lacking import NO_IOP, NO_IOP_ARM, NO_PAIR, WITHOUT_SCALE, arm_with, no_arms
from pipeline.analysis.questions.cost import pairs_in_order
from pipeline.levels import TWENTY_FOUR_HOUR, arm_words
from pipeline.preflight.counted import COST
from pipeline.preflight.facts import Facts, whole_day
from pipeline.preflight.pairs import arm_lacks, measured_lacks, pair_lacks, recorded_lacks, soon
from pipeline.questions import by_number, declared
from pipeline.study import TRACKS, Study, main_outcome

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
    return question.asks.format(arm=arm_words(arm), reference=arm_words(reference)) if question else ""


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
    question, pairs = declared(code), pairs_in_order(facts.study) if code == "C7" else facts.study.comparison.contrasts
    own = question.pair if question else ("", "")
    return own if own in pairs else next(iter(pairs), own)


def compared(code: str) -> Callable[[Facts], Iterator[str]]:
    """What the two arms of a question lack, on the score that counts."""

    def lacking(facts: Facts) -> Iterator[str]:
        outcome = main_outcome(facts.study)
        if not facts.study.comparison.contrasts:
            yield NO_PAIR
        elif outcome is None:
            yield SCALE
        else:
            yield from pair_lacks(facts, score_of(code, outcome), pair_of(facts, code))

    return lacking


def left_early(facts: Facts) -> Iterator[str]:
    """C4: what the two arms lack on leaving early, asked of everybody who started."""
    if facts.study.comparison.contrasts:
        yield from pair_lacks(facts, leaving(facts.study), pair_of(facts, "C4"))
    else:
        yield NO_PAIR


def leaving(study: Study) -> Endpoint:
    """Leaving early, as C4 compares it."""
    return next(one for one in endpoints(study) if one.harm)


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
    here = facts.starts.get(arm)
    if not lacks and (here is None or here.people < MIN_STARTS):
        when = soon(MIN_STARTS - here.people, here) if here else ""
        yield f"{arm_words(arm)} needs {MIN_STARTS} people who start new{when}"


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
        yield from (words for arm in arms for words in arm_lacks(facts, score_of("", outcome), arm))

    return lacking


def sooner(facts: Facts) -> Iterator[str]:
    """C3: scored at the start and on the day, and often enough in between."""
    yield from two_levels((IOP,), (OP,))(facts)
    yield from told(facts, "C3")


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
                f" {facts.study.gate.min_observed} people in {arm_words(arm)}, and fewer have it"
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
    """C7: amounts that can be added up, people to ask, and what is known of them."""
    if not facts.study.comparison.contrasts:
        yield facts.lacks["C7"] or NO_PAIR
        return
    yield from told(facts, "C7")
    for arm in pairs_in_order(facts.study)[0]:
        started, here = facts.starts.get(arm), facts.asked.get((COST, arm))
        if started is None or started.people < MIN_STARTS:
            yield from arm_lacks(facts, leaving(facts.study), arm)
        elif here and here.people:
            yield from recorded_lacks(facts, arm, here)
            yield from measured_lacks(facts, "the cost of the whole period", arm, here)
        elif here:
            scored = " with a score at the start" if main_outcome(facts.study) else ""
            days = min(facts.study.cost.days)
            yield f"nobody in {arm_words(arm)}{scored} started {days} days or more before the records end"


def in_tracks(facts: Facts) -> Iterator[str]:
    if not any(outcome.instrument == "PCL5" for outcome in facts.study.outcomes):
        yield "the PCL-5 is no outcome of this study: add it under [[outcomes]] in study.toml"
    yield from iop_lacks(facts)
    for track in TRACKS:
        if facts.tracks.get(track, 0) < MIN_STARTS:
            yield f"{MIN_STARTS} people in the {track} track of IOP are needed, and fewer are recorded (column track)"


def measured_often(facts: Facts) -> Iterator[str]:
    yield from told(facts, "C12") if facts.study.outcomes else [SCALE]


def placed(facts: Facts) -> Iterator[str]:
    yield from told(facts, "C15")
    if not facts.study.outcomes:
        yield SCALE


def told(facts: Facts, code: str) -> Iterator[str]:
    """What the analysis itself would say."""
    yield from filter(None, [facts.lacks.get(code, "")])


def after(first: Callable[[Facts], Iterator[str]], code: str) -> Callable[[Facts], Iterator[str]]:
    """What is lacking by counting, and where that is nothing, what the analysis itself would say."""

    def lacking(facts: Facts) -> Iterator[str]:
        yield from list(first(facts)) or told(facts, code)

    return lacking


LACKING: Mapping[str, Callable[[Facts], Iterator[str]]] = {
    "C1": after(iop_lacks, "C1"),
    "C2": compared("C2"),
    "C3": sooner,
    "C4": left_early,
    "C5": surveyed,
    "C6": after(stepped_down, "C6"),
    "C7": spent,
    "C8": after(scored_iop, "C8"),
    "C9": after(scored_iop, "C9"),
    "C10": in_tracks,
    "C11": two_levels((IOP,), TWENTY_FOUR_HOUR),
    "C12": measured_often,
    "C13": lasting,
    "C14": iop_lacks,
    "C15": placed,
}
