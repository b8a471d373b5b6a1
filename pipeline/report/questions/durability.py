"""C13 in words: how people were half a year after the start, and what became of those who had been in remission."""

from collections.abc import Iterator
from dataclasses import replace

from pipeline.report.disclosure.held_back import is_held_back
from pipeline.report.figures.durability import lasting_figure
from pipeline.report.fragment import Picture
from pipeline.report.names import arm_label, arm_phrase, scale
from pipeline.report.numbers import in_hundred
from pipeline.report.released import Released
from pipeline.report.sentences.generic import generic
from pipeline.report.words import CANNOT, FEW, Sentence, amount, compared, likely_range, reason, tag_of, why_hidden
from pipeline.results import Result

AT_FIRST = ("in_remission", "not_in_remission", "remission_unknown")
LATER = ("still_recovered", "relapsed", "recovery_unknown")


def lasting_difference(released: Released, row: Result) -> Sentence:
    """The day-180 contrast as a like-for-like contrast, beside what those measured both times would have said."""
    if row.analysis == "as_observed":
        return generic(released, row)
    beside = {
        name: released.row(measure=measure, twin_of=row.result_id)
        for name, measure in (("detectable", "detectable_difference"), ("tipping", "tipping_point"))
    }
    twin = released.row(analysis="as_observed", twin_of=row.result_id)
    said = compared(released.study, row, None, **beside)
    parts, used = [said.whole], said.result_ids
    if isinstance(row.estimate, float):
        parts = [f"From the start to day {row.day}, counting everybody who started: {said.whole}"]
        if twin is not None and isinstance(twin.estimate, float):
            parts.append(
                f"Among only those measured at both times, it reads {amount(twin)}: those who are reached half a year"
                " later are often those who are doing well."
            )
            used += (twin.result_id,)
    for one in became(released, row):
        parts.append(one.point)
        used += one.result_ids
    return replace(said, detail=" ".join(part for part in parts if part), result_ids=used, behind=())


def became(released: Released, row: Result) -> Iterator[Sentence]:
    """At both levels, what became of those in remission, as far as it may be told."""
    for arm in (row.arm, row.reference):
        still = released.row(
            question="C13", analysis="durability", measure=LATER[0], arm=arm, outcome=row.outcome, day=row.day
        )
        if still is not None and isinstance(still.estimate, float):
            yield band(released, still)


def since(released: Released, row: Result) -> Sentence:
    """'A hint, not a finding: from day 90 to day 180, scores fell 0.3 points more in IOP than in inpatient care, for
    similar people.'"""
    instrument, used = scale(released.study, row.outcome)[0], (row.result_id,)
    early = next((one.day for one in released.study.outcomes if one.name == row.outcome), 90)
    what = f"from day {early} to day {row.day}"
    both = f"{arm_phrase(row.arm)} and {arm_phrase(row.reference)}"
    if row.gate == "withheld":
        return Sentence(
            f"How scores went on {what} in {both} cannot be compared.", f"The reason: {reason(row)}.", CANNOT, used
        )
    if not isinstance(row.estimate, float):
        return Sentence(f"How scores went on {what} in {both} is {why_hidden(row, FEW)}.", "", CANNOT, used)
    point = (
        f"A hint, not a finding: {what}, {instrument} scores improved {amount(row)} in {arm_phrase(row.arm)} than in "
        f"{arm_phrase(row.reference)}, for similar people ({likely_range(row)})."
    )
    return Sentence(point, row.note, tag_of(row), used)


def band(released: Released, row: Result) -> Sentence:
    """'Of 100 people in IOP in remission at day 90, 35 still were at day 180, 16 had relapsed, and 48 were not measured
    again.'"""
    names = LATER if row.measure in LATER else AT_FIRST
    same = [
        released.row(question="C13", analysis=row.analysis, measure=name, arm=row.arm, outcome=row.outcome, day=row.day)
        for name in names
    ]
    shares = [one.estimate for one in same if one is not None and isinstance(one.estimate, float)]
    used = tuple(one.result_id for one in same if one is not None)
    early = next((outcome.day for outcome in released.study.outcomes if outcome.name == row.outcome), 90)
    if len(shares) < len(names):  # a benefit is not told without its harm, nor either without those not known
        kept = next((one for one in same if one is not None and is_held_back(one)), row)
        whom = (
            f"those in remission at day {early} by day {row.day}"
            if names is LATER
            else f"those who started by day {row.day}"
        )
        return Sentence(
            f"{arm_label(row.arm)}: what became of {whom} is {why_hidden(kept, 'one of the groups is small')}.",
            "",
            CANNOT,
            used,
        )
    one, two, unknown = (in_hundred(value) for value in shares)
    if names is AT_FIRST:
        point = (
            f"{arm_label(row.arm)}: of 100 people who started, {one} were in remission on the"
            f" {scale(released.study, row.outcome)[0]} at day {row.day}, {two} were not, and {unknown} were not"
            " measured."
        )
        return Sentence(point, "As observed: not adjusted for who starts where.", "", used)
    point = (
        f"{arm_label(row.arm)}: of 100 people in remission at day {early}, {one} still were at day {row.day}, {two} had"
        f" relapsed, and {unknown} were not measured again."
    )
    return Sentence(point, f"As observed: not adjusted for who starts where. {row.note}", "", used)


def pictures(released: Released, row: Result) -> list[Picture]:
    """The figures of this question: title, what is below it, SVG or empty text."""
    return [
        (
            "Remission, and what became of it (as observed)",
            (
                "Heights are shares of everybody who started, not comparable. At the right: of those in remission. Not"
                " known: not measured."
            ),
            lasting_figure(released, row, "lasting"),
        )
    ]


SENTENCES = {
    "difference": lasting_difference,
    "difference_in_change": since,
    **{measure: band for measure in (*AT_FIRST, *LATER)},
}
