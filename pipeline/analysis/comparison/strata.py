"""Whether an adjusted difference depends on who people were at the start, or where: rows by stratum with the test that
strata differ, and by site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from pipeline.analysis.comparison.fitted import Fitted, coded_target
from pipeline.analysis.contrasts import Contrast, Endpoint, raw_sign
from pipeline.analysis.frames import text_places
from pipeline.errors import NotEstimable
from pipeline.results import Diagnostic, GateWord, Result, Verdict
from pipeline.stats.partial_pooling import FEWEST
from pipeline.stats.subgroups.common_support import Comparators
from pipeline.stats.subgroups.heterogeneity import SubgroupEffects, subgroup_effects
from pipeline.study import Study

INTERACTION = "interaction"
POOLED = "partially pooled"
BY_SITE = "by_site"
TOWARDS = "the same, pulled towards the average of the groups as far as chance explains how they differ"
SITES_TOWARDS = "Pulled towards the average of the sites as far as chance explains how they differ"
FEW_SITES = "fewer than three sites have comparable people of both levels, so how much sites differ cannot be told"


def needs(study: Study) -> Comparators:
    """What a stratum must hold in each arm: the gate's lines for size and overlap, half its line for people
    measured."""
    return Comparators(
        observed=-(-study.gate.min_observed // 2), effective=study.gate.min_ess, equipoise=study.gate.min_equipoise
    )


def by_stratum(comparison: Fitted, labels: np.ndarray, names: Sequence[str], study: Study) -> SubgroupEffects:
    """Effects among the people of a fitted comparison; labels (n,) are places in names, for the people it rests on.

    The weights balance the arms over all strata together; what is left within one is for the outcome models.
    Raises NotEstimable where no stratum has comparable people.
    """
    rows = comparison.rows
    known = labels >= 0
    return subgroup_effects(
        comparison.outcome[rows][known],
        comparison.used_codes[known],
        comparison.design.values[known],
        labels[known],
        comparison.site[rows][known],
        target=coded_target(study.comparison.target, comparison.arms),
        inference=comparison.sites.method,
        cluster=None if comparison.clusters.codes is None else comparison.clusters.codes[known],
        needs=needs(study),
        max_observation_weight=study.gate.max_observation_weight,
    )


def size_lines(row: Result, found: SubgroupEffects, names: Sequence[str], study: Study) -> Iterator[Diagnostic]:
    """The effective sample of each arm in each stratum that was weighted; of the others the refusal says why."""
    for code, sizes in zip(found.strata, found.effective, strict=True):
        for arm, size in zip((row.reference, row.arm), sizes, strict=True):
            if np.isfinite(size):
                yield Diagnostic(
                    result_id=row.result_id,
                    check="effective_size",
                    arm=arm,
                    covariate=f"effective sample, people with {names[code]}",
                    after=float(size),
                    threshold=study.gate.min_ess,
                    passed=bool(size >= study.gate.min_ess),
                )


def countable(found: SubgroupEffects, comparison: Fitted, threshold: int) -> bool:
    """Whether the strata may carry head counts: with those of the whole comparison beside them they must not give a
    small rest away.

    The rest is who is in no shown stratum: in a refused one, or without the measure that the strata are made from.
    """
    seen = comparison.used_codes[np.isfinite(comparison.outcome[comparison.rows])]
    shown = np.array([effect is not None for effect in found.estimates])
    rest = np.bincount(seen, minlength=2) - found.counts[shown].sum(axis=0)
    return not bool(((rest > 0) & (rest < threshold)).any())


def stratum_rows(
    row: Result, endpoint: Endpoint, found: SubgroupEffects, names: Sequence[str], by: str, counted: bool
) -> Iterator[Result]:
    """One row per stratum that holds anybody, with its effect or why it has none; partially pooled; interaction.

    names follow 'people with'; by is what the strata are made from; counted as countable says.
    """
    counts = dict(zip(found.strata.tolist(), found.counts.tolist(), strict=True))
    for code, effect, why, pulled in zip(found.strata, found.estimates, found.refusals, found.pooled, strict=True):
        here = replace(row, stratum=names[code])
        if effect is None:
            yield here.refused(Verdict.NO_COMPARABLE, why)
            continue
        passed = replace(
            here,
            gate=GateWord.PASSED,
            verdict=Verdict.EXPLORATORY,
            n=counts[code][1] if counted else None,
            n_reference=counts[code][0] if counted else None,
        )
        yield passed.filled(effect, sign=raw_sign(endpoint))
        if pulled is not None:
            beside = {"estimator": POOLED, "verdict": "", "twin_of": passed.result_id, "note": TOWARDS}
            yield passed.filled(pulled, sign=raw_sign(endpoint), **beside)
    if found.interaction is not None:
        test = found.interaction
        yield replace(
            row,
            measure=INTERACTION,
            unit="",
            stratum=by,
            gate=GateWord.PASSED,
            verdict=Verdict.EXPLORATORY,
            df=test.df,
            p=test.p,
            estimator="Wald",
            note=f"whether the difference is the same in {test.contrasts + 1} groups",
        )


def site_rows(contrast: Contrast, comparison: Fitted, row: Result, study: Study) -> Iterator[Result]:
    """One row per site with an effect, without head counts, and the same partially pooled; one refusal where fewer than
    three sites have one.  Nothing of an answer that is not primary, or where fewer than three sites are compared."""
    if contrast.role != "primary" or contrast.endpoint.kind != "score" or len(comparison.sites.sites) < FEWEST:
        return
    blank = replace(row.blank(), analysis=BY_SITE, verdict="", gate="", note="", ess=None, margin=None)
    names, places = text_places(comparison.used_people["site"])
    try:
        found = within_sites(comparison, places, study)
    except NotEstimable:
        found = None
    if found is None or not any(found.pooled):
        yield blank.refused(Verdict.NO_COMPARABLE, FEW_SITES)
        return
    for code, effect, pulled in zip(found.strata, found.estimates, found.pooled, strict=True):
        if effect is not None and pulled is not None:
            told = replace(blank, site=str(names[code]), gate=GateWord.PASSED, verdict=Verdict.EXPLORATORY)
            yield told.filled(effect, sign=raw_sign(contrast.endpoint))
            yield told.filled(
                pulled, sign=raw_sign(contrast.endpoint), estimator=POOLED, twin_of=told.result_id, note=SITES_TOWARDS
            )


def within_sites(comparison: Fitted, places: np.ndarray, study: Study) -> SubgroupEffects:
    """Effects within sites; places (n,) codes of the sites, which take the place of the models' site intercepts."""
    return subgroup_effects(
        comparison.outcome[comparison.rows],
        comparison.used_codes,
        comparison.design.values,
        places,
        target=coded_target(study.comparison.target, comparison.arms),
        inference="person",
        cluster=comparison.clusters.codes,
        needs=needs(study),
        max_observation_weight=study.gate.max_observation_weight,
    )
