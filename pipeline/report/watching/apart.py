"""Sites that lie apart from the others of their level: beyond what the others vary among themselves and by chance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import asin, sqrt
from statistics import fmean

from pipeline.report.released import Released
from pipeline.report.watching.course import Share, headline_of, share_of, without
from pipeline.report.watching.measured import Key, is_told, rows_of, told_beside_harm
from pipeline.results import Result

FEWEST = 5  # sites: of fewer nobody can say how much they vary
FAR = 3.09  # standard deviations: 99.8 % of sites like the others lie nearer


@dataclass(frozen=True, slots=True)
class Apart:
    """A site far from the others: its row, the least and the most of the others, how many, and how far it lies."""

    key: Key
    row: Result
    least: float
    most: float
    others: int
    distance: float

    @property
    def is_worse(self) -> bool:
        return (self.distance > 0) == self.key.fewer_is_better


def site_rows(released: Released, key: Key, arm: str, sites: Sequence[str]) -> list[Result]:
    """The told rows of the sites of a level, in order: each its latest twelve months."""
    found = [headline_of(rows_of(released, key, arm, site)) for site in sites]
    return [row for row in found if row is not None and is_told(row) and told_beside_harm(released, row)]


def others_together(released: Released, key: Key, arm: str, rows: Sequence[Result]) -> Share | None:
    """The sites that have no number of their own, as one: what is left of all of them in the same twelve months.

    None where a count or the whole is not told, or nobody is left; both are released, so that nothing new is told.
    """
    if not rows or len({row.period for row in rows}) > 1:
        return None
    every = rows_of(released, key, arm).get(rows[0].period)
    left = share_of(every) if every is not None and told_beside_harm(released, every) else None
    for row in rows:
        own = share_of(row)
        left = without(left, own, (row.period,)) if left is not None and own is not None else None
    return left


def apart(released: Released, keys: Sequence[Key], arms: Sequence[str], sites: Sequence[str]) -> list[Apart]:
    """Sites that lie apart, the farthest first."""
    found = [one for key in keys for arm in arms for one in far_ones(key, site_rows(released, key, arm, sites))]
    return sorted(found, key=lambda one: -abs(one.distance))


def far_ones(key: Key, rows: Sequence[Result]) -> Iterator[Apart]:
    """The sites farther from the others than 99.8 % of sites like these would be."""
    counted = [row for row in rows if isinstance(row.denominator, int) and row.denominator]
    if len(counted) < FEWEST:
        return
    for row in counted:
        others = [one for one in counted if one is not row]
        far = distance(row, others)
        if abs(far) > FAR:
            shares = [float(one.estimate or 0.0) for one in others]
            yield Apart(key, row, min(shares), max(shares), len(others), far)


def distance(row: Result, others: Sequence[Result]) -> float:
    """How far a site lies from what the others predict of one more, in standard deviations of the arcsine of the root.

    The others' spread beyond chance by the method of moments (DerSimonian and Laird 1986), their mean weighted by it.
    """
    places, chances = [place(one) for one in others], [chance(one) for one in others]
    weights = [1 / one for one in chances]
    middle = sum(w * x for w, x in zip(weights, places, strict=True)) / sum(weights)
    q = sum(w * (x - middle) ** 2 for w, x in zip(weights, places, strict=True))
    scaled = sum(weights) - sum(w**2 for w in weights) / sum(weights)
    between = max((q - (len(others) - 1)) / scaled, 0.0) if scaled > 0 else 0.0
    mean, least = fmean(places), between / len(others)
    return (place(row) - mean) / sqrt(between + chance(row) + least + fmean(chances) / len(others))


def place(row: Result) -> float:
    return asin(sqrt(min(max(float(row.estimate or 0.0), 0.0), 1.0)))


def chance(row: Result) -> float:
    """Variance of the place by chance alone; of visits, of as many people."""
    return 1 / (4 * (row.n if isinstance(row.n, int) and row.n else row.denominator or 1))
