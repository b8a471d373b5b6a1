"""What an answer would be if it borrowed from differences found elsewhere, as the study declared them; exploratory, and
never the answer itself."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from pipeline.analysis.comparison.fitted import Fitted
from pipeline.analysis.comparison.unmeasured import standard_deviation
from pipeline.analysis.contrasts import Contrast
from pipeline.choices.asked import Borrowed
from pipeline.results import Result
from pipeline.stats.borrowing import Posterior, Prior, borrowed, predictive_prior
from pipeline.stats.estimate import Estimate, critical_value
from pipeline.study import Study

APART = 0.2  # SD by which true differences of programs lie apart, where the study does not say
SHARES = 0.5  # SD of a yes or no, at most
ONE_EACH = 2**0.5  # SD of a difference of one person of each arm, in SD: the vague part knows no more than that
BY_RULE = "robust mixture prior"
DROPPED = (
    "dropped by rule: with so few people and figures so sure, limits that borrow would miss the truth in more than one"
    " of ten programs"
)


def borrowed_rows(
    contrast: Contrast, comparison: Fitted, study: Study, found: Estimate, blank: Result
) -> Iterator[Result]:
    """The difference with what the study declares to borrow, the weight of that before and after the records, how far
    they conflict, and how often such limits err at worst; nothing where nothing is declared for this contrast."""
    asked = (contrast.endpoint.name, contrast.arm, contrast.reference)
    declared = [one for one in study.borrowing if (one.outcome, one.arm, one.reference) == asked]
    if not declared:
        return
    se = (found.high - found.low) / 2 / critical_value(np.inf, contrast.level)  # as wide as the t limits
    prior = declared_prior(declared, contrast, comparison)
    after = borrowed(found.estimate, se, prior, level=contrast.level, n=found.n)
    row = replace(blank, measure="borrowed_difference", estimator=BY_RULE, note=sources(declared))
    yield from told(after, row) if after.prior.weight > 0 else [replace(row, reason=DROPPED)]


def declared_prior(declared: Sequence[Borrowed], contrast: Contrast, comparison: Fitted) -> Prior:
    """The prior of these figures: the widest spread and the least weight that any of them states."""
    unit = standard_deviation(comparison) if contrast.endpoint.kind == "score" else SHARES
    return predictive_prior(
        [one.estimate for one in declared],
        [one.se for one in declared],
        max(one.apart for one in declared) or APART * unit,
        weight=min(one.weight for one in declared),
        vague=ONE_EACH * unit,
    )


def told(after: Posterior, row: Result) -> Iterator[Result]:
    """One row each: the posterior, the weight of what is borrowed before and after, conflict, and error at worst."""
    yield row.limited(after.estimate)
    numbers = {
        "borrowed_before": after.prior.weight,
        "borrowed_after": after.weight,
        "borrowed_conflict": after.conflict,
        "borrowed_error": after.error,
    }
    yield from (replace(row, measure=name, unit="", estimate=value) for name, value in numbers.items())


def sources(declared: Sequence[Borrowed]) -> str:
    return "; ".join(dict.fromkeys(one.source for one in declared))
