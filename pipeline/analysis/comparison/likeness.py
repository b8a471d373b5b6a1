"""How many programs or therapists the limits of a comparison count, and how alike the outcomes of one's people are."""

from collections.abc import Iterator

import numpy as np

from pipeline.analysis.comparison.fitted import Comparison
from pipeline.analysis.comparison.sharing import groupings
from pipeline.errors import NotEstimable
from pipeline.results import Diagnostic
from pipeline.stats.weighting.clusters import HANDFUL, choose_clusters, shared_variance
from pipeline.study import Study


def sharing_lines(comparison: Comparison, study: Study, result_id: str) -> Iterator[Diagnostic]:
    """How many programs or therapists the limits count, and how alike the outcomes of one therapist's people are."""
    for arm, unit, count in zip(comparison.arms, comparison.clusters.units, comparison.clusters.counts, strict=True):
        if count:
            yield Diagnostic(
                result_id=result_id,
                check="clusters",
                arm=arm,
                covariate=unit,
                after=float(count),
                threshold=float(HANDFUL),
                passed=True,
            )
    yield from likeness_lines(comparison, study, result_id)


def likeness_lines(comparison: Comparison, study: Study, result_id: str) -> Iterator[Diagnostic]:
    """ICC and design effect of programs or therapists, wherever an arm has enough of them; also where sites are
    counted, which are wider."""
    rows, codes = comparison.rows, comparison.used_codes
    outcome, site = comparison.outcome[rows], comparison.site[rows]
    if np.nanmin(outcome, initial=np.inf) == np.nanmax(outcome, initial=-np.inf):
        return  # an outcome that does not vary is refused elsewhere
    found = choose_clusters(groupings(comparison.used_people, codes, study), site, codes, np.isfinite(outcome))
    if found.codes is None:
        return
    here = np.isin(codes, np.flatnonzero(found.counts))
    places = (site[:, None] == np.unique(site)[None, 1:]).astype(float)
    columns = np.column_stack([comparison.design.values, places])[here]
    arm = np.unique(codes[here], return_inverse=True)[1]
    try:
        shared = shared_variance(outcome[here], arm, found.codes[here], columns)
    except NotEstimable:
        return  # nobody measured shares a therapist: nothing is to be told, and nothing to be withheld for it
    names = " and ".join(dict.fromkeys(unit for unit, count in zip(found.units, found.counts, strict=True) if count))
    for check, value in (("icc", round(shared.icc, 3)), ("design_effect", round(shared.design_effect, 2))):
        yield Diagnostic(result_id=result_id, check=check, covariate=f"{names} of a level", after=value, passed=True)
