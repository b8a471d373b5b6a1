"""C3 in words: how many more people were reliably better by a day that both arms were looked at, and how fast scores
moved."""

from dataclasses import replace

from pipeline.report.drawing.gaps import GAPS
from pipeline.report.figures.speed import first_improvement_figure, trajectory_figure
from pipeline.report.fragment import Picture
from pipeline.report.names import arm_label, arm_phrase, scale
from pipeline.report.numbers import from_to, in_hundred, plain
from pipeline.report.released import Released
from pipeline.report.sentences.generic import generic
from pipeline.report.words import CANNOT, FEW, Sentence, compared, number_of, points_of, reason, tag_of, why_hidden
from pipeline.results import Result

SCHEDULE = "Both levels are looked at on the same days, and a better score counts only if the next one shows it too."
PER = {"slope_per_week": "a week", "slope_per_hour": "an hour of care attended"}


def sooner(released: Released, row: Result) -> Sentence:
    """'More people had reliably improved on the PHQ-9 by day 56 in IOP than in outpatient care, among similar
    people.'"""
    if row.analysis == "as_observed":
        return generic(released, row)
    twin = released.row(analysis="as_observed", twin_of=row.result_id)
    detectable = released.row(measure="detectable_difference", twin_of=row.result_id)
    said = compared(released.study, row, None, detectable)
    by_then = [text.replace(f"at day {row.day}", f"by day {row.day}") for text in (said.point, said.whole)]
    used = said.result_ids
    if isinstance(row.estimate, float):
        by_then[1] = f"{by_then[1]} {SCHEDULE}"
        if twin is not None and isinstance(twin.estimate, float):
            by_then[1] += f" {careless(twin)}"
            used += (twin.result_id,)
    return replace(said, point=by_then[0], detail=by_then[1], result_ids=used, behind=())


def careless(twin: Result) -> str:
    """What first crossings say, and why it is not to be believed."""
    found = number_of(twin)
    way = "more" if found > 0 else "fewer"
    return (
        f"Counting the first better score whenever each person was measured, it reads {in_hundred(found)} {way}"
        " in 100: whoever is measured more often is found better sooner."
    )


def slope(released: Released, row: Result) -> Sentence:
    """'A hint, not a finding: PHQ-9 scores improved 0.1 points a week more in IOP than in outpatient care, for similar
    people.'"""
    instrument, used = scale(released.study, row.outcome)[0], (row.result_id,)
    what = (
        f"How fast {instrument} scores improved per {row.measure.removeprefix('slope_per_')} in {arm_phrase(row.arm)}"
        " and "
    )
    if row.gate == "withheld":
        return Sentence(
            f"{what}{arm_phrase(row.reference)} cannot be compared.", f"The reason: {reason(row)}.", CANNOT, used
        )
    if not isinstance(row.estimate, float):
        return Sentence(f"{what}{arm_phrase(row.reference)} is {why_hidden(row, FEW)}.", "", CANNOT, used)
    way = "more" if row.estimate > 0 else "less"
    point = (
        f"A hint, not a finding: {instrument} scores improved {plain(abs(row.estimate), 2)} {points_of(row)}"
        f" {PER[row.measure]} {way} in {arm_phrase(row.arm)} than in {arm_phrase(row.reference)}, for similar people."
    )
    return Sentence(point, " ".join(part for part in (range_of(row), row.note) if part), tag_of(row), used)


def range_of(row: Result) -> str:
    if not isinstance(row.low, float) or not isinstance(row.high, float):
        return ""
    unit = points_of(row)
    ways = ["more" if value > 0 else "less" for value in (row.low, row.high)]
    if ways[0] == ways[1]:
        near, far = sorted((abs(row.low), abs(row.high)))
        return f"Likely range {from_to(plain(near, 2), plain(far, 2))} {unit} {ways[0]}."
    return (
        f"Likely range {plain(abs(row.low), 2)} {unit} {ways[0]} to {plain(abs(row.high), 2)} {unit} {ways[1]}; it"
        " holds no difference."
    )


def share_by_then(released: Released, row: Result) -> Sentence:
    """'51 of 100 people in IOP had reliably improved by day 56, among people of IOP or outpatient care alike.'"""
    if not isinstance(row.estimate, float):
        return generic(released, row)
    instrument = scale(released.study, row.outcome)[0]
    return Sentence(
        f"{arm_label(row.arm)}: {in_hundred(row.estimate)} of 100 similar people had reliably improved on the"
        f" {instrument} by day {row.day}.",
        SCHEDULE,
        tag_of(row),
        (row.result_id,),
    )


def pictures(released: Released, row: Result) -> list[Picture]:
    """The figures of this question: title, what is below it, SVG or empty text."""
    return [
        (
            "Reliably better by day: similar people",
            (
                "Both levels put on one schedule of measuring and weighted to be alike. Shaded: 95% range. A gap: too"
                " few were measured."
            ),
            first_improvement_figure(released, row, "first-improvement"),
        ),
        (
            "Improvement by week (as observed)",
            f"Mean of those measured; the two groups are not comparable. {GAPS}",
            trajectory_figure(released, row, "trajectory_week", "improvement-week"),
        ),
        (
            "Improvement by hours attended (as observed)",
            f"Those who attended more hours are other people; not comparable. {GAPS}",
            trajectory_figure(released, row, "trajectory_hours", "improvement-hours"),
        ),
    ]


SENTENCES = {
    "risk_difference": sooner,
    "adjusted_share": share_by_then,
    "slope_per_week": slope,
    "slope_per_hour": slope,
}
