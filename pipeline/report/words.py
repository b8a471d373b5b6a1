"""Words follow evidence: a result's verdict decides its sentence, and its sentence carries a tag of how sure we are."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.choices.asked import Outcome
from pipeline.errors import PageError
from pipeline.measures.scales import is_screen, scale_words
from pipeline.report.disclosure.held_back import is_held_back
from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.names import ARM_PHRASES, arm_label, arm_phrase, event, scale, screened
from pipeline.report.numbers import MINUS, count, from_to, in_hundred, percent, same_digits, size
from pipeline.results import GateWord, Result, Verdict
from pipeline.study import Study

SURE, OPEN, CANNOT = "Fairly sure", "Could be zero", "Cannot say"
HERE_ONLY = re.compile(r"sites? only")
UNSURE, TURNS = "Still open", "Depends on a choice"  # the range holds no zero, yet the answer does not stand
TAGS: dict[str, str] = {
    Verdict.BETTER: SURE,
    Verdict.NOT_WORSE: SURE,
    Verdict.WORSE_WITHIN: SURE,
    Verdict.WORSE_BEYOND: SURE,
    Verdict.WORSE: SURE,
    Verdict.INCONCLUSIVE: OPEN,
    Verdict.DEPENDS: OPEN,
    Verdict.TURNED: OPEN,
    Verdict.NO_COMPARABLE: CANNOT,
    Verdict.DESCRIPTIVE: "",
    Verdict.EXPLORATORY: "",
}
AT_FACE_VALUE: dict[str, str] = {
    Verdict.BETTER: "says that {arm} does better",
    Verdict.NOT_WORSE: "rules out that {arm} does worse by more than {margin}",
    Verdict.WORSE_WITHIN: "says that {arm} does worse, by less than {margin}",
    Verdict.WORSE_BEYOND: "says that {arm} does worse, by more than {margin}",
    Verdict.WORSE: "says that {arm} does worse",
}
WAITING_LIST = (
    "Scores get better without treatment too: in one online study, people on a waiting list went from 13.6 to 7.0 on"
    " the PHQ-9 in 16 weeks (known to us from a secondary source). A change over time is not yet an effect of care."
)
ABBREVIATED = re.compile(r"\b(iop|php)\b")  # arms are named in lower case in study.toml
NEGATIVE = re.compile(r"(?<= )-(?=\d)")
IN_ARM = re.compile(rf"\b(in|of|and) ({'|'.join(sorted(ARM_PHRASES, key=len, reverse=True))})\b(?! care)")
# not within quotes: what is to be typed, as study.toml spells it
SCALE = re.compile(rf"(?<!\")\b({'|'.join(sorted(scale_words(), key=len, reverse=True))})\b(?!\")")
SMALL, FEW = "it rests on a small group", "few people are behind it"  # why a number is hidden
STILL_SAID = "What can be said is how people did at each level, not whether one level did better."
SITES_APART = (
    "People at one level were treated at other sites than people at the other, so what looks like a difference between"
    " levels could as well be one between sites."
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a reader takes away: the point, then its numbers, then how sure we are ('' where no verdict is drawn); and
    what stands behind it."""

    point: str
    detail: str
    tag: str
    result_ids: tuple[str, ...]
    behind: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """The numbers and what stands behind them."""
        return " ".join(part for part in (self.detail, *self.behind) if part)


def tag_of(row: Result) -> str:
    """The certainty tag beside a result; *could be zero* only where the range holds it."""
    if row.gate == GateWord.WITHHELD or is_suppressed(row.estimate):
        return CANNOT
    tag = TAGS.get(row.verdict, "")
    return UNSURE if tag == OPEN and excludes_zero(row) else tag


def excludes_zero(row: Result) -> bool:
    """Whether both limits lie on one side of no difference."""
    low, high = row.low, row.high
    none = 1.0 if row.measure.endswith("_ratio") else 0.0
    return isinstance(low, float) and isinstance(high, float) and not low <= none <= high


