"""What the gate looks at: one row per check, measured on the people and with the weights the estimate uses."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from itertools import product

import numpy as np

from pipeline.analysis.comparison.fitted import Comparison, Fitted, Unfitted
from pipeline.analysis.comparison.separation import apart_because
from pipeline.analysis.covariates import HELD_OUT, design, label_of, reference_terms, side_by_side
from pipeline.analysis.gate import BOTH_LEVELS
from pipeline.choices.answered import Gate
from pipeline.results import Diagnostic
from pipeline.stats.weighting.balance import balance, overlap_report, second_order_balance
from pipeline.stats.weighting.chance import (
    largest_by_chance,
    largest_person_share,
    share_gap_by_chance,
    smd_error,
    variance_ratio_by_chance,
)
from pipeline.study import Study

COMMON = 0.05
NOT_IN_MODEL = " (not in the model)"
ENDING = "How care ended"
STOOD_FOR = 5  # times as many weights may be cut off where a score before the window predicts what is missing
ONE_PERSON = 1.5  # where 1 % is nobody, one weight may be cut off


def diagnose(comparison: Fitted | Unfitted, study: Study, result_id: str) -> list[Diagnostic]:
    """Every line of the gate for a contrast of two arms."""
    lines = [*recorded_lines(comparison, study, result_id), *observed_lines(comparison, study.gate, result_id)]
    return lines + multi_arm_lines(comparison, study, result_id)


def multi_arm_lines(comparison: Fitted | Unfitted, study: Study, result_id: str) -> list[Diagnostic]:
    """Sites, balance, overlap and size for any number of arms; a failed fit is a line of its own."""
    sites = list(site_lines(comparison, study.gate, result_id))
    if isinstance(comparison, Unfitted):
        sites += baseline_lines(comparison, study, result_id)
        failed = Diagnostic(result_id=result_id, check="estimable", covariate=comparison.failure, passed=False)
        return [*sites, failed] if comparison.failure else sites
    return [
        *sites,
        *balance_lines(comparison, study, result_id),
        *overlap_lines(comparison, study.gate, result_id),
        *size_lines(comparison, study.gate, result_id),
    ]


def site_lines(comparison: Comparison, gate: Gate, result_id: str) -> Iterator[Diagnostic]:
    """Whether sites offer both levels, and how many do."""
    sites = comparison.sites
    yield Diagnostic(
        result_id=result_id,
        check="shared_sites",
        covariate=BOTH_LEVELS if sites.separable else apart_because(comparison, gate),
        after=sites.share,
        threshold=gate.min_shared_site_share,
        passed=sites.separable,
    )
    yield Diagnostic(
        result_id=result_id,
        check="sites",
        covariate="sites with both levels",
        after=float(len(sites.sites)),
        threshold=float(gate.min_sites),
        passed=sites.beyond_sites,
    )


def recorded_lines(comparison: Comparison, study: Study, result_id: str) -> Iterator[Diagnostic]:
    """Whether each core confounder is recorded for enough people in each arm, and about equally often."""
    gate = study.gate
    arm_sizes = np.bincount(comparison.used_codes, minlength=len(comparison.arms))
    lines = len(study.confounders.core) + ("ending_known" in comparison.people)
    for name in study.confounders.core:
        recorded = comparison.design.recorded[name]
        label = label_of(name, comparison.used_people, None)
        shares = [float(recorded[comparison.used_codes == code].mean()) for code in range(len(comparison.arms))]
        for arm, share in zip(comparison.arms, shares, strict=True):
            yield Diagnostic(
                result_id=result_id,
                check="recorded",
                arm=arm,
                covariate=label,
                after=share,
                threshold=gate.min_recorded,
                passed=share >= gate.min_recorded,
            )
        yield gap_line(shares, arm_sizes, lines, label, gate, result_id)
    if "ending_known" in comparison.people:
        known = comparison.used_people["ending_known"]
        shares = [
            float(known[comparison.used_codes == code].dropna().astype(float).mean())
            for code in range(len(comparison.arms))
        ]
        for arm, share in zip(comparison.arms, shares, strict=True):
            yield Diagnostic(
                result_id=result_id,
                check="recorded",
                arm=arm,
                covariate=ENDING,
                after=round(share, 2),
                threshold=gate.min_recorded,
                passed=not share < gate.min_recorded,
            )
        yield gap_line(shares, arm_sizes, lines, ENDING, gate, result_id)


def gap_line(
    shares: list[float], arm_sizes: np.ndarray, lines: int, label: str, gate: Gate, result_id: str
) -> Diagnostic:
    """Whether something is recorded about equally often in every arm, beyond what chance gives so many lines."""
    most = max(gate.max_recorded_gap, share_gap_by_chance(shares, arm_sizes, lines))
    gap = float(np.nanmax(shares) - np.nanmin(shares)) if np.isfinite(shares).any() else 0.0
    return Diagnostic(
        result_id=result_id,
        check="recorded_gap",
        covariate=label,
        after=round(gap, 2),
        threshold=round(most, 2),
        passed=gap <= most,
    )


def observed_lines(comparison: Fitted | Unfitted, gate: Gate, result_id: str) -> Iterator[Diagnostic]:
    """Whether enough people in each arm have the outcome."""
    observed = np.isfinite(comparison.outcome[comparison.rows])
    for code, arm in enumerate(comparison.arms):
        here = observed[comparison.used_codes == code]
        yield Diagnostic(
            result_id=result_id,
            check="observed_n",
            arm=arm,
            covariate="people with the outcome measured",
            after=float(here.sum()),
            threshold=float(gate.min_observed),
            passed=bool(here.sum() >= gate.min_observed),
        )
        yield Diagnostic(
            result_id=result_id,
            check="observed_share",
            arm=arm,
            covariate="share with the outcome measured",
            after=float(here.mean()),
            threshold=gate.min_observed_share,
            passed=bool(here.mean() >= gate.min_observed_share),
        )
    if isinstance(comparison, Fitted):
        people = np.bincount(comparison.used_codes, minlength=len(comparison.arms))
        stood_for = 1 if comparison.interim is None else STOOD_FOR
        for arm, cut, n in zip(comparison.arms, comparison.means.truncated, people, strict=True):
            most = max(gate.max_truncated_share * stood_for, ONE_PERSON / float(n))
            yield Diagnostic(
                result_id=result_id,
                check="observation_weight",
                arm=arm,
                covariate="share of weights that were cut off",
                after=float(cut),
                threshold=most,
                passed=bool(cut <= most),
            )


def baseline_lines(comparison: Comparison, study: Study, result_id: str) -> Iterator[Diagnostic]:
    """How the arms differ at the start where no weighting could be done: described, never a check."""
    found = balance(
        comparison.design.values, comparison.design.terms, comparison.used_codes, np.ones(int(comparison.rows.sum()))
    )
    telling = tells_a_small_count(comparison.design.values, comparison.used_codes, study.disclosure.threshold)
    for name, before, small in zip(found.names, found.smd_before, telling, strict=True):
        yield Diagnostic(
            result_id=result_id, check="baseline", covariate=name, before=None if small else float(before), passed=True
        )


def balance_lines(comparison: Fitted, study: Study, result_id: str) -> Iterator[Diagnostic]:
    """Differences between arms before and after weighting: model terms, measures left out, every category's reference
    and rare levels too, sites, squares and products.

    A remainder up to twice the guide is what the outcome model of the augmented estimate is for; beyond that it fails.
    """
    gate, codes, weights = study.gate, comparison.used_codes, comparison.means.balancing
    model = comparison.design
    extra = design(comparison.used_people, study, None, names=(*HELD_OUT, *model.left_out))
    site = comparison.site[comparison.rows]
    sites = [(site == one).astype(float) for one in np.unique(site)]
    references = dict(reference_terms(comparison.used_people, model.of)) | {
        f"{term}{NOT_IN_MODEL}": column for term, column in reference_terms(comparison.used_people, extra.of)
    }
    columns = side_by_side([*model.values.T, *extra.values.T, *sites, *references.values()], len(codes))
    names = [
        *model.terms,
        *(f"{term}{NOT_IN_MODEL}" for term in extra.terms),
        *(f"Site {i + 1}" for i in range(len(sites))),
        *references,
    ]
    found = balance(columns, names, codes, weights)
    error = smd_error(found.ess)
    limit = max(2 * gate.max_smd, gate.max_smd + largest_by_chance(len(names)) * error)
    telling = with_their_reference(names, tells_a_small_count(columns, codes, study.disclosure.threshold), references)
    for name, before, after, small in zip(found.names, found.smd_before, found.smd_after, telling, strict=True):
        yield Diagnostic(
            result_id=result_id,
            check="balance",
            covariate=name,
            before=None if small else float(before),
            after=None if small else float(after),
            threshold=limit,
            passed=bool(after <= limit),
        )
    numbers = int(np.sum(model.numeric))
    widest = max(gate.max_variance_ratio, variance_ratio_by_chance(found.ess, numbers))
    for name, number, before, after in zip(
        found.names, model.numeric, found.ratio_before, found.ratio_after, strict=False
    ):
        if number and not np.isnan(after):
            yield Diagnostic(
                result_id=result_id,
                check="variance_ratio",
                covariate=name,
                before=float(before),
                after=float(after),
                threshold=widest,
                passed=bool(after <= widest),
            )
    core = [
        i
        for i, name in enumerate(model.of)
        if name in study.confounders.core and common(model.values[:, i], bool(model.numeric[i]))
    ]
    expanded = second_order_balance(model.values[:, core], [model.terms[i] for i in core], codes, weights)
    for name, before, after in zip(expanded.names, expanded.smd_before, expanded.smd_after, strict=True):
        yield Diagnostic(
            result_id=result_id,
            check="balance_expanded",
            covariate=name,
            before=round(float(before), 2),
            after=round(float(after), 2),
            threshold=limit,
            passed=bool(after <= limit),
        )


def tells_a_small_count(columns: np.ndarray, codes: np.ndarray, threshold: int) -> np.ndarray:
    """(p,) True where a yes-or-no column has 1 to threshold - 1 people, in or out, in some arm: its SMD would give the
    count away."""
    telling = np.zeros(columns.shape[1], dtype=bool)
    if not len(columns):
        return telling
    low, high = columns.min(axis=0), columns.max(axis=0)
    everyone = np.bincount(codes)
    for i in np.flatnonzero(low < high):
        column = np.ascontiguousarray(columns[:, i])
        top = column == high[i]
        if (top | (column == low[i])).all():
            inside = np.bincount(codes, weights=top)
            counts = np.concatenate([inside, everyone - inside])
            telling[i] = bool(((counts > 0) & (counts < threshold)).any())
    return telling


def with_their_reference(names: Sequence[str], telling: np.ndarray, references: Container[str]) -> np.ndarray:
    """(p,) the same, and the reference of each category of which a level is not told: the levels' shares add up to
    one, so that all others would give it back."""
    silent = {factor_of(name) for name, small in zip(names, telling, strict=True) if small}
    also = [name in references and factor_of(name) in silent for name in names]
    found: np.ndarray = telling | np.array(also, dtype=bool)
    return found


def factor_of(name: str) -> str:
    """'Payer' of 'Payer: medicaid (not in the model)'."""
    return name.removesuffix(NOT_IN_MODEL).rpartition(": ")[0]


def common(column: np.ndarray, number: bool) -> bool:
    """Whether products with this column say something: numbers do, categories where at least COMMON are in and out of
    them."""
    return number or bool(COMMON <= np.mean(column == column.max()) <= 1 - COMMON)


def overlap_lines(comparison: Fitted, gate: Gate, result_id: str) -> Iterator[Diagnostic]:
    """Whether each arm holds people who could have been in another, and whether single people decide."""
    found = overlap_report(comparison.chances, comparison.used_codes, comparison.means.weights)
    for pair, side in product(range(len(found.pairs)), (0, 1)):
        arm, other = comparison.arms[found.pairs[pair, side]], comparison.arms[found.pairs[pair, 1 - side]]
        share = float(found.equipoise[pair, side])
        yield Diagnostic(
            result_id=result_id,
            check="overlap",
            arm=arm,
            covariate=f"share who could plausibly have started in {other}",
            after=share,
            threshold=gate.min_equipoise,
            passed=share >= gate.min_equipoise,
        )
    for arm, share, ess in zip(comparison.arms, found.largest_share, comparison.means.ess, strict=True):
        most = max(gate.max_person_share, largest_person_share(float(ess)))
        yield Diagnostic(
            result_id=result_id,
            check="max_person_share",
            arm=arm,
            covariate="largest share of one person",
            after=float(share),
            threshold=most,
            passed=bool(share <= most),
        )


def size_lines(comparison: Fitted, gate: Gate, result_id: str) -> Iterator[Diagnostic]:
    """The effective sample of each arm after all weights."""
    for arm, ess in zip(comparison.arms, comparison.means.ess, strict=True):
        yield Diagnostic(
            result_id=result_id,
            check="effective_size",
            arm=arm,
            covariate="effective sample after all weights",
            after=float(ess),
            threshold=gate.min_ess,
            passed=bool(ess >= gate.min_ess),
        )
