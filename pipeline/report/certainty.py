"""How sure an answer is: its verdict first, then whether any other defensible way turns it round."""

from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.names import arm_phrase
from pipeline.report.released import Released
from pipeline.report.words import SURE, TURNS, excludes_zero, tag_of
from pipeline.results import Analysis, Result, Verdict

WORDS = {
    Verdict.BETTER: "Better",
    Verdict.NOT_WORSE: "Not worse",
    Verdict.WORSE: "Worse",
    Verdict.WORSE_WITHIN: "Slightly worse",
    Verdict.WORSE_BEYOND: "Worse",
    Verdict.INCONCLUSIVE: "Open",
    Verdict.DEPENDS: "Open",
    Verdict.EXPLORATORY: "A hint",
    Verdict.DESCRIPTIVE: "Described",
}
MARKS = {"Better": "▲", "Not worse": "=", "Worse": "▼", "Slightly worse": "▼", "Open": "?", "Cannot say": "–"}
STANDS, READS = "the conclusion stands", "it would read"  # notes of the other ways that are counted


def certainty(released: Released, row: Result) -> str:
    """The tag beside a result; an answer that another defensible way turns round is not fairly sure."""
    tag = tag_of(row)
    return TURNS if tag == SURE and turning(released, row) else tag


def turning(released: Released, row: Result) -> tuple[Result, ...]:
    """The other ways of making an answer that say the opposite."""
    beside = released.rows(twin_of=row.result_id, measure=row.measure, analysis=Analysis.SENSITIVITY)
    return tuple(one for one in beside if one.note.startswith((STANDS, READS)) and turns(row, one))


def none_turns(released: Released, row: Result) -> bool:
    """Whether it was made in other ways, all of them are told, and none says the opposite."""
    beside = released.rows(twin_of=row.result_id, measure=row.measure, analysis=Analysis.SENSITIVITY)
    return bool(beside) and all(isinstance(one.estimate, float) and not turns(row, one) for one in beside)


def turns(row: Result, other: Result) -> bool:
    """Whether another way says the opposite: the other sign, or worse by more than the margin that was ruled out."""
    if not isinstance(row.estimate, float) or not isinstance(other.estimate, float):
        return False
    opposite = row.estimate * other.estimate < 0
    if row.verdict in (Verdict.INCONCLUSIVE, Verdict.DEPENDS) and not excludes_zero(row):
        return opposite and excludes_zero(other)  # an open answer has no side that another open one could turn
    if row.verdict == Verdict.NOT_WORSE:
        return isinstance(row.margin, float) and other.estimate < -row.margin
    return opposite


def choice(other: Result) -> str:
    """What was chosen otherwise: 'silence of 14 days', 'people like those in IOP'."""
    if other.varied:
        return other.varied.replace("_", " ")
    arm = other.target.removeprefix("treated:")
    return f"people like those in {arm_phrase(arm)}" if arm != other.target else f"{other.estimator}, {other.target}"


def verdict_word(row: Result) -> str:
    """One or two words that mean what the verdict says."""
    if row.gate == "withheld" or is_suppressed(row.estimate) or row.estimate is None:
        return "Cannot say"
    return WORDS.get(Verdict(row.verdict), "Described") if row.verdict in set(Verdict) else "Described"
