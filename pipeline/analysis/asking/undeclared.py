"""C2 and C4 of a study that declares nothing which could answer them: refusals that name what to declare."""

from collections.abc import Iterator
from dataclasses import replace

from pipeline.analysis.comparison.naive_twins import UNADJUSTED
from pipeline.analysis.contrasts import contrasts
from pipeline.analysis.headline import Asking
from pipeline.analysis.lacking import NO_PAIR, NO_SCALE
from pipeline.results import Analysis, Result

MEASURES = {"C2": "difference", "C4": "risk_difference"}


def unasked(asking: Asking) -> Iterator[Result]:
    """The one row, and its naive twin, of each of the two questions to which no declared contrast belongs."""
    answered = {contrast.endpoint.code for contrast in contrasts(asking.study)}
    reason = NO_SCALE if asking.study.comparison.contrasts else NO_PAIR
    for code, measure in MEASURES.items():
        if code not in answered:
            row = Result(question=code, analysis=Analysis.LIKE_FOR_LIKE, measure=measure)
            yield from UNADJUSTED.refused(replace(row, target="overlap", estimator="augmented"), reason)
