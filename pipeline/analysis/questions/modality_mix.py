"""C9: does improvement go with the mix of services?  Shares of early hours as log-ratios, exploratory, all kinds tested
together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.sharing import ALONE, clusters_of_one, counts_of, holds_here
from pipeline.analysis.contrasts import Endpoint, endpoints
from pipeline.analysis.covariates import design
from pipeline.analysis.frames import text_places
from pipeline.analysis.headline import Asking, NaiveTwin, headline
from pipeline.analysis.lacking import IOP, NO_SCALE_NAMED, arm_with, not_compared, without_start
from pipeline.errors import NotEstimable
from pipeline.results import NO_NUMBERS, AttritionStep, FigurePoint, GateWord, Result, Verdict
from pipeline.stats.association.composition import closed, isometric_log_ratio, per_doubling, replace_zeros
from pipeline.stats.association.regression import LinearFit, clustered_regression, coefficient, joint_test
from pipeline.stats.design import build_design, independent_columns
from pipeline.stats.estimate import Estimate, wald
from pipeline.stats.multiplicity import benjamini_hochberg
from pipeline.stats.resampling import cluster_df, jackknife_sites
from pipeline.stats.weighting.clusters import Clusters
from pipeline.stats.weighting.missing import fit_observation, truncated_probability
from pipeline.study import Study, main_outcome

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("group", "individual", "family", "medication", "somatic")
ZERO = 0.01  # what stands for no hours of a kind: about a quarter of an hour of a usual four weeks
OTHER_ZEROS = (0.005, 0.02)
LEAST_SHARE = 0.05  # of people with any hours of a kind; a rarer kind says nothing and is left out
POPULATION = (
    "people who started new in intensive outpatient care and attended any of these services in the first 28 days"
)
ONE_KIND = (
    "fewer than two kinds of service (group, individual, family, medication, somatic) were attended by at least 5 % of"
    " people in the first 28 days of intensive outpatient care; if they had others, service_type of the sessions does"
    " not say so"
)
TOO_FEW = "too few people with services of known kind have this outcome measured; follow more of them up"
NOTE = (
    "Per doubling of these hours beside the others, among similar people at the same site. Clinicians choose the mix by"
    " need, so this is no effect of the mix."
)
ADJUSTED = "p is adjusted for the number of kinds tested (false discovery rate)."
TWIN = NaiveTwin(
    "raw share, unadjusted",
    "It sets improvement beside the raw share among those measured: it adjusts for nothing, and shares that must add up"
    " to one move each other",
)


@dataclass(frozen=True, slots=True)
class Mixed:
    """People with a mix and what the regression needs.

    kinds       the parts, the largest first
    shares      (n, D) of hours, zeros as they are
    outcome     (n,) improvement, nan where not measured
    covariates  (n, p) baseline, without site
    site        (n,) codes
    alike       who belong together where sites are too few to be counted; None where nobody is known to
    """

    kinds: tuple[str, ...]
    shares: np.ndarray
    outcome: np.ndarray
    covariates: np.ndarray
    site: np.ndarray
    alike: Clusters | None = None

    def rows(self, which: np.ndarray) -> Mixed:
        """The people at these rows."""
        part = {name: getattr(self, name)[which] for name in ("shares", "outcome", "covariates", "site")}
        return replace(self, **part)


@dataclass(frozen=True, slots=True)
class Slopes:
    """One estimate per kind, the p-value that the mix tells nothing at all, and where they hold."""

    kinds: tuple[Estimate, ...]
    joint: float
    note: str


def modality_mix(asking: Asking) -> Iterator[Result | FigurePoint | AttritionStep]:
    """The headline (the largest kind beside the others), its twin, every kind with its adjusted p-value, and the mix by
    program."""
    study = asking.study
    scale = main_outcome(study)
    endpoint = next((one for one in endpoints(study) if one.kind == "score" and one.source == scale), None)
    arm = arm_with(study, IOP)
    where: dict[str, Any] = {
        "population": POPULATION,
        "arm": arm,
        "outcome": endpoint.name if endpoint else "",
        "day": endpoint.day if endpoint else None,
        "unit": "points",
    }
    answer = headline("C9", **where, measure="slope_per_doubling", estimator="log-ratios, weighted for being measured")
    try:
        people, hours, steps = people_with_a_mix(asking, endpoint, arm)
        yield from steps
        mixed = mix_of(people, hours, study, endpoint)
        found = slopes(mixed, study, ZERO)
    except NotEstimable as why:
        yield from TWIN.refused(answer, str(why))
        return
    row = answer.filled(
        found.kinds[0],
        sign=None,
        stratum=mixed.kinds[0],
        n=int(np.isfinite(mixed.outcome).sum()),
        gate=GateWord.PASSED,
        note=f"{NOTE} {found.note}".strip(),
        verdict=Verdict.EXPLORATORY,
    )
    yield row
    yield raw_slope(mixed, row)
    yield from every_kind(mixed, found, replace(row, analysis="modality_mix", gate=""))
    for zero in OTHER_ZEROS:
        other = slopes(mixed, study, zero).kinds[0]
        varied = f"no hours of a kind count as {zero:.1%} of the mix"
        yield row.beneath(varied=varied, verdict=row.verdict).filled(other, sign=None)
    yield from mix_by_program(people, hours, mixed.kinds, row.result_id)


def every_kind(mixed: Mixed, found: Slopes, row: Result) -> Iterator[Result]:
    """Each kind's slope with its p-value adjusted for how many are tested, and the test of the mix as a whole."""
    adjusted = benjamini_hochberg([one.p for one in found.kinds])
    for kind, one, p in zip(mixed.kinds, found.kinds, adjusted, strict=True):
        yield row.filled(one, sign=None, stratum=kind, p=float(p), note=ADJUSTED)
    note = "Whether the mix as a whole goes with improvement; a small value would say that it does."
    whole = replace(row, **NO_NUMBERS, measure="whole_mix", unit="p-value", stratum="", note=note)
    yield replace(whole, estimate=found.joint, p=found.joint)


