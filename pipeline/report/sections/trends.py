"""How a measure of the library went from period to period at a level, and where it stands beside its target."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.periods import Grain, grain_of
from pipeline.report.edition import MEASURES
from pipeline.report.numbers import percent
from pipeline.report.released import Released
from pipeline.results import Result
from pipeline.study_toml.targets import meets, target_of

ON_TARGET, OFF_TARGET = "on target", "short of target"


@dataclass(frozen=True, slots=True)
class Trend:
    """A measure by period at each level (None: hidden or unknown), the periods, and its target where one is set."""

    periods: tuple[str, ...]
    by_arm: Mapping[str, tuple[float | None, ...]]
    target: float | None

    @property
    def known(self) -> list[float]:
        """Every number that is drawn, the target too."""
        found = [value for values in self.by_arm.values() for value in values if value is not None]
        return [*found, *([self.target] if self.target is not None and found else [])]

    @property
    def span(self) -> tuple[float, float]:
        """From the least to the most of them, with a little room."""
        low, high = min(self.known, default=0.0), max(self.known, default=1.0)
        room = max((high - low) * 0.1, 0.005)
        return low - room, high + room


def trend_of(released: Released, measure: str, day: int | None, outcome: str = "") -> Trend:
    """A measure of the whole study by quarter, by year where it has no quarters."""
    rows = of_measure(released, measure, day, outcome)
    found = {grain_of(row.period) for row in rows if isinstance(row.estimate, float)}
    grain = next((one for one in (Grain.QUARTER, Grain.HALF, Grain.YEAR) if one in found), None)
    periods = tuple(sorted({row.period for row in rows if grain and grain_of(row.period) is grain and not early(row)}))
    cells = {(row.arm, row.period): row.estimate for row in rows if isinstance(row.estimate, float)}
    by_arm = {arm: tuple(cells.get((arm, period)) for period in periods) for arm in released.arms} if grain else {}
    return Trend(periods if grain else (), by_arm, target_of(released.study, measure, day))


def of_measure(released: Released, measure: str, day: int | None, outcome: str) -> list[Result]:
    """The rows of a measure for all sites, payers and people."""
    rows = released.rows(analysis=MEASURES, measure=measure, outcome=outcome, site="", payer="", stratum="")
    return [row for row in rows if day is None or row.day == day]


def early(row: Result) -> bool:
    return row.reason.startswith("too early")


def beside_target(released: Released, measure: str, day: int | None, outcome: str, arm: str) -> str:
    """'39% of all, target 40%: short of target'; empty where no target is set or the measure is hidden."""
    aim = target_of(released.study, measure, day)
    row = next((one for one in of_measure(released, measure, day, outcome) if one.arm == arm and not one.period), None)
    if aim is None or row is None or not isinstance(row.estimate, float):
        return ""
    word = ON_TARGET if meets(measure, row.estimate, aim) else OFF_TARGET
    return f"{percent(row.estimate)} of all, target {percent(aim)}: {word}"
