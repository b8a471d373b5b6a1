"""The row that answers each of the fifteen questions, and what stands beside it."""

import re

from pipeline.questions import Question, declared
from pipeline.report.certainty import choice, turning
from pipeline.report.disclosure.held_back import is_held_back
from pipeline.report.four_sentences import in_order
from pipeline.report.names import arm_phrase
from pipeline.report.numbers import plain
from pipeline.report.released import Released
from pipeline.report.words import amount, is_share, likely_range
from pipeline.results import Result

ANSWERED, OPEN_GROUP, CANNOT_BE_ASKED = "Answered", "Still open", "Cannot be answered with these records"
HELD_GROUP = "Held back in this edition"
TREATED = re.compile(r"treated:(\w+)")


def asked(question: Question, row: Result | None) -> str:
    """The question, about the two arms that its answer compares."""
    arm, reference = (row.arm, row.reference) if row is not None and row.reference else question.pair
    return question.asks.format(arm=arm_phrase(arm), reference=arm_phrase(reference))


def headline_of(released: Released, code: str) -> Result | None:
    """The one row that answers a question: its claim row, or for C2 and C4 the first like-for-like contrast that is
    asked about."""
    question = declared(code)
    if question is None or not question.like_for_like:
        row = released.row(question=code, analysis="claim")
        return answerable_part(released, row) or row
    rows = [row for row in in_order(released) if row.question == code]
    wanted = [row for row in rows if code == "C2" or row.outcome.startswith("dropped_out")] or rows
    first = next(iter(wanted), None) or released.row(
        question=code, analysis="like_for_like", arm=""
    )  # no two arms, only a reason
    return next((row for row in wanted if code == "C4" and (row.arm, row.reference) == question.pair), first)


def answerable_part(released: Released, row: Result | None) -> Result | None:
    """Where a question about a few people is withheld, the answer about the part of them it can be given for: those at
    high suicide risk, whether or not with psychosis."""
    if row is None or row.gate != "withheld" or row.question != "C11":
        return None
    parts = released.rows(question="C11", analysis="severity", measure=row.measure, estimator=row.estimator)
    part = next((one for one in parts if one.stratum and row.stratum.startswith(f"{one.stratum} and")), None)
    return part if part is not None and isinstance(part.estimate, float) else None


def group_of(row: Result | None) -> str:
    """Which of the groups of the page a question belongs to."""
    if row is not None and is_held_back(row):
        return HELD_GROUP
    if row is None or row.gate == "withheld" or not isinstance(row.estimate, float):
        return CANNOT_BE_ASKED
    low, high = row.low, row.high
    holds_zero = isinstance(low, float) and isinstance(high, float) and low < 0 < high and not row.margin
    return OPEN_GROUP if row.verdict.startswith("inconclusive") or holds_zero else ANSWERED


def counted(row: Result) -> str:
    """'12 fewer in 100 (likely range 8 to 15 fewer)'."""
    unit = " in 100" if is_share(row) else ""
    return f"{amount(row)}{unit} ({likely_range(row)})"


def other_ways(released: Released, row: Result) -> str:
    """Whether the answer depends on a choice: how many of the other ways it was made read the same, and which do
    not."""
    made = released.row(measure="other_analyses", twin_of=row.result_id)
    agree = released.row(measure="other_analyses_agree", twin_of=row.result_id)
    if made is None or agree is None or not isinstance(made.estimate, float) or not isinstance(agree.estimate, float):
        return ""
    if made.estimate == agree.estimate:
        return f"It was made in {plain(made.estimate, 0)} other ways, and every one of them reads the same."
    turned = "".join(f" With {choice(one)} it turns round: {counted(one)}." for one in turning(released, row))
    named = TREATED.sub(lambda found: f"people like those in {arm_phrase(found[1])}", agree.note)
    changing = f" It reads otherwise with: {named}." if named else ""
    return (
        f"It was made in {plain(made.estimate, 0)} other ways, and {plain(agree.estimate, 0)} of them read the"
        f" same.{changing}{turned}"
    )


def naive_of(released: Released, row: Result) -> tuple[Result, ...]:
    """What simple counts would have said in its place, the plainest first."""
    return released.rows(analysis="as_observed", twin_of=row.result_id)
