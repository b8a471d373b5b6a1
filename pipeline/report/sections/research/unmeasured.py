"""What those not measured could do to each answer: how it reads at face value and at the plausible limit, and how far
beyond it they would have to be."""

from pipeline.report.fragment import table, text
from pipeline.report.names import arm_label, arm_phrase
from pipeline.report.numbers import plain
from pipeline.report.released import Released
from pipeline.report.sentences.generic import figure_of, noun_of
from pipeline.results import Result

MEASURES = (
    "at_face_value",
    "plausible_departure",
    "at_plausible_limit",
    "tipping_point",
    "tipping_point_sd",
    "tipping_multiple",
)
HEAD = ["Comparison", "At face value", "Plausible of both", "At the plausible limit", "Reads otherwise at", "In SD"]
NOTE = (
    "Those not measured are taken to be like similar people (start, site, level and, where the row says so, their last"
    " score before the window), then worse: both groups alike by up to the plausible, and on top of that either one by"
    " the margin. Reads otherwise at: the smallest difference of one group alone that changes the reading."
)
CEILING = 10.0  # times the plausible: as far as analysis/comparison/tipping.py looks


def unmeasured(released: Released, heads: list[Result]) -> tuple[str, list[Result]]:
    """A sentence and a table over the answers that rest on people some of whom were not measured, and the rows used;
    empty where there are none."""
    found = {row: {name: released.row(measure=name, twin_of=row.result_id) for name in MEASURES} for row in heads}
    found = {row: beside for row, beside in found.items() if beside["at_plausible_limit"] is not None}
    if not found:
        return "", []
    body = [line(released, row, beside) for row, beside in found.items()]
    said = "".join(f"<p>{text(told)}</p>" for row, beside in found.items() if (told := sentence(released, row, beside)))
    title = "What those not measured could do"
    made = table(title, HEAD, body, kind="steps dense")
    used = [one for beside in found.values() for one in beside.values() if one is not None]
    return f"<h3>{title}</h3>{said}{made}<p><small>{text(NOTE)}</small></p>", used


def line(released: Released, row: Result, beside: dict[str, Result | None]) -> list[str]:
    pair = f"{arm_label(row.arm)} vs {arm_phrase(row.reference)}"
    return [
        f"{text(pair)}<small>{text(noun_of(released.study, row))}</small>",
        reading(beside["at_face_value"]),
        figure(beside["plausible_departure"]),
        reading(beside["at_plausible_limit"]),
        figure(beside["tipping_point"]),
        figure(beside["tipping_point_sd"]),
    ]


def reading(row: Result | None) -> str:
    """The verdict word with its range."""
    return "–" if row is None else f"{text(row.stratum)}<small>{text(figure_of(row))}</small>"


def figure(row: Result | None) -> str:
    return "–" if row is None else text(figure_of(row))


def sentence(released: Released, row: Result, beside: dict[str, Result | None]) -> str:
    """How the primary answer reads both ways, and how far beyond the plausible its reading ends."""
    if (row.arm, row.reference, row.outcome) != tuple(released.study.comparison.primary):
        return ""
    face, limit, times = (beside[name] for name in ("at_face_value", "at_plausible_limit", "tipping_multiple"))
    if face is None or limit is None:
        return ""
    said = f"The first comparison reads at face value: {face.stratum}; at the plausible limit: {limit.stratum}."
    return f"{said} {beyond(times)}".strip()


def beyond(times: Result | None) -> str:
    """'It would take those not measured to be 1.4 times as far from similar people as is plausible, by …'"""
    if times is None or not isinstance(times.estimate, float):
        return ""
    if times.estimate >= CEILING:
        return f"Ten times what is plausible, {times.note}, would not change it."
    far = f"{plain(times.estimate, 1)} times as far from similar people as is plausible, {times.note}"
    return f"It changes where those not measured are {far}."
