"""What outcomes that no level of care can change say about the comparisons: assessed, and how far off; or not
assessed."""

from math import exp

from pipeline.report.numbers import percent
from pipeline.report.released import Released
from pipeline.results import Diagnostic, Result

NOT_ASSESSED = (
    "Outcomes that no level of care can change (negative controls) were not assessed: too few of them are in the"
    " records to show whether something unmeasured is left."
)
ASSESSED = (
    "Outcomes that no level of care can change (negative controls) were compared in the same way; a comparison in which"
    " they still differ by much is withheld."
)


def about_controls(released: Released) -> str:
    """One sentence: true of every like-for-like comparison of the study."""
    found = [d for d in released.tables.diagnostics if d.check == "controls"]
    if not any(d.passed for d in found):
        return NOT_ASSESSED
    left_out = (
        ""
        if all(d.passed for d in found)
        else " For some comparisons too few of them could be used, and this was not assessed."
    )
    return ASSESSED + left_out


def control_card(released: Released, row: Result) -> tuple[str, str] | None:
    """How far control outcomes are apart in one comparison, as a card; None where they are hidden or nothing was
    compared."""
    size, number = (the(released, row, check) for check in ("negative_controls", "controls"))
    if number is None or not isinstance(number.after, float):
        return None
    if size is None or not isinstance(size.after, float):
        return (
            "not assessed",
            (
                "whether outcomes that no level of care can change differ after weighting: at least"
                f" {number.threshold:.0f} are needed, the records have {number.after:.0f} that can be used."
            ),
        )
    return (
        percent(exp(size.after) - 1),
        (
            f"is how far apart {number.after:.0f} outcomes are that no level of care can change (guide: under"
            f" {percent(exp(size.threshold or 0.0) - 1)}; 0 if nothing hidden were at work)."
        ),
    )


def the(released: Released, row: Result, check: str) -> Diagnostic | None:
    return next((d for d in released.tables.diagnostics if d.result_id == row.result_id and d.check == check), None)
