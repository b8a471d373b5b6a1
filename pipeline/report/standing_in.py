"""What stands in where the share of those followed to a day is hidden: the curve's own share of that day, which counts
people until their records end, where that may be told."""

from pipeline.endings import DROPPED_OUT
from pipeline.report.disclosure.held_back import is_held_back
from pipeline.report.disclosure.suppressed import is_hidden
from pipeline.report.released import Released
from pipeline.results import Result

CURVES = {"retained": ("survival", ""), "dropped_out": ("cumulative_incidence", DROPPED_OUT)}


def staying(released: Released, measure: str, arm: str, day: int) -> Result | None:
    """The scorecard's row of staying or of leaving early; where its number is hidden, the curve's if that is told."""
    card = released.row(analysis="scorecard", measure=measure, arm=arm, day=day, stratum="")
    if card is None or is_held_back(card) or not is_hidden(card.estimate):
        return card
    drawn, ending = CURVES[measure]
    curve = released.row(analysis="retention", measure=drawn, arm=arm, day=day, stratum=ending)
    return curve if curve is not None and isinstance(curve.estimate, float) else card


def stands_in(row: Result | None) -> bool:
    """Whether a row is a curve's in the place of the scorecard's own."""
    return row is not None and row.analysis == "retention"
