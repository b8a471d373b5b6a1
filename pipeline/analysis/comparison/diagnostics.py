"""What the gate looks at: one row per check, measured on the people and with the weights the estimate uses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from pipeline.analysis.comparison.fitted import Comparison
from pipeline.analysis.covariates import HELD_OUT, design, label_of
from pipeline.results import Diagnostic
from pipeline.stats.weighting.arm_means import ArmMeans
from pipeline.stats.weighting.balance import balance, overlap_report, second_order_balance
from pipeline.study import Gate, Study

COMMON = 0.05
ENDING = "How care ended"


def diagnose(comparison: Comparison, study: Study, result_id: str) -> list[Diagnostic]:
    """Every line of the gate for a contrast of two arms."""
    lines = [*recorded_lines(comparison, study, result_id), *observed_lines(comparison, study.gate, result_id)]
    return lines + multi_arm_lines(comparison, study, result_id)


def multi_arm_lines(comparison: Comparison, study: Study, result_id: str) -> list[Diagnostic]:
    """Sites, balance, overlap and size for any number of arms; a failed fit is a line of its own."""
    sites = list(site_lines(comparison, study.gate, result_id))
    means = comparison.means
    if means is None:
        sites += baseline_lines(comparison, study, result_id)
        failed = Diagnostic(result_id, "estimable", "", comparison.failure, None, None, None, False)
        return [*sites, failed] if comparison.failure else sites
    return [
        *sites,
        *balance_lines(comparison, means, study, result_id),
        *overlap_lines(comparison, means, study.gate, result_id),
        *size_lines(comparison, means, study.gate, result_id),
    ]


def site_lines(comparison: Comparison, gate: Gate, result_id: str) -> Iterator[Diagnostic]:
    """Whether sites offer both levels, and how many do."""
    sites = comparison.sites
    yield Diagnostic(
        result_id,
        "shared_sites",
        "",
        "share of the effective sample at sites with both levels",
        None,
        sites.share,
        gate.min_shared_site_share,
        sites.separable,
    )
    yield Diagnostic(
        result_id,
        "sites",
        "",
        "sites with both levels",
        None,
        float(len(sites.sites)),
        float(gate.min_sites),
        len(sites.sites) >= gate.min_sites,
    )


def recorded_lines(comparison: Comparison, study: Study, result_id: str) -> Iterator[Diagnostic]:
    """Whether each core confounder is recorded for enough people in each arm, and about equally often."""
    gate = study.gate
    for name in study.confounders.core:
        recorded = comparison.design.recorded[name]
        label = label_of(name, comparison.used_people, None)
        shares = [float(recorded[comparison.used_codes == code].mean()) for code in range(len(comparison.arms))]
        for arm, share in zip(comparison.arms, shares, strict=True):
            yield Diagnostic(
                result_id, "recorded", arm, label, None, share, gate.min_recorded, share >= gate.min_recorded
            )
        yield gap_line(shares, label, gate, result_id)
    if "ending_known" in comparison.people:
        known = comparison.used_people["ending_known"]
        shares = [
            float(known[comparison.used_codes == code].dropna().astype(float).mean())
            for code in range(len(comparison.arms))
        ]
        for arm, share in zip(comparison.arms, shares, strict=True):
            yield Diagnostic(
                result_id,
                "recorded",
                arm,
                ENDING,
                None,
                round(share, 2),
                gate.min_recorded,
                not share < gate.min_recorded,
            )
        yield gap_line(shares, ENDING, gate, result_id)


def gap_line(shares: list[float], label: str, gate: Gate, result_id: str) -> Diagnostic:
    """Whether something is recorded about equally often in every arm."""
    gap = float(np.nanmax(shares) - np.nanmin(shares)) if np.isfinite(shares).any() else 0.0
    return Diagnostic(
        result_id, "recorded_gap", "", label, None, round(gap, 2), gate.max_recorded_gap, gap <= gate.max_recorded_gap
    )


def observed_lines(comparison: Comparison, gate: Gate, result_id: str) -> Iterator[Diagnostic]:
    """Whether enough people in each arm have the outcome."""
    observed = np.isfinite(comparison.outcome[comparison.rows])
    for code, arm in enumerate(comparison.arms):
        here = observed[comparison.used_codes == code]
        yield Diagnostic(
            result_id,
            "observed_n",
            arm,
            "people with the outcome measured",
            None,
            float(here.sum()),
            float(gate.min_observed),
            bool(here.sum() >= gate.min_observed),
        )
        yield Diagnostic(
            result_id,
            "observed_share",
            arm,
            "share with the outcome measured",
            None,
            float(here.mean()),
            gate.min_observed_share,
            bool(here.mean() >= gate.min_observed_share),
        )
    if comparison.means is not None:
        for arm, cut in zip(comparison.arms, comparison.means.truncated, strict=True):
            yield Diagnostic(
                result_id,
                "observation_weight",
                arm,
                "share of weights that were cut off",
                None,
                float(cut),
                gate.max_truncated_share,
                bool(cut <= gate.max_truncated_share),
            )


def baseline_lines(comparison: Comparison, study: Study, result_id: str) -> Iterator[Diagnostic]:
    """How the arms differ at the start where no weighting could be done: described, never a check."""
    found = balance(
        comparison.design.values, comparison.design.terms, comparison.used_codes, np.ones(int(comparison.rows.sum()))
    )
    telling = tells_a_small_count(comparison.design.values, comparison.used_codes, study.disclosure.threshold)
    for name, before, small in zip(found.names, found.smd_before, telling, strict=True):
        yield Diagnostic(result_id, "baseline", "", name, None if small else float(before), None, None, True)


def balance_lines(comparison: Comparison, means: ArmMeans, study: Study, result_id: str) -> Iterator[Diagnostic]:
    """Differences between arms before and after weighting: model terms, measures left out, sites, squares and products.

    A remainder up to twice the guide is what the outcome model of the augmented estimate is for; beyond that it fails.
    """
    gate, codes, weights = study.gate, comparison.used_codes, means.balancing
    model = comparison.design
    extra = design(comparison.used_people, study, None, names=HELD_OUT)
    site = comparison.site[comparison.rows]
    sites = (site[:, None] == np.unique(site)[None, :]).astype(float)
    held_out = [i for i in range(extra.values.shape[1]) if common(extra.values[:, i], False)]
    columns = np.column_stack([model.values, extra.values[:, held_out], sites])
    names = [
        *model.terms,
        *(f"{extra.terms[i]} (not in the model)" for i in held_out),
        *(f"Site {i + 1}" for i in range(sites.shape[1])),
    ]
    limit = 2 * gate.max_smd
    found = balance(columns, names, codes, weights)
    telling = tells_a_small_count(columns, codes, study.disclosure.threshold)
    for name, before, after, small in zip(found.names, found.smd_before, found.smd_after, telling, strict=True):
        yield Diagnostic(
            result_id,
            "balance",
            "",
            name,
            None if small else float(before),
            None if small else float(after),
            limit,
            bool(after <= limit),
        )
    for name, number, before, after in zip(
        found.names, model.numeric, found.ratio_before, found.ratio_after, strict=False
    ):
        if number and not np.isnan(after):
            yield Diagnostic(
                result_id,
                "variance_ratio",
                "",
                name,
                float(before),
                float(after),
                gate.max_variance_ratio,
                bool(after <= gate.max_variance_ratio),
            )
    core = [
        i
        for i, name in enumerate(model.of)
        if name in study.confounders.core and common(model.values[:, i], bool(model.numeric[i]))
    ]
    expanded = second_order_balance(model.values[:, core], [model.terms[i] for i in core], codes, weights)
    for name, before, after in zip(expanded.names, expanded.smd_before, expanded.smd_after, strict=True):
        yield Diagnostic(
            result_id,
            "balance_expanded",
            "",
            name,
            round(float(before), 2),
            round(float(after), 2),
            limit,
            bool(after <= limit),
        )


def tells_a_small_count(columns: np.ndarray, codes: np.ndarray, threshold: int) -> np.ndarray:
    """(p,) True where a yes-or-no column has 1 to threshold - 1 people, in or out, in some arm: its SMD would give the
    count away."""
    telling = np.zeros(columns.shape[1], dtype=bool)
    for i, column in enumerate(columns.T):
        if np.unique(column).size == 2:
            high = column == column.max()
            counts = [np.sum(high[codes == code] == side) for code in np.unique(codes) for side in (True, False)]
            telling[i] = any(0 < count < threshold for count in counts)
    return telling


def common(column: np.ndarray, number: bool) -> bool:
    """Whether products with this column say something: numbers do, categories where at least COMMON are in and out of
    them."""
    return number or bool(COMMON <= np.mean(column == column.max()) <= 1 - COMMON)


def overlap_lines(comparison: Comparison, means: ArmMeans, gate: Gate, result_id: str) -> Iterator[Diagnostic]:
    """Whether each arm holds people who could have been in another, and whether single people decide."""
    found = overlap_report(means.propensity.probabilities, comparison.used_codes, means.weights)
    for pair, side in product(range(len(found.pairs)), (0, 1)):
        arm, other = comparison.arms[found.pairs[pair, side]], comparison.arms[found.pairs[pair, 1 - side]]
        share = float(found.equipoise[pair, side])
        yield Diagnostic(
            result_id,
            "overlap",
            arm,
            f"share who could plausibly have started in {other}",
            None,
            share,
            gate.min_equipoise,
            share >= gate.min_equipoise,
        )
    for arm, share in zip(comparison.arms, found.largest_share, strict=True):
        yield Diagnostic(
            result_id,
            "max_person_share",
            arm,
            "largest share of one person",
            None,
            float(share),
            gate.max_person_share,
            bool(share <= gate.max_person_share),
        )


def size_lines(comparison: Comparison, means: ArmMeans, gate: Gate, result_id: str) -> Iterator[Diagnostic]:
    """The effective sample of each arm after all weights."""
    for arm, ess in zip(comparison.arms, means.ess, strict=True):
        yield Diagnostic(
            result_id,
            "effective_size",
            arm,
            "effective sample after all weights",
            None,
            float(ess),
            gate.min_ess,
            bool(ess >= gate.min_ess),
        )
