"""Sites: which ones a contrast may rest on, how uncertainty is reckoned from them, and what may then be said."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats, Integers, checked_arms, checked_weights
from pipeline.stats.resampling import effective_number

BEYOND_SITES = 6  # fewer sites than this say nothing about sites that were not included
BEYOND_EFFECTIVE = 4.0  # nor do sites of which one or two hold most people, whatever their number
MANY_SITES = 40  # from here the clustered sandwich holds its level; below, the jackknife does
OWN_INTERCEPT = (
    2  # observed people per arm from which a site gets an intercept of its own; higher pools away site confounding
)


@dataclass(frozen=True, slots=True)
class SiteChoice:
    """Which sites a contrast rests on and which uncertainty fits them.

    rows            (n,) True for people at a counted site: the comparison is run on these
    sites           (G,) codes of the counted sites, ascending
    method          sandwich, jackknife_sites, person, or none where no site counts
    share           counted sites' part of the effective sample over all sites with either arm
    beyond_sites    True where the result may be read as holding beyond these sites
    effective       effective number of counted sites by their observed people; 0 where none counts
    separable       False where level and site cannot be told apart
    sentence        what a page must say with the result; empty where nothing
    """

    rows: Flags
    sites: Integers
    method: str
    share: float
    beyond_sites: bool
    separable: bool
    sentence: str
    effective: float = 0.0


def choose_inference(
    site: ArrayLike,
    arm: ArrayLike,
    observed: ArrayLike,
    *,
    min_observed: int = 10,
    weights: ArrayLike | None = None,
    min_shared_site_share: float = 0.20,
    min_sites: int = BEYOND_SITES,
) -> SiteChoice:
    """Sites with at least min_observed observed people in every arm, and the inference their number G allows.

    site, arm, observed (n,); weights (n,) balancing weights from a model *without* site (with site in the model, a
    site that has one arm would weigh nothing by construction); None: every observed person counts once.

    G >= 40: sandwich; min_sites <= G < 40: jackknife_sites; G < min_sites, or an effective number (sum n)^2 / sum n^2
    below BEYOND_EFFECTIVE: person, and the result holds for these sites only (Carter, Schnepel & Steigerwald 2017).
    share = sum over arms of the effective sample (sum w)^2 / sum w^2 of the observed at counted sites, over the same
    at all sites; below min_shared_site_share level and site cannot be separated. Raises NotEstimable for a missing
    site, unusable weights or lengths that differ.
    """
    codes, k = checked_arms(arm)
    place, position = np.unique(_known_sites(site, len(codes)), return_inverse=True)
    seen = np.asarray(observed, dtype=bool)
    if seen.shape != codes.shape:
        raise NotEstimable("observed and arm have different numbers of rows; pass one flag per person")
    given = checked_weights(weights, codes, k)
    w = (np.ones(len(codes)) if given is None else given) * seen
    counts = np.bincount(position[seen] * k + codes[seen], minlength=place.size * k).reshape(-1, k)
    counted: Flags = np.asarray(counts.min(axis=1) >= min_observed)
    rows = counted[position]
    everywhere = _effective(w, codes, k)
    share = _effective(w * rows, codes, k) / everywhere if everywhere > 0 else 0.0
    g = int(counted.sum())
    separable = g > 0 and share >= min_shared_site_share
    effective = effective_number(counts[counted].sum(axis=1)) if g else 0.0
    beyond = g >= max(min_sites, 2) and effective >= BEYOND_EFFECTIVE
    return SiteChoice(
        rows,
        place[counted].astype(np.int64),
        _method(g, beyond),
        share,
        beyond and separable,
        separable,
        _sentence(g, beyond, separable),
        effective,
    )


def within_small_sites(choice: SiteChoice, least: int) -> SiteChoice:
    """The same choice, made with fewer people at each site than sites need to be counted: it separates level from site,
    yet what its limits count is people, and it holds for these sites only.  least: measured people at each level."""
    only = _sentence(len(choice.sites), False, True)
    told = f"{only} Small sites are among them, from {least} people measured in each group."
    return replace(choice, method="person", beyond_sites=False, sentence=told)


def _effective(w: Floats, arm: Integers, arms: int) -> float:
    total, squares = np.bincount(arm, weights=w, minlength=arms), np.bincount(arm, weights=w * w, minlength=arms)
    return float((total**2 / np.where(squares > 0, squares, 1)).sum())


def _method(g: int, beyond: bool) -> str:
    if g == 0:
        return "none"
    if not beyond:
        return "person"
    return "jackknife_sites" if g < MANY_SITES else "sandwich"


def _sentence(g: int, beyond: bool, separable: bool) -> str:
    if not separable:
        return "Level and site cannot be separated."
    if beyond:
        return ""
    return "This holds for this site only." if g == 1 else "This holds for these sites only."


def site_groups(site: Integers, arm: Integers, arms: int, observed: Flags) -> tuple[Integers, int, Flags]:
    """Group codes (n,) for model intercepts, their number, and which people (n,) are in the pooled group.

    A site with at least OWN_INTERCEPT observed people in every arm has an intercept of its own. The others share one;
    where even together they are too few, the next smallest sites join them.
    """
    place, position = np.unique(site, return_inverse=True)
    counts = np.bincount(position[observed] * arms + arm[observed], minlength=place.size * arms).reshape(-1, arms)
    smallest_first = np.argsort(counts.min(axis=1), kind="stable")
    pooled = np.zeros(place.size, dtype=bool)
    for s in smallest_first:
        too_few = bool(pooled.any()) and int(counts[pooled].sum(axis=0).min()) < OWN_INTERCEPT
        if not too_few and counts[s].min() >= OWN_INTERCEPT:
            break
        pooled[s] = True
    own = np.cumsum(~pooled) - 1
    code = np.where(pooled, own[-1] + 1, own)
    return code[position].astype(np.int64), int(code.max()) + 1, pooled[position]


def pooled_site_means(covariates: Floats, site: Integers, pooled: Flags) -> Floats:
    """Site means of the covariates for people at pooled sites, 0 elsewhere (n, p); (n, 0) where pooled sites are few.

    They stand in for the intercepts pooled sites do not have (Mundlak 1978), and need two such sites per covariate.
    """
    n, p = covariates.shape
    place, position = np.unique(site[pooled], return_inverse=True)
    if p == 0 or place.size < 2 * p:
        return np.zeros((n, 0))
    part = covariates[pooled]
    sums = np.zeros((place.size, p))
    np.add.at(sums, position, part)
    means = sums / np.bincount(position)[:, None]
    out = np.zeros((n, p))
    out[pooled] = means[position] - part.mean(axis=0)
    return out


def site_codes(site: ArrayLike | None, n: int) -> Integers:
    """Sites as codes 0..S-1 (n,); one site where none is given."""
    if site is None:
        return np.zeros(n, dtype=np.int64)
    return np.unique(_known_sites(site, n), return_inverse=True)[1].astype(np.int64)


def _known_sites(site: ArrayLike, n: int) -> NDArray[Any]:
    codes = np.asarray(site)
    if codes.shape != (n,):
        raise NotEstimable("site and arm have different numbers of rows; pass one site per person")
    if codes.dtype.kind == "f" and not np.isfinite(codes).all():
        raise NotEstimable(
            "a site is missing for someone; give those without one a site of their own or leave them out"
        )
    return codes