def compared(
    study: Study,
    row: Result,
    naive: Result | None = None,
    detectable: Result | None = None,
    tipping: Result | None = None,
) -> Sentence:
    """A contrast in words: verdict first, then the difference with its range, then what the unadjusted figures would
    have said."""
    used = tuple(one.result_id for one in (row, naive, detectable, tipping) if one is not None)
    if row.gate == GateWord.WITHHELD:
        return Sentence(
            f"{pair(row)} cannot be compared here.",
            f"The reason: {reason(row)}. {SITES_APART if apart(row) else STILL_SAID}",
            CANNOT,
            used,
        )
    if is_suppressed(row.estimate):
        return Sentence(f"{pair(row)}: the comparison is {why_hidden(row)}.", "", CANNOT, used)
    if row.estimate is None:
        return Sentence(
            f"{pair(row)} could not be compared.",
            f"The reason: {reason(row) or 'no estimate could be made'}. {STILL_SAID}",
            CANNOT,
            used,
        )
    parts: list[str] = []
    if naive is not None and isinstance(naive.estimate, float):
        parts.append(f"Before adjusting for who starts where, the same comparison reads {amount(naive)}.")
    if (
        row.verdict == Verdict.DEPENDS
        and tipping is not None
        and isinstance(tipping.estimate, float)
        and tipping.stratum in AT_FACE_VALUE
    ):
        read = AT_FACE_VALUE[tipping.stratum].format(arm=arm_phrase(row.arm), margin=margin(row))
        parts.append(
            f"Taken alone, the range {read}. That would no longer hold if, in one of the two groups, the people who"
            f" were not measured had done {measured(tipping, tipping.estimate)} better or worse than similar people who"
            " were measured."
        )
    elif row.verdict.startswith("inconclusive") and detectable is not None and isinstance(detectable.estimate, float):
        parts.append(
            f"With this many people, a difference of {measured(detectable, detectable.estimate)} or more would probably"
            " have shown."
        )
    return Sentence(POINTS[row.verdict](study, row), difference(study, row), tag_of(row), used, tuple(parts))


def pair(row: Result) -> str:
    return f"{arm_label(row.arm)} and {arm_phrase(row.reference)}"


def apart(row: Result) -> bool:
    """Whether people at one level were treated elsewhere: not where no site is named, so that nobody knows."""
    return "treated at sites that offer both levels" in row.reason


def reason(row: Result) -> str:
    """Why a result is withheld, as a page writes it: with the words of a level where a reason has its name."""
    return worded(row.reason).rstrip(".")


def worded(said: str) -> str:
    """What an analysis wrote, as a page writes it: levels and scales by their own words."""
    told = IN_ARM.sub(lambda found: f"{found[1]} {arm_phrase(found[2])}", said)
    told = SCALE.sub(lambda found: scale_words()[found[0]].label, told)
    return spelled(NEGATIVE.sub(MINUS, told).replace(" %", "%"))


def why_hidden(row: Result, otherwise: str = SMALL) -> str:
    """Why a number is not shown, as the end of a sentence: for the edition before, or for its own people."""
    return row.reason if is_held_back(row) else f"hidden, because {otherwise}"


def bounded(row: Result) -> str:
    """'under 4% (fewer than 11 of 280)', of a share that is told as a bound or a range."""
    return f"{percent(row.estimate)} ({count(row.numerator)} of {count(row.denominator)})"


def spelled(words: str) -> str:
    """Levels as pages write them: IOP, which study.toml names in lower case."""
    return ABBREVIATED.sub(lambda found: found[0].upper(), words)


def for_whom(rows: Iterable[Result]) -> str:
    """The sentence that bounds where answers hold, once, naming the comparisons it is about unless it is about all of
    them."""
    carried = [row for row in rows if row.gate != GateWord.WITHHELD]
    bounded = [row for row in carried if HERE_ONLY.search(row.note)]
    if not bounded:
        return ""
    note = next(part.strip() for part in bounded[0].note.split(". ") if HERE_ONLY.search(part)).rstrip(".")
    if len(bounded) == len(carried):
        return f"{note[0].upper()}{note[1:]}."
    pairs = dict.fromkeys(f"{arm_label(row.arm)} and {arm_phrase(row.reference)}" for row in bounded)
    return f"{'; '.join(pairs)}: {note[0].lower()}{note[1:]}."


def is_share(row: Result) -> bool:
    return row.unit == "share"


def is_harm(row: Result) -> bool:
    return row.outcome.startswith(("dropped_out", "readmitted", "ed_visit"))


def number_of(row: Result) -> float:
    """The estimate of a row that is told as a number.  Raises PageError where it has none, or where it is hidden."""
    if not isinstance(row.estimate, float):
        raise PageError(f"{row.result_id} has no number to be told; this is a fault of the page, not of the records")
    return row.estimate


def difference(study: Study, row: Result) -> str:
    """'Depression scores (PHQ-9) fell 1.1 points more (likely range 0.5 to 1.7 more).'"""
    found = number_of(row)
    if is_share(row):
        return f"Of 100 similar people, {amount(row)} {event(study, row.outcome, row.day)} ({likely_range(row)})."
    moved = "fell" if row.raw_estimate is None or found * row.raw_estimate <= 0 else "rose"
    return f"{scores_of(study, row.outcome)} {moved} {amount(row)} ({likely_range(row)})."


def scores_of(study: Study, outcome: str) -> str:
    """What rises and falls, first in a sentence: 'Depression scores (PHQ-9)', 'Opioids found in urine screens'."""
    instrument, measures = scale(study, outcome)
    found = screened(study, outcome)
    return found or f"{measures[0].upper()}{measures[1:]} scores ({instrument})"


def direction(row: Result, value: float) -> str:
    positive, negative = ("more", "fewer") if is_share(row) else ("more", "less")
    return positive if value > 0 else negative if value < 0 else "more or " + negative


