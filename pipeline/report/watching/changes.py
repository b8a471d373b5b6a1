"""What is new in the latest period: a share against the twelve months before it, by an exact test.

A share of people is tested by Fisher's exact test, which holds for rare events; one of visits, of which a person has
many, by its own standard error.  Everything is made from released numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import erfc, exp, sqrt

from pipeline.report.watching.course import Course, Share
from pipeline.results import Result

LEVEL = 0.01  # two-sided: of a hundred series that do not change, one is listed
WORSE, BETTER, STEADY = "worse", "better", "as before"
MARKS = {WORSE: "▼", BETTER: "▲", STEADY: "="}
Z = 2.5758  # of 99 % limits, which reach zero where the test says as before
HALF_A_PERCENT = 0.005  # what a whole percent hides


@dataclass(frozen=True, slots=True)
class Change:
    """The latest period against the twelve months before: difference of shares with its 99 % range, p, and the word."""

    course: Course
    now: Share
    earlier: Share
    difference: float
    low: float
    high: float
    p: float

    @property
    def word(self) -> str:
        """Worse or better in the measure's own direction."""
        if self.p >= LEVEL:
            return STEADY
        return WORSE if (self.difference > 0) == self.course.key.fewer_is_better else BETTER


def change_of(course: Course) -> Change | None:
    """None where the latest period, or what was before, cannot be told."""
    now, earlier = course.now, course.earlier
    if now is None or earlier is None or course.latest is None:
        return None
    p = p_of(now, earlier, course.latest)
    return Change(course, now, earlier, now.value - earlier.value, *as_tested(limits(now, earlier), p), p)


def as_tested(limits: tuple[float, float], p: float) -> tuple[float, float]:
    """Limits that agree with the exact test, which decides: they end at zero where the two fall on its two sides."""
    low, high = limits
    if (low > 0 or high < 0) == (p < LEVEL):
        return limits
    return (0.0, high) if abs(low) < abs(high) else (low, 0.0)


def p_of(now: Share, earlier: Share, latest: Result) -> float:
    """Fisher's exact p for people who are counted; else that of the difference over its standard error."""
    by_visits = latest.n != latest.denominator
    if by_visits or now.counted is None or earlier.counted is None:
        return by_spread(now, earlier)
    return fisher(now.counted, now.asked, earlier.counted, earlier.asked)


def news(changes: Iterable[Change], order: Sequence[str]) -> list[Change]:
    """What changed, harm before benefit before process, what got worse first in each."""
    moved = [change for change in changes if change.word in (WORSE, BETTER)]
    return sorted(moved, key=lambda one: (one.word == BETTER, order.index(one.course.key.group), one.p))


def by_spread(now: Share, earlier: Share) -> float:
    """Two-sided p of the difference over its standard error; whole percents are taken as near each other as they may
    be."""
    spread = sqrt(now.variance + earlier.variance)
    blur = sum(HALF_A_PERCENT for one in (now, earlier) if one.counted is None)
    return erfc(max(abs(now.value - earlier.value) - blur, 0.0) / spread / sqrt(2)) if spread else 1.0


def limits(now: Share, earlier: Share) -> tuple[float, float]:
    """99 % limits of a difference from the score limits of its two shares, squared and added (Newcombe 1998, method
    10)."""
    (a_low, a_high), (b_low, b_high) = score_limits(now), score_limits(earlier)
    difference = now.value - earlier.value
    down = sqrt((now.value - a_low) ** 2 + (b_high - earlier.value) ** 2)
    up = sqrt((a_high - now.value) ** 2 + (earlier.value - b_low) ** 2)
    return difference - down, difference + up


def score_limits(share: Share) -> tuple[float, float]:
    """Wilson's limits at the number of independent people that the share's variance stands for."""
    value = share.value
    people = value * (1 - value) / share.variance if share.variance > 0 else float(share.asked)
    middle = (value + Z**2 / (2 * people)) / (1 + Z**2 / people)
    half = Z * sqrt(value * (1 - value) / people + Z**2 / (4 * people**2)) / (1 + Z**2 / people)
    return middle - half, middle + half


def fisher(counted: int, asked: int, counted_before: int, asked_before: int) -> float:
    """Two-sided p of Fisher's exact test: all tables with the same margins that are no more likely than this one."""
    import numpy as np
    from scipy.special import gammaln

    events, everybody = counted + counted_before, asked + asked_before
    here = np.arange(max(0, events - asked_before), min(events, asked) + 1)

    def ways(n: int, k: np.ndarray) -> np.ndarray:
        found: np.ndarray = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
        return found

    chance = ways(asked, here) + ways(asked_before, events - here) - ways(everybody, np.array(events))
    own = chance[counted - here[0]]
    return min(1.0, sum(exp(one) for one in chance[chance <= own + 1e-7]))
