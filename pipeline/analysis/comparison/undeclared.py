"""C2 and C4 of a study that declares nothing which could answer them: refusals that name what to declare."""

from collections.abc import Iterator

from pipeline.analysis.comparison.like_for_like import TWIN
from pipeline.analysis.contrasts import contrasts
from pipeline.analysis.gate import DESCRIPTIVE
from pipeline.analysis.headline import Asking, naive_twin, refused
from pipeline.results import Result
from pipeline.study import Study

NO_SCALE = (
    "no symptom scale is part of this study: add an [[outcomes]] block to study.toml, and collect it at the start and"
    " at day 90"
)
NO_PAIR = "no two arms are compared in this study: name them in study.toml under [comparison] contrasts"
MEASURES = {"C2": "difference", "C4": "risk_difference"}


def unasked(asking: Asking) -> Iterator[Result]:
    """The one row, and its naive twin, of each of the two questions to which no declared contrast belongs."""
    answered = {contrast.question.code for contrast in contrasts(asking.study)}
    for code, measure in MEASURES.items():
        if code not in answered:
            row = Result(
                question=code, analysis="like_for_like", measure=measure, target="overlap", estimator="augmented"
            )
            row = refused(row, DESCRIPTIVE, why(asking.study))
            yield row
            yield naive_twin(row, estimator="unadjusted", why=TWIN)


def why(study: Study) -> str:
    return NO_SCALE if study.comparison.contrasts else NO_PAIR
