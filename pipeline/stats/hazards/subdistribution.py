"""Likelihood of one kind of ending among several: those who end otherwise stay at risk, with the weight of not being
censored yet."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers, checked_covariates
from pipeline.stats.hazards.risk_sets import SPARSE, cluster_codes
from pipeline.stats.hazards.sorted_rows import (
    BlockSums,
    SortedRows,
    block_sums,
    cross_product,
    running,
    running_back,
    second_moment,
    segment_sums,
    sort_rows,
    weighted_sum,
)
from pipeline.stats.time_in_care.follow_up import Kind, checked_days, checked_labels, checked_weights

SameDay = Literal["together", "endings first"]
CENSORED, OF_INTEREST, OTHERWISE = 0, 1, 2
WHOLE = np.zeros(1, dtype=np.int64)  # one segment of days


@dataclass(frozen=True, slots=True)
class Endings:
    """Checked follow-up: day (n,), state (n,) 0 censored, 1 of interest, 2 otherwise; the rest as fine_gray takes
    it."""

    day: NDArray[Any]
    state: NDArray[np.int64]
    covariates: Floats
    group: NDArray[Any] | None
    weights: Floats | None
    cluster: Integers | None
    clusters: int | None
    kind: Kind

    def only(self, rows: Any) -> "Endings":
        """Some of these people."""

        def part(values: Any) -> Any:
            return None if values is None else values[rows]

        return Endings(
            self.day[rows],
            self.state[rows],
            self.covariates[rows],
            part(self.group),
            part(self.weights),
            part(self.cluster),
            self.clusters,
            self.kind,
        )


@dataclass(frozen=True, slots=True)
class Subdistribution:
    """People in blocks of one day, state and censoring group, and the chance of not being censored.

    rows                 sorted people
    place, state, group  (blocks,) place in day, 0 censored, 1 of interest, 2 otherwise, and censoring group
    cluster              (n,) of each sorted row, or None
    day                  (m,) distinct days
    events               (m,) weight of endings of interest
    free                 (m, g) chance of not being censored before the day
    censored, watched    (m, g) weight of those censored, and of those who could have been
    """

    rows: SortedRows
    place: Integers
    state: Integers
    group: Integers
    cluster: Integers | None
    day: NDArray[Any]
    events: Floats
    free: Floats
    censored: Floats
    watched: Floats
    same_day: SameDay
    kind: Kind

    @property
    def weight_of_endings(self) -> float:
        return float(self.events.sum())

    def with_columns(self, columns: Integers) -> "Subdistribution":
        """The same people with some covariates alone."""
        return replace(self, rows=self.rows.only(columns))

    def waiting(self, group: int) -> tuple[Integers, Floats]:
        """Blocks of a censoring group that ended otherwise, and one over their chance of not being censored before that
        (blocks,)."""
        blocks = np.flatnonzero((self.state == OTHERWISE) & (self.group == group))
        return blocks, 1 / self.free[self.place[blocks], group]


@dataclass(frozen=True, slots=True)
class SubdistributionLikelihood:
    """The log likelihood at b (p,); height to spread as newton.Evaluated says.

    risk   (m, 1 + p) weighted sum of r [1 z] at risk before each day
    step   (m,) step of the baseline subdistribution hazard
    """

    b: Floats
    height: float
    slope: Floats
    curve: Floats
    spread: Floats
    sums: BlockSums
    risk: Floats
    step: Floats


def endings(
    day: ArrayLike,
    cause: ArrayLike,
    covariates: ArrayLike,
    *,
    of: int,
    group: ArrayLike | None,
    weights: ArrayLike | None,
    kind: Kind,
    cluster: ArrayLike | None,
) -> Endings:
    """Checked input; people with weight 0 are left out. Raises NotEstimable for unusable input and where the ending
    never happens."""
    days = checked_days(day, "day")
    causes = checked_labels(cause, "cause", days.size)
    values = checked_covariates(covariates, days.size)
    mass = None if weights is None else checked_weights(weights, kind, days.size)
    groups = None if group is None else checked_labels(group, "censoring group", days.size)
    codes, count = (None, None) if cluster is None else cluster_codes(cluster, days.size)
    if of < 1:
        raise NotEstimable("cause 0 means still under observation; name an ending from 1")
    state = np.where(causes == 0, CENSORED, np.where(causes == of, OF_INTEREST, OTHERWISE))
    people = Endings(days, state, values, groups, mass, codes, count, kind)
    people = people if mass is None or mass.all() else people.only(mass > 0)
    if not (people.state == OF_INTEREST).any():
        raise NotEstimable(
            "the ending of interest was never seen; follow people longer or choose an ending that happens"
        )
    return people


def subdistribution(people: Endings, same_day: SameDay) -> Subdistribution:
    """Sorts people once and estimates the censoring distribution by Kaplan-Meier within groups."""
    days, place = _days(people.day)
    if days.size < 2:
        raise NotEstimable(
            "everybody's last day is the same, so days order nobody; record finer times or compare proportions"
        )
    group = np.zeros(place.size, dtype=np.int64) if people.group is None else people.group.astype(np.int64)
    groups = int(group.max()) + 1
    key = (place * 3 + people.state) * groups + group
    rows = sort_rows(people.covariates, people.weights, key)
    leading = key[rows.order[rows.start[:-1]]]
    at, state, own = leading // (3 * groups), leading // groups % 3, leading % groups
    mass = (
        np.diff(rows.start).astype(np.float64)
        if rows.weights is None
        else np.add.reduceat(rows.weights, rows.start[:-1])
    )
    counts = np.bincount(leading, mass, days.size * 3 * groups).astype(np.float64).reshape(days.size, 3, groups)
    watched = counts.sum(axis=1)[::-1].cumsum(axis=0)[::-1]
    present = watched > 0
    if same_day == "endings first":
        watched = watched - counts[:, OF_INTEREST] - counts[:, OTHERWISE]
    elif same_day != "together":
        raise NotEstimable("same_day must be 'together' or 'endings first'; choose one")
    censored = counts[:, CENSORED]
    stay = 1 - np.divide(censored, watched, out=np.zeros_like(watched), where=censored > 0)
    free = np.concatenate([np.ones((1, groups)), np.cumprod(stay, axis=0)[:-1]]) * present
    return Subdistribution(
        rows,
        at,
        state,
        own,
        None if people.cluster is None else people.cluster[rows.order],
        days,
        counts[:, OF_INTEREST].sum(axis=1),
        free,
        censored,
        watched,
        same_day,
        people.kind,
    )


def subdistribution_likelihood(data: Subdistribution, b: Floats, total: Floats) -> SubdistributionLikelihood | None:
    """Evaluates at b (p,); total (p,) is interest_total(data). None where b is out of any sensible range.

    log L = sum w b'z over endings of interest - sum of their weight log S0; a person who ended otherwise on day T
    counts in S0 on later days t with weight G(t-)/G(T-). That weight is a product, so S0 is a running sum and nobody is
    written out.
    """
    sums = block_sums(data.rows, b)
    if sums is None:
        return None
    first_of_day = np.flatnonzero(np.diff(data.place, prepend=-1))
    risk = running_back(segment_sums(sums.first, first_of_day), WHOLE)
    for group in range(data.free.shape[1]):
        risk += data.free[:, [group]] * earlier(waiting_sum(data, sums.first, group))
    happened = data.events > 0
    if not (risk[happened, 0] > 0).all():
        return None
    step = np.divide(data.events, risk[:, 0], out=np.zeros_like(data.events), where=happened)
    first = second_moment(data.rows, sums, b, lived_through(data, step))
    mean_weight = np.divide(step, risk[:, 0], out=np.zeros_like(step), where=happened)
    curve = first - cross_product(risk[:, 1:], mean_weight, risk[:, 1:])
    height = float(total @ b - data.events[happened] @ np.log(risk[happened, 0]))
    return SubdistributionLikelihood(
        b, height, total - step @ risk[:, 1:], (curve + curve.T) / 2, np.diag(first).copy(), sums, risk, step
    )


def interest_total(data: Subdistribution) -> Floats:
    """Weighted sum of the covariates of those with the ending of interest (p,)."""
    return weighted_sum(data.rows, (data.state == OF_INTEREST).astype(np.float64))


def lived_through(data: Subdistribution, step: Floats) -> Floats:
    """Sum of the steps (m,) or (m, q) each block was at risk for, weighted where it waits: (blocks,) or (blocks, q)."""
    lived = running(step, WHOLE)[data.place]
    for group in range(data.free.shape[1]):
        blocks, weight = data.waiting(group)
        ahead = later((data.free[:, group] * step.T).T)
        lived[blocks] += (weight * ahead[data.place[blocks]].T).T
    return lived


def waiting_sum(data: Subdistribution, per_block: Floats, group: int) -> Floats:
    """Running sums (m, q) over those of a censoring group who ended otherwise by each day, over G(T-)."""
    blocks, weight = data.waiting(group)
    total = np.zeros((data.day.size, per_block.shape[1]))
    total[data.place[blocks]] = per_block[blocks] * weight[:, None]
    return running(total, WHOLE)


def earlier(cumulative: Floats) -> Floats:
    """Running sums up to the day before."""
    return np.concatenate([np.zeros((1, *cumulative.shape[1:])), cumulative[:-1]])


def later(step: Floats) -> Floats:
    """Sums over the days after each day."""
    return np.concatenate([running_back(step, WHOLE)[1:], np.zeros((1, *step.shape[1:]))])


def _days(day: NDArray[Any]) -> tuple[NDArray[Any], Integers]:
    """Distinct days, and the place of each person's day among them."""
    if day.dtype.kind in "iu" and int(day.max()) < SPARSE * day.size:
        occurs = np.bincount(day) > 0
        return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[day]
    days, place = np.unique(day, return_inverse=True)
    return days, place