def people_with_a_mix(
    asking: Asking, endpoint: Endpoint | None, arm: str
) -> tuple[pd.DataFrame, pd.DataFrame, list[AttritionStep]]:
    """People of the question with their early hours by kind, one row each in both frames, and who was left out."""
    if endpoint is None:
        raise NotEstimable(NO_SCALE_NAMED)
    if lacking := not_compared(asking.warehouse, arm, asking.records):
        raise NotEstimable(lacking)
    people, steps = people_asked(asking.records, endpoint, (arm,))
    if endpoint.source is not None and (lacking := without_start(people, (arm,), endpoint.source)):
        raise NotEstimable(lacking)
    long = asking.warehouse.execute("SELECT * FROM modality_hours ORDER BY episode_id, service_type").df()
    hours = (
        long.pivot(index="episode_id", columns="service_type", values="hours").reindex(columns=list(KINDS)).fillna(0.0)
    )
    steps = [replace(step, analysis=f"mix of services: {step.analysis}") for step in steps]
    with_any = people["episode_id"].isin(hours.index)
    last = steps[-1]
    steps.append(
        AttritionStep(
            analysis=last.analysis,
            step=last.step + 1,
            sentence="left out: no service of a known kind was attended in the first 28 days",
            arm=arm,
            n_left=int(with_any.sum()),
            n_removed=int((~with_any).sum()),
        )
    )
    people = people[with_any].reset_index(drop=True)
    return people, hours.loc[people["episode_id"]].reset_index(drop=True), steps


def mix_of(people: pd.DataFrame, hours: pd.DataFrame, study: Study, endpoint: Endpoint | None) -> Mixed:
    """The kinds that enough people had, the largest first, and the baseline columns of everybody."""
    kinds, some = kinds_told(people, hours, study)
    _, site = text_places(people["site"])
    outcome = people["outcome"].to_numpy(float)[some]
    covariates = design(people, study, endpoint).values[some]
    alike = clusters_of_one(people[some], np.isfinite(outcome), study)
    return Mixed(tuple(kinds), closed(hours[kinds].to_numpy(float)[some]), outcome, covariates, site[some], alike)


def kinds_told(people: pd.DataFrame, hours: pd.DataFrame, study: Study) -> tuple[list[str], np.ndarray]:
    """The kinds that enough people had, the largest first, and (n,) who had any of them.

    Raises NotEstimable where there are fewer than two kinds, or too few of those people are measured.
    """
    kinds = [kind for kind in KINDS if len(hours) and (hours[kind] > 0).mean() >= LEAST_SHARE]
    kinds.sort(key=lambda kind: -hours[kind].sum())
    some = (hours[kinds].sum(axis=1) > 0).to_numpy() if len(kinds) > 1 else np.zeros(len(hours), dtype=bool)
    if not some.any():
        raise NotEstimable(ONE_KIND)
    outcome = people["outcome"].to_numpy(float)[some]
    measured = int(np.isfinite(outcome).sum())
    if measured < study.gate.min_observed or measured < study.gate.min_observed_share * len(outcome):
        raise NotEstimable(TOO_FEW)
    return kinds, some


