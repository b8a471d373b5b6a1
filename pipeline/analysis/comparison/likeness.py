"""How many programs or therapists the limits of a comparison count, and how alike the outcomes of one's people are."""

from collections.abc import Iterator

import numpy as np

from pipeline.analysis.comparison.fitted import Comparison
from pipeline.analysis.comparison.sharing import groupings
from pipeline.errors import NotEstimable
from pipeline.results import Diagnostic
from pipeline.stats.weighting.clusters import HANDFUL, shared_variance
from pipeline.study import Study


def sharing_lines(comparison: Comparison, study: Study, result_id: str) -> Iterator[Diagnostic]:
    """How many programs or therapists the limits count, and how alike the outcomes of one therapist's people are."""
    for arm, count in zip(comparison.arms, comparison.clusters.counts, strict=True):
        if comparison.clusters.codes is not None:
            yield Diagnostic(
                result_id=result_id,
                check="clusters",
                arm=arm,
                covariate=comparison.clusters.unit,
                after=float(count),
                threshold=float(HANDFUL),
                passed=True,
            )
    yield from likeness_lines(comparison, study, result_id)


def likeness_lines(comparison: Comparison, study: Study, result_id: str) -> Iterator[Diagnostic]:
    """The ICC and the design effect of therapists (else of programs) within arms; none where neither is recorded."""
    known = groupings(comparison.used_people, comparison.used_codes, study)
    if not known:
        return
    finest, rows = known[-1], comparison.rows
    site = comparison.site[rows]
    places = (site[:, None] == np.unique(site)[None, 1:]).astype(float)
    try:
        found = shared_variance(
            comparison.outcome[rows],
            comparison.used_codes,
            np.asarray(finest.labels),
            np.column_stack([comparison.design.values, places]),
        )
    except NotEstimable:
        return  # one cluster, or nobody who shares one: there is nothing to be alike
    about = f"{finest.name} within a level"
    yield Diagnostic(result_id=result_id, check="icc", covariate=about, after=round(found.icc, 3), passed=True)
    effect = round(found.design_effect, 2)
    yield Diagnostic(result_id=result_id, check="design_effect", covariate=about, after=effect, passed=True)
