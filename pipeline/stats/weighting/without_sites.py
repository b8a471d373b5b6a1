"""The three models of a comparison without one site at a time, from sums over sites that are taken once."""

from dataclasses import dataclass, replace

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats
from pipeline.stats.multinomial import probabilities
from pipeline.stats.resampling import several_places
from pipeline.stats.weighting.fold_models import (
    Folds,
    coefficients_without,
    cross_products,
    folded,
    outcome_models_without,
    slopes_of,
)
from pipeline.stats.weighting.missing import ObservationModel, arms_with_gaps, truncated_probability
from pipeline.stats.weighting.nuisance import Nuisances, OutcomeModel, People
from pipeline.stats.weighting.propensity import WeightModel

LAST_MOVE = 1e-9  # of a linear predictor: sweeps at a kept information shrink tenfold and more, so the rest is less


@dataclass(frozen=True, slots=True)
class Chances:
    """One logistic model without each site.

    columns       (m, q) its columns, of the people it is fitted to
    coefficients  one (q, k - 1) for each site; None where the fit has to be made from the rows
    """

    columns: Floats
    coefficients: tuple[Floats | None, ...]

    def without(self, site: int) -> Floats | None:
        """Probability of each arm (m, k) by the model without this site; None where that has to be fitted from rows."""
        b = self.coefficients[site]
        return None if b is None else probabilities(self.columns, b)


@dataclass(frozen=True, slots=True)
class SiteSums:
    """What a comparison's models without each site are made from; people whose outcome differs by the site left out
    have the same sums.

    folds     each site a fold
    usable    (G,) whether without the site every arm has people, and people with the outcome
    weight    who starts where; None where that is not asked
    watched   who is observed; None where everybody is
    products  (G, k, q, q), counts (G, k) of those with the outcome
    """

    folds: Folds
    usable: Flags
    weight: Chances | None
    watched: Chances | None
    products: Floats
    counts: np.ndarray


def site_folds(people: People) -> Folds:
    """Each site as a fold, in the order of the site codes.  Raises NotEstimable where there is one."""
    places, code = several_places(people.site)
    return folded(code, len(places))


def site_sums(people: People, models: Nuisances, folds: Folds, *, weighs: bool = True) -> SiteSums:
    """Sums over each site at the models of everybody; weighs: also those of who starts where.

    Leave-one-out fits take exact gradients at an information kept from everybody's fit, minus the site's, until the
    linear predictor moves by no more than LAST_MOVE.
    """
    base = None if (people.weights == 1).all() else people.weights
    products, counts = cross_products(people, folds)
    weight = None
    if weighs:
        found = coefficients_without(people.arm, base, folds, models.weight, step=LAST_MOVE)
        weight = Chances(models.weight.values, tuple(found))
    usable = usable_sites(people, folds)
    return SiteSums(folds, usable, weight, observed_without(people, models.observation, folds), products, counts)


def usable_sites(people: People, folds: Folds) -> Flags:
    """(G,) whether what is left has the same arms, with the same ones among them in which somebody is not observed."""
    gaps, usable = list(arms_with_gaps(people.arm, people.arms, people.observed)), []
    for site in range(len(folds.rows)):
        rows = folds.others(site)
        arm, seen = people.arm[rows], people.observed[rows]
        counted = np.bincount(arm, weights=people.weights[rows] * seen, minlength=people.arms)
        usable.append(bool((counted > 0).all()) and list(arms_with_gaps(arm, people.arms, seen)) == gaps)
    return np.array(usable)


def observed_without(people: People, model: ObservationModel, folds: Folds) -> Chances | None:
    """The model of who is observed without each site; None where everybody is."""
    if model.model is None:
        return None
    rows = np.flatnonzero(model.modeled)
    here = folded(folds.code[rows], len(folds.rows))
    base = None if (people.weights == 1).all() else people.weights[rows]
    seen = people.observed[rows].astype(np.int64)
    found = coefficients_without(seen, base, here, model.model, step=LAST_MOVE)
    return Chances(model.model.values, tuple(found))


def models_without(
    people: People, models: Nuisances, sums: SiteSums, site: int, max_weight: float, outcome: Floats | None = None
) -> Nuisances | None:
    """The models of everybody but one site, said of everybody; None where they have to be fitted from the rows.

    outcome (n,) in place of the people's own, where it was itself made without the site.
    """
    if not sums.usable[site]:
        return None
    weight, observation = models.weight, models.observation
    if sums.weight is not None:
        chances = sums.weight.without(site)
        if chances is None:
            return None
        weight = arms_alike(weight, chances, sums.folds, site)
    if sums.watched is not None:
        seen = sums.watched.without(site)
        if seen is None:
            return None
        probability = observation.probability.copy()
        probability[observation.modeled] = seen[:, 1]
        observation = replace(observation, probability=probability)
    probability, cut = truncated_probability(observation, max_weight)
    own: tuple[OutcomeModel, ...] = ()
    predicted = models.predicted
    if models.outcome:
        y = people.outcome if outcome is None else outcome
        own, _ = outcome_models_without(people, y, sums.folds, site, sums.products, sums.counts)
        predicted = people.design.values @ slopes_of(own)
    return Nuisances(weight, observation, probability, cut, own, predicted, models.note, models.outcome_note)


def arms_alike(model: WeightModel, chances: Floats, folds: Folds, site: int) -> WeightModel:
    """The weight model with other chances; of the site left out nothing is known, so that every arm is as likely."""
    chances[folds.rows[site]] = 1 / chances.shape[1]
    return replace(model, probabilities=chances)


def people_without(people: People, site: int) -> People:
    """The same rows, those at the site counting nothing.  Raises NotEstimable where an arm then has nobody."""
    counts = np.bincount(people.arm, weights=people.site != site, minlength=people.arms)
    if not counts.all():
        raise NotEstimable("one arm has nobody in it; leave it out or widen the study period")
    return replace(people, weights=people.weights * (people.site != site))
