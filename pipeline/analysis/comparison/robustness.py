"""What it would take to overturn an answer: the unmeasured, a hidden factor, and the difference this sample could have
shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pipeline.analysis.comparison.fitted import Comparison, Fitted, estimate, start_sd
from pipeline.analysis.comparison.tipping import tipping_rows
from pipeline.analysis.contrasts import Contrast
from pipeline.errors import NotEstimable
from pipeline.results import Result, Verdict
from pipeline.stats.estimate import Estimate
from pipeline.stats.robustness.noninferiority import detectable_difference
from pipeline.stats.robustness.sensitivity import e_value, e_value_to_margin, strongest_measured
from pipeline.study import Study


def robustness_rows(
    contrast: Contrast, comparison: Fitted, study: Study, found: Estimate, row: Result
) -> Iterator[Result]:
    """The detectable difference, and for scores what the unmeasured could do, and the E-values with their measured
    benchmark."""
    blank = row.beneath(margin=None, events=None, events_reference=None)
    yield replace(
        blank,
        measure="detectable_difference",
        estimate=detectable_difference(found.se, df=found.df, level=contrast.level),
        note="with a chance of 80 %",
    )
    if contrast.endpoint.kind != "score":
        return
    if contrast.role != "exploratory":
        yield from tipping_rows(contrast, comparison, study, found, blank)
    sd = baseline_sd(comparison)
    if sd is None:
        return
    point = e_value(found.estimate / sd, measure="SMD", se=found.se / sd)
    yield replace(blank, measure="e_value", unit="risk ratio", estimate=point.point, low=point.limit)
    if row.verdict == Verdict.NOT_WORSE and contrast.endpoint.margin:
        to_margin = e_value_to_margin(found.low, contrast.endpoint.margin, sd)
        yield replace(blank, measure="e_value_to_margin", unit="risk ratio", estimate=to_margin.point)
    yield from strongest_row(comparison, study, found, sd, blank)


def strongest_row(comparison: Fitted, study: Study, found: Estimate, sd: float, blank: Result) -> Iterator[Result]:
    """The E-value scale of the strongest measured confounder: how far the answer moves when it is left out of every
    model."""
    names = [name for name in dict.fromkeys(comparison.design.of) if name in study.confounders.core]
    without, kept = [], []
    for name in names:
        try:
            left_out = estimate(comparison, study, comparison.design.without(name), inference="person")
        except NotEstimable:
            continue  # the models do not hold without it: it has no benchmark, the others do
        without.append(float(left_out.means[1] - left_out.means[0]))
        kept.append(name)
    if kept:
        strongest = strongest_measured(found.estimate, np.array(without), measure="SMD", sd=sd)
        yield replace(
            blank,
            measure="strongest_measured",
            unit="risk ratio",
            estimate=strongest.e_value,
            stratum=kept[strongest.index],
        )


def baseline_sd(comparison: Comparison) -> float | None:
    """SD of the score at the start; None where it is unknown or nobody differs."""
    sd = start_sd(comparison)
    return sd if sd > 0 else None