def measured(row: Result, value: float) -> str:
    """A difference without its direction: '1.1 points', '6 in 100'."""
    if is_share(row):
        return f"{in_hundred(value)} in 100"
    return f"{size(value)} {points_of(row)}"


def points_of(row: Result) -> str:
    """The unit of a score: points; of a yes-or-no screen, whose mean is a share, percentage points."""
    return row.unit if row.unit.startswith("percentage") else "points"


def amount(row: Result) -> str:
    """The estimate with its direction: '1.1 points more', '6 fewer in 100'."""
    value, unit = number_of(row), "" if is_share(row) else f" {points_of(row)}"
    return f"{digits(row)[0]}{unit} {direction(row, value)}"


def likely_range(row: Result) -> str:
    """'likely range 0.5 to 1.7 more', or with both directions where it holds 0; nearer to zero first where it does
    not."""
    low, high = row.low, row.high
    if not isinstance(low, float) or not isinstance(high, float):
        return "range not shown"
    _, first, second = digits(row)
    if low * high > 0:
        near, far = (first, second) if abs(low) <= abs(high) else (second, first)
        return f"likely range {from_to(near, far)} {direction(row, low)}"
    return f"likely range {first} {direction(row, low or -1.0)} to {second} {direction(row, high or 1.0)}"


def digits(row: Result) -> tuple[str, ...]:
    """The sizes of the estimate and of its two limits, with the same number of decimals; the estimate alone where no
    limits are told."""
    value, low, high = number_of(row), row.low, row.high
    write: Any = in_hundred if is_share(row) else size
    if not isinstance(low, float) or not isinstance(high, float):
        return (write(value),)
    end: Any = in_hundred if is_share(row) else lambda limit: size(limit, (0.0, row.margin or 0.0))
    factor = 100.0 if is_share(row) else 1.0
    return same_digits((write(value), end(low), end(high)), (factor * value, factor * low, factor * high))


def said_of(study: Study, row: Result, better: bool) -> str:
    """The plain form of a direction: who did better, or what more people did."""
    if not is_share(row):
        return (
            f"{arm_label(row.arm)} did {'better' if better else 'worse'} than {arm_phrase(row.reference)} for similar"
            " people"
        )
    more = better != is_harm(row)
    did = event(study, row.outcome, row.day)
    where = f"in {arm_phrase(row.arm)} than in {arm_phrase(row.reference)}"
    return f"{'More' if more else 'Fewer'} people {did} {where}, among similar people"


def margin(row: Result) -> str:
    if row.margin is None:
        return "the margin"
    written = size(row.margin).removesuffix(".0")
    return f"the margin of {written} {counted_in(points_of(row), written)}"


def counted_in(unit: str, written: str) -> str:
    """'point' of just one."""
    return unit.removesuffix("s") if written == "1" else unit


def fixed_margin(outcome: Outcome) -> str:
    """The margin that a study fixed, in the unit in which differences are told: '1 point', '10 percentage points'."""
    screen = is_screen(outcome.instrument)
    written = size(100 * outcome.margin if screen else outcome.margin).removesuffix(".0")
    return f"{written} {counted_in('percentage points' if screen else 'points', written)}"


def still_open(study: Study, row: Result) -> str:
    if is_share(row):
        did = event(study, row.outcome, row.day)
        return (
            f"Whether more or fewer people {did} in {arm_phrase(row.arm)} than in {arm_phrase(row.reference)} is still"
            " open"
        )
    return (
        f"Whether {arm_phrase(row.arm)} does better or worse than {arm_phrase(row.reference)} for similar people is"
        " still open"
    )


POINTS: dict[str, Callable[[Study, Result], str]] = {
    Verdict.BETTER: lambda study, row: said_of(study, row, True) + ".",
    Verdict.NOT_WORSE: lambda study, row: (
        f"{arm_label(row.arm)} did not do worse than {arm_phrase(row.reference)} by more than {margin(row)}, for"
        " similar people."
    ),
    Verdict.WORSE_WITHIN: lambda study, row: said_of(study, row, False) + f", by less than {margin(row)}.",
    Verdict.WORSE_BEYOND: lambda study, row: said_of(study, row, False) + f", by more than {margin(row)}.",
    Verdict.WORSE: lambda study, row: said_of(study, row, False) + ".",
    Verdict.INCONCLUSIVE: lambda study, row: still_open(study, row) + ".",
    Verdict.DEPENDS: lambda study, row: still_open(study, row) + ": it depends on the people who were not measured.",
    Verdict.TURNED: lambda study, row: (
        still_open(study, row) + ": the same comparison, made in another defensible way, reads the other way."
    ),
    Verdict.EXPLORATORY: lambda study, row: (
        f"A hint, not a finding: {arm_phrase(row.arm)} beside {arm_phrase(row.reference)}, for similar people."
    ),
    Verdict.DESCRIPTIVE: lambda study, row: f"{arm_label(row.arm)} beside {arm_phrase(row.reference)}, as observed.",
    Verdict.NO_COMPARABLE: lambda study, row: f"{pair(row)} cannot be compared here.",
}
