"""Draws studies whose true effects are known, and asks the like-for-like engine about them as the pipeline does."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import expit, ndtr

from pipeline.choices.answered import Gate
from pipeline.errors import NotEstimable
from pipeline.stats.sites import BEYOND_SITES, MANY_SITES, choose_inference
from pipeline.stats.weighting.arm_means import ArmMeans, difference
from pipeline.stats.weighting.balance import balance, overlap_report
from pipeline.stats.weighting.effects import several_means
from tests.simulation.tally import Found

COVARIATES = 8
OUTCOME_SD = 5.0
ESTIMATORS = ("augmented", "weighted", "outcome model")  # as several_means names its ways
MANY_PEOPLE, MANY_MORE_SITES = (
    400_000,
    20_000,
)  # the population a truth is read from: its Monte-Carlo error is below 0.01
PEOPLE_AT_SITES = 20_000  # the same for the sites of one study


@dataclass(frozen=True)
class Scenario:
    """People, sites, arms, and how strongly the sicker are sent to the more intensive arm (0: not at all, 1:
    strongly)."""

    people: int
    sites: int = 12
    arms: int = 2
    indication: float = 1.0
    observed: float = 0.65
    effect: float = 2.0
    noise: float = OUTCOME_SD  # spread of the outcome among people alike
    binary: bool = False  # the outcome is improving by more than 7 points
    null: bool = False  # no level does anything to anyone
    every_site: bool = False  # also sites too small to count in the pipeline

    @property
    def site_effect_sd(self) -> float:
        """Sites differ in how much the intensive arm helps, unless there are too few to speak beyond them."""
        return 0.4 if self.sites >= BEYOND_SITES and not self.null else 0.0


@dataclass(frozen=True)
class World:
    """Sites: their quality (g,), how each leans to each arm (g, k), and how much each arm does there beyond the average
    (g, k)."""

    quality: np.ndarray
    lean: np.ndarray
    own: np.ndarray


@dataclass(frozen=True)
class Drawn:
    outcome: np.ndarray
    arm: np.ndarray
    covariates: np.ndarray
    site: np.ndarray
    probability: np.ndarray  # (n, k) the true one
    expected: np.ndarray  # (n, k) mean outcome in each arm at the person's site
    world: World


def draw_world(scenario: Scenario, rng: np.random.Generator, sites: int | None = None) -> World:
    """Sites drawn anew in every study; where the answer holds for these sites only, the same ones in every study."""
    g = sites or scenario.sites
    if g < BEYOND_SITES:
        rng = np.random.default_rng(g)
    own = rng.normal(size=(g, scenario.arms)) * scenario.site_effect_sd
    own[:, 0] = 0
    return World(rng.normal(size=g), 0.3 * rng.normal(size=(g, scenario.arms)), own)


def draw(scenario: Scenario, rng: np.random.Generator, people: int | None = None, world: World | None = None) -> Drawn:
    """One study: severity drives level, outcome and being measured; sites differ in quality and in their mix of
    levels."""
    n = people or scenario.people
    world = draw_world(scenario, rng) if world is None else world
    severity = rng.normal(size=n)
    other = rng.normal(size=(n, 3))
    flags = (rng.random((n, 4)) < expit(-1 + 0.5 * severity[:, None] * np.array([1, 0, 1, 0]))).astype(float)
    x = np.column_stack([severity, other, flags])
    site = rng.integers(0, len(world.quality), n)

    lean = 0.9 * severity + 0.4 * other[:, 0] + 0.8 * flags[:, 0] - 0.4 * world.quality[site]
    steps = np.arange(scenario.arms) / (scenario.arms - 1)
    utility = scenario.indication * np.outer(lean - 0.4, steps) + world.lean[site]
    probability = np.exp(utility) / np.exp(utility).sum(axis=1, keepdims=True)
    arm = (probability.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)

    natural = 5 + 1.6 * severity - 0.8 * flags[:, 1] - 0.5 * flags[:, 0] + 0.5 * other[:, 1] + world.quality[site]
    gain = np.zeros(n) if scenario.null else scenario.effect - 0.5 * severity
    expected = natural[:, None] + np.outer(gain, steps) + world.own[site]
    outcome = expected[np.arange(n), arm] + scenario.noise * rng.normal(size=n)
    if scenario.binary:
        expected, outcome = ndtr((expected - 7) / scenario.noise), (outcome > 7).astype(float)
    centre = np.log(scenario.observed / (1 - scenario.observed)) if scenario.observed < 1 else np.inf
    seen = rng.random(n) < expit(centre - 0.4 * severity - 0.3 * flags[:, 1] + 0.3 * other[:, 2] - 0.3 * steps[arm])
    return Drawn(np.where(seen, outcome, np.nan), arm, x, site, probability, expected, world)


@cache
def truth(scenario: Scenario) -> float:
    """Last arm minus arm 0 in the overlap population, from a large population of many sites (or of the few there
    are)."""
    rng = np.random.default_rng(20_240_101)
    sites = MANY_MORE_SITES if scenario.sites >= BEYOND_SITES else scenario.sites
    return _contrast(draw(scenario, rng, MANY_PEOPLE, draw_world(scenario, rng, sites)))


def truth_at(scenario: Scenario, drawn: Drawn, sites: np.ndarray) -> float:
    """The same for the people who come to some of a study's sites; what person-level inference speaks of."""
    if scenario.sites < BEYOND_SITES and len(sites) == scenario.sites:
        return truth(scenario)
    many = draw(scenario, np.random.default_rng(7), PEOPLE_AT_SITES, drawn.world)
    return _contrast(many, np.isin(many.site, sites))


