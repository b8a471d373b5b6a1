"""Who is at risk when somebody ends: people sorted by the endings they could have had."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats, Integers, checked_covariates
from pipeline.stats.hazards.sorted_rows import SortedRows, running_back, segment_sums, sort_rows
from pipeline.stats.time_in_care.follow_up import Kind, checked_days, checked_entry, checked_labels, checked_weights

Ties = Literal["efron", "breslow"]
SPARSE = 4  # a calendar with more places than this many per person is compressed to the endings that occur
ROOM = 32_768


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Checked follow-up of people who were at risk and count.

    day (n,), ended (n,), covariates (n, p); entry (n,) with -1 from the beginning, stratum, weights, cluster (n,) or
    None
    people   how many were given with a positive weight, at risk or not; clusters: how many distinct clusters, or None
    """

    day: NDArray[Any]
    ended: Flags
    covariates: Floats
    entry: NDArray[Any] | None
    stratum: NDArray[Any] | None
    weights: Floats | None
    cluster: Integers | None
    clusters: int | None
    kind: Kind

    def only(self, rows: slice | Flags) -> "FollowUp":
        """Some of these people."""

        def part(values: Any) -> Any:
            return None if values is None else values[rows]

        return FollowUp(
            self.day[rows],
            self.ended[rows],
            self.covariates[rows],
            part(self.entry),
            part(self.stratum),
            part(self.weights),
            part(self.cluster),
            self.clusters,
            self.kind,
        )


@dataclass(frozen=True, slots=True)
class RiskSets:
    """People in blocks, and the days of endings (per stratum) at which each block is at risk: first < day's place <=
    last.

    rows          sorted people; a block shares last, ended and first
    last, first   (blocks,) places in day; first is -1 for those at risk from the beginning
    ended         (blocks,) whether the block ends at its last place
    entering      blocks with delayed entry, by first
    cluster       (n,) cluster of each sorted row, or None
    day, stratum  (m,) days of endings, ascending within ascending strata
    opens         (s,) place at which each stratum begins
    deaths        (m,) endings that share the day: people, or the sum of their frequency weights
    weight        (m,) their weight
    ties, kind    how ties are taken; what weights mean
    """

    rows: SortedRows
    last: Integers
    first: Integers
    ended: Flags
    entering: Integers
    cluster: Integers | None
    day: NDArray[Any]
    stratum: Integers
    opens: Integers
    deaths: Integers
    weight: Floats
    ties: Ties
    kind: Kind

    @property
    def tied(self) -> bool:
        """Whether Efron's correction changes anything."""
        return self.ties == "efron" and bool((self.deaths > 1).any())

    @property
    def weight_of_endings(self) -> float:
        return float(self.weight.sum())

    def with_columns(self, columns: Integers) -> "RiskSets":
        """The same people with some covariates alone."""
        return replace(self, rows=self.rows.only(columns))

    def sum_at_risk(self, per_block: Floats) -> Floats:
        """Sums (m, ...) over the blocks at risk on each day of endings; a block counts on first < place <= last."""
        net = self._sum_by(self.last, per_block)
        net = net.copy() if net is per_block else net
        if self.entering.size:
            leaves = self.first[self.entering]
            begins = np.flatnonzero(np.diff(leaves, prepend=-1))
            net[leaves[begins]] -= segment_sums(per_block[self.entering], begins)
        return running_back(net, self.opens)

    def sum_of_deaths(self, per_block: Floats) -> Floats:
        """Sums (m, ...) over the blocks that end on each day of endings."""
        return self._sum_by(self.last[self.ended], per_block[self.ended])

    def _sum_by(self, place: Integers, per_block: Floats) -> Floats:
        return segment_sums(per_block, np.flatnonzero(np.diff(place, prepend=-1)))


def follow_up(
    day: ArrayLike,
    ended: ArrayLike,
    covariates: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    kind: Kind = "frequency",
    cluster: ArrayLike | None = None,
) -> FollowUp:
    """Checked follow-up; people with weight 0, or whose entry is not before their last day, are left out.

    Raises NotEstimable for empty, missing, infinite or negative input, lengths that differ, and where nobody ended.
    """
    days = checked_days(day, "day")
    states = checked_labels(ended, "ended", days.size)
    if states.max() > 1:
        raise NotEstimable("ended must be True or False; choose one kind of ending, or use fine_gray for several")
    values = checked_covariates(covariates, days.size)
    entries = None if entry is None else checked_entry(entry, days)
    mass = None if weights is None else checked_weights(weights, kind, days.size)
    groups = None if strata is None else checked_labels(strata, "strata", days.size)
    codes, count = (None, None) if cluster is None else cluster_codes(cluster, days.size)
    people = FollowUp(days, states.astype(bool), values, entries, groups, mass, codes, count, kind)
    keep = np.ones(days.size, dtype=bool) if entries is None else entries < days
    if mass is not None:
        keep &= mass > 0
    people = people if keep.all() else people.only(keep)
    if not people.ended.any():
        raise NotEstimable("nobody at risk was seen to end; follow people longer or choose an ending that happens")
    return people


