"""Why sites do not tell levels apart."""

import numpy as np

from pipeline.analysis.comparison.fitted import Comparison
from pipeline.analysis.gate import BOTH_LEVELS, MEASURED_AT_BOTH, SITES_UNNAMED
from pipeline.choices.answered import Gate


def apart_because(comparison: Comparison, gate: Gate) -> str:
    """Which of the causes keeps sites from telling levels apart: no site is named, hardly any site has both levels, or
    those that have hold too few people with the outcome at both."""
    people, arms = comparison.people, len(comparison.arms)
    if "program_id" in people and (people["program_id"].astype(str) == people["site"].astype(str)).all():
        return SITES_UNNAMED
    here = np.zeros((int(comparison.site.max()) + 1, arms), dtype=bool)
    here[comparison.site, comparison.codes] = True
    both: np.ndarray = np.asarray(here.all(axis=1))
    together = bool(both[comparison.site].mean() >= gate.min_shared_site_share)
    return MEASURED_AT_BOTH if together else BOTH_LEVELS