def _contrast(drawn: Drawn, rows: np.ndarray | slice = slice(None)) -> float:
    tilt = 1 / (1 / drawn.probability[rows]).sum(axis=1)
    mean = drawn.expected[rows]
    return float(tilt @ (mean[:, -1] - mean[:, 0]) / tilt.sum())


@dataclass(frozen=True)
class Compared:
    """The three estimators on one study, the rows they rest on, and whether the gate would let the primary one
    through."""

    means: dict[str, ArmMeans]
    rows: np.ndarray
    gate: bool


def compare(scenario: Scenario, drawn: Drawn) -> Compared:
    """Counted sites only (unless every site is asked for), and the inference their number allows."""
    rows, method = np.arange(len(drawn.arm)), "sandwich" if scenario.sites >= MANY_SITES else "jackknife_sites"
    if not scenario.every_site:
        choice = choose_inference(drawn.site, drawn.arm, np.isfinite(drawn.outcome))
        if not choice.separable:
            raise NotEstimable(choice.sentence)
        rows, method = np.flatnonzero(choice.rows), choice.method
    part = drawn.outcome[rows], drawn.arm[rows], drawn.covariates[rows], drawn.site[rows]
    found = several_means(*part, ways=[(name, "overlap") for name in ESTIMATORS], inference=method)
    return Compared(dict(zip(ESTIMATORS, found, strict=True)), rows, gate_passes(*part, found[0]))


def gate_passes(
    outcome: np.ndarray, arm: np.ndarray, covariates: np.ndarray, site: np.ndarray, means: ArmMeans
) -> bool:
    """The gate's lines on size, balance and overlap, which analysis/diagnostics.py draws for a real study."""
    gate, seen = Gate(), np.isfinite(outcome)
    sites = (site[:, None] == np.unique(site)).astype(float)
    columns = np.column_stack([covariates, sites])
    alike = balance(columns, [""] * columns.shape[1], arm, means.balancing)
    both = overlap_report(means.propensity.probabilities, arm, means.weights)
    numbers = np.nan_to_num(alike.ratio_after[:4], nan=1.0)
    return bool(
        (np.bincount(arm[seen]) >= gate.min_observed).all()
        and (means.n_observed / means.n >= gate.min_observed_share).all()
        and (means.truncated <= gate.max_truncated_share).all()
        and alike.largest <= 2 * gate.max_smd
        and (numbers <= gate.max_variance_ratio).all()
        and both.smallest >= gate.min_equipoise
        and (both.largest_share <= gate.max_person_share).all()
        and (means.ess >= gate.min_ess).all()
    )


def replicate(scenario: Scenario, rng: np.random.Generator) -> dict[str, Found]:
    """One study and what each estimator says of the last arm against the first."""
    drawn = draw(scenario, rng)
    compared = compare(scenario, drawn)
    some_sites = compared.means[ESTIMATORS[0]].inference == "person"
    true = truth_at(scenario, drawn, np.unique(drawn.site[compared.rows])) if some_sites else truth(scenario)
    return {
        name: Found.of(difference(means, scenario.arms - 1, 0), true, compared.gate)
        for name, means in compared.means.items()
    }