def cluster_codes(cluster: ArrayLike, size: int) -> tuple[Integers, int]:
    """Clusters (n,) of any label as 0..c-1, and c; raises NotEstimable with fewer than two."""
    labels = np.asarray(cluster)
    if labels.shape != (size,):
        raise NotEstimable("cluster has another length than day; give one cluster per person")
    found, codes = np.unique(labels, return_inverse=True)
    if found.size < 2:
        raise NotEstimable("one cluster has no variation between clusters; leave cluster out or add sites")
    return codes.astype(np.int64), int(found.size)


def risk_sets(people: FollowUp, ties: Ties) -> RiskSets:
    """Sorts people once; O(n log n), or O(n) for whole days."""
    key, entry_key, width = _keys(people)
    event_key = _occurring(key[people.ended], key.size)
    stratum = event_key // width
    opens = np.flatnonzero(np.diff(stratum, prepend=-1))
    last, first = _place(event_key, key), np.full(key.size, -1, dtype=np.int64)
    begins = _begin(stratum, opens, people)
    if entry_key is not None:
        first = np.where(entry_key < 0, -1, _place(event_key, np.maximum(entry_key, 0)))
        first[first < begins] = -1
    at_risk = last >= np.maximum(begins, first + 1)  # others saw nobody of their stratum end
    if not at_risk.all():
        people, last, first, key = people.only(at_risk), last[at_risk], first[at_risk], key[at_risk]
    return _sorted(people, last, first, event_key, stratum, opens, ties, width)


def _sorted(
    people: FollowUp,
    last: Integers,
    first: Integers,
    event_key: Integers,
    stratum: Integers,
    opens: Integers,
    ties: Ties,
    width: int,
) -> RiskSets:
    m = event_key.size
    key = 2 * last + ~people.ended
    if (first >= 0).any():
        key = key * (m + 1) + first + 1
    rows = sort_rows(people.covariates, people.weights, key)
    leading = rows.order[rows.start[:-1]]
    count, weight = _deaths(people, last, m)
    first_death = np.full(m, -1, dtype=np.int64)
    ended = np.flatnonzero(people.ended)
    first_death[last[ended]] = ended
    late = np.flatnonzero(first[leading] >= 0)
    sets = RiskSets(
        rows,
        last[leading],
        first[leading],
        people.ended[leading],
        late[np.argsort(first[leading][late], kind="stable")],
        None if people.cluster is None else people.cluster[rows.order],
        people.day[first_death],
        stratum,
        opens,
        count,
        weight,
        ties,
        people.kind,
    )
    _refuse_if_unordered(sets)
    return sets


def _keys(people: FollowUp) -> tuple[Integers, Integers | None, int]:
    """Stratum and day as one ascending integer, of the last day and of entry (negative: from the beginning)."""
    day, entry, n = people.day, people.entry, people.day.size
    if day.dtype.kind in "iu" and int(day.max()) < SPARSE * n + ROOM and (entry is None or entry.dtype.kind in "iu"):
        width = int(day.max()) + 1
        place, entered = day.astype(np.int64), None if entry is None else entry.astype(np.int64)
    else:
        both = day if entry is None else np.concatenate([day, np.maximum(entry, 0)])
        days, code = np.unique(both, return_inverse=True)
        width = days.size
        place, entered = code[:n], None if entry is None else np.where(entry < 0, -1, code[n:])
    if people.stratum is None:
        return place, entered, width
    base = people.stratum.astype(np.int64) * width
    return base + place, None if entered is None else np.where(entered < 0, -1, base + entered), width


def _occurring(keys: Integers, n: int) -> Integers:
    """Distinct keys, ascending."""
    return np.flatnonzero(np.bincount(keys)) if int(keys.max()) < SPARSE * n + ROOM else np.unique(keys)


def _place(event_key: Integers, key: Integers) -> Integers:
    """Place of the last ending at or before each key; -1 before the first."""
    size = int(event_key[-1]) + 1
    if size > SPARSE * key.size + ROOM:
        return np.searchsorted(event_key, key, side="right") - 1
    table = np.zeros(size, dtype=np.int64)
    table[event_key] = 1
    return np.asarray((table.cumsum() - 1)[np.minimum(key, size - 1)], dtype=np.int64)


def _begin(stratum: Integers, opens: Integers, people: FollowUp) -> Integers:
    """Place at which each person's stratum begins; beyond the end for strata without endings."""
    if people.stratum is None:
        return np.zeros(1, dtype=np.int64)
    begins = np.full(int(people.stratum.max()) + 1, stratum.size, dtype=np.int64)
    begins[stratum[opens]] = opens
    return np.asarray(begins[people.stratum], dtype=np.int64)


def _deaths(people: FollowUp, last: Integers, m: int) -> tuple[Integers, Floats]:
    at = last[people.ended]
    count = np.bincount(at, minlength=m)
    if people.weights is None:
        return count, count.astype(np.float64)
    weight = np.bincount(at, people.weights[people.ended], m)
    return (np.rint(weight).astype(np.int64) if people.kind == "frequency" else count), weight.astype(np.float64)


def _refuse_if_unordered(sets: RiskSets) -> None:
    """Somebody at risk must outlast an ending, otherwise Efron's ties look like information."""
    people = np.diff(sets.rows.start).astype(np.float64)
    if (sets.sum_at_risk(people) == sets.sum_of_deaths(people)).all():
        raise NotEstimable(
            "everybody at risk ended on the same day, so days order nobody; record finer times or compare proportions"
        )