def slopes(mixed: Mixed, study: Study, zero: float) -> Slopes:
    """Improvement per doubling of each kind beside the others, from one regression read along each kind's own axis.

    Standard errors leave out one site at a time, every model refitted; with fewer than min_sites sites one program or
    therapist at a time, or they are by person where these are not known or fewer than a test of all kinds needs.
    """
    basis, limit = isometric_log_ratio(replace_zeros(mixed.shares, zero)), study.gate.max_observation_weight
    whole = regression(mixed, basis, limit)
    here = holds_here(len(np.unique(mixed.site)))
    places = slice(1, 1 + basis.shape[1])
    b, v, df, note = (whole.coefficients[places], whole.covariance[places, places], whole.df, f"{here} {ALONE}")
    beyond = len(np.unique(mixed.site)) >= study.gate.min_sites
    alike = None if mixed.alike is None else mixed.alike.codes
    unit = mixed.site if beyond else alike
    enough = unit is not None and cluster_df(np.unique(unit, return_counts=True)[1]) > basis.shape[1]
    if unit is not None and (beyond or enough):
        left_out = jackknife_sites(
            lambda rows: regression(mixed.rows(rows), basis[rows], limit).coefficients[places], unit
        )
        v, df = left_out.covariance, left_out.df
        note = "" if beyond else f"{here} {counts_of(mixed.alike) if mixed.alike else ALONE}"
    axes = isometric_log_ratio(np.exp(np.eye(len(mixed.kinds))))
    axes *= per_doubling(len(mixed.kinds)) / np.linalg.norm(axes, axis=1, keepdims=True)
    kinds = [wald(float(axis @ b), float(np.sqrt(axis @ v @ axis)), df=df) for axis in axes]
    return Slopes(tuple(kinds), joint_test(b, v, df), note)


def regression(mixed: Mixed, basis: np.ndarray, limit: float) -> LinearFit:
    """Improvement on the log-ratios, the baseline columns and the sites, each person weighted for those like them not
    measured."""
    seen = np.isfinite(mixed.outcome)
    codes = np.unique(mixed.site, return_inverse=True)[1]
    sites = int(codes.max()) + 1
    whole = build_design(np.column_stack([basis, mixed.covariates]), codes, sites)
    chance, _ = truncated_probability(
        fit_observation(whole.values, sites, np.zeros(len(codes), dtype=np.int64), 1, seen, None), limit
    )
    columns = np.column_stack([basis, mixed.covariates, codes[:, None] == np.arange(1, sites)])[seen]
    told = np.column_stack([np.ones(len(columns)), columns])
    kept = independent_columns(told.T @ told)[1:]
    return clustered_regression(mixed.outcome[seen], columns[:, kept], np.flatnonzero(seen), weights=1 / chance[seen])


def raw_slope(mixed: Mixed, row: Result) -> Result:
    """The naive twin: improvement per tenth of the hours that is of the largest kind, among those measured, adjusting
    for nothing."""
    seen = np.isfinite(mixed.outcome)
    share = mixed.shares[seen, 0]
    twin = replace(TWIN.beside(row), measure="slope_per_share")
    if np.ptp(share) == 0:
        return twin
    fit = clustered_regression(mixed.outcome[seen], share[:, None], np.flatnonzero(seen))
    return twin.filled(coefficient(fit, 1, scale=0.1), sign=None, n=int(seen.sum()))


def mix_by_program(
    people: pd.DataFrame, hours: pd.DataFrame, kinds: tuple[str, ...], result_id: str
) -> Iterator[FigurePoint]:
    """Each program's hours by kind, as shares of their sum; n is people."""
    for program, rows in hours[list(kinds)].groupby(people["program_id"], sort=True):
        total = float(rows.to_numpy().sum())
        for kind in kinds if total else ():
            yield FigurePoint(
                result_id=result_id,
                figure="mix_by_program",
                series=str(program),
                y=float(rows[kind].sum()) / total,
                n=len(rows),
                label=kind,
            )
