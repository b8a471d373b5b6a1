"""One edition of the quality page: its period, the one before, its site, and what a page of that site may hold."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.errors import UsageError
from pipeline.report.released import Released
from pipeline.results import FigurePoint

MEASURES = "measures"
TOO_EARLY = "too early"
YEAR, QUARTER, MONTH = len("2026"), len("2026Q3"), len("2026-09")
ANY_PERIOD = re.compile(r"\d{4}(Q[1-4]|-(0[1-9]|1[0-2]))?")


@dataclass(frozen=True, slots=True)
class Edition:
    """What a quality page is about: a period ('' where no measure has one) and a site ('' for all of them)."""

    period: str
    site: str = ""

    @property
    def title(self) -> str:
        """'Quality of care, 2026Q3, site s01'."""
        return ", ".join(
            part for part in ("Quality of care", self.period, f"site {self.site}" if self.site else "") if part
        )

    @property
    def name(self) -> str:
        """'quality-2026Q3-s01', a file name; two sites never share one, whatever their letters."""
        return "-".join(part for part in ("quality", self.period, file_word(self.site)) if part)


def file_word(site: str) -> str:
    """A site's code as part of a file name; one that had to be changed, or that some file systems would not tell from
    another, carries the beginning of its hash."""
    plain = re.sub(r"[^a-z0-9_-]+", "_", site.lower())[:40]
    return plain if plain == site else f"{plain}-{hashlib.sha256(site.encode()).hexdigest()[:8]}"


def periods(released: Released) -> tuple[str, ...]:
    """Every period that some measure is counted by: years, then quarters, then months."""
    found = {row.period for row in released.rows(analysis=MEASURES) if row.period}
    return tuple(sorted(found, key=lambda period: (len(period), period)))


def sites(released: Released) -> tuple[str, ...]:
    """Every site with a measure of its own, in order."""
    return tuple(sorted({row.site for row in released.rows(analysis=MEASURES) if row.site}))


def latest(released: Released) -> str:
    """The last period that can be observed in full: a quarter where there are quarters, else a year; '' where there is
    none."""
    known = periods(released)
    early = {row.period for row in released.rows(analysis=MEASURES) if row.reason.startswith(TOO_EARLY)}
    for length in (QUARTER, YEAR, MONTH):
        whole = [period for period in known if len(period) == length and period not in early]
        if whole:
            return whole[-1]
    return ""


def before(period: str) -> str:
    """The period of the same length just before: '2025Q4' before '2026Q1', '2025-12' before '2026-01'."""
    year = int(period[:4] or 0)
    if len(period) == QUARTER:
        return f"{year}Q{int(period[5]) - 1}" if period[5] != "1" else f"{year - 1}Q4"
    if len(period) == MONTH:
        return f"{year}-{int(period[5:]) - 1:02d}" if period[5:] != "01" else f"{year - 1}-12"
    return str(year - 1) if period else ""


def edition(released: Released, period: str = "", site: str = "") -> Edition:
    """The edition asked for.  Raises UsageError for a period or a site that the measures do not know, with those they
    do."""
    if period and period not in periods(released):
        raise UsageError(unknown_period(released, period))
    if site and site not in sites(released):
        raise UsageError(
            f"--site {site} is not known; known are:"
            f" {', '.join(sites(released)) or 'none, for no measure is counted by site'}"
        )
    return Edition(period or latest(released), site)


def unknown_period(released: Released, period: str) -> str:
    """Why a period cannot be shown, and which would do."""
    known, whole = periods(released), latest(released)
    asked = "is not known" if ANY_PERIOD.fullmatch(period) else "is no period; write 2026, 2026Q3 or 2026-09"
    why = ""
    if len(period) == MONTH and known and not any(len(one) == MONTH for one in known):
        why = "; months are not told here, for in too many of them too few people are behind a share"
        if (quarter := quarter_of(period)) in known:
            why += f": {quarter} holds this one"
    last = f"; the latest that everybody was followed through is {whole}" if whole else ""
    spans = known_periods(released) or "none, for no measure has a period"
    return f"--period {period} {asked}{why}; known are: {spans}{last}"


def quarter_of(month: str) -> str:
    """'2026Q2' of '2026-05'; '' where it is no month."""
    return f"{month[:4]}Q{(int(month[5:]) + 2) // 3}" if ANY_PERIOD.fullmatch(month) else ""


def known_periods(released: Released) -> str:
    """'2024 to 2026, 2024Q1 to 2026Q1'."""
    spans = []
    for length in (YEAR, QUARTER, MONTH):
        some = [period for period in periods(released) if len(period) == length]
        spans += [f"{some[0]} to {some[-1]}" if len(some) > 1 else some[0]] if some else []
    return ", ".join(spans)


def of_site(released: Released, site: str) -> Released:
    """The same without anything of another site; a page of one site is made from this and nothing else.  '' leaves all
    sites in."""
    if not site:
        return released
    others = {row.result_id for row in released.tables.results if row.site not in ("", site)}
    tables = replace(
        released.tables,
        results=tuple(row for row in released.tables.results if row.result_id not in others),
        curves=tuple(one for one in released.tables.curves if one.result_id not in others),
        diagnostics=tuple(one for one in released.tables.diagnostics if one.result_id not in others),
        points=tuple(own(released.tables.points, others, set(sites(released)) - {site})),
    )
    return replace(released, tables=tables)


def own(points: Iterable[FigurePoint], others: set[str], names: set[str]) -> Iterable[FigurePoint]:
    """Points of no other site's result and of no other site's mark."""
    return (point for point in points if point.result_id not in others and not names & {point.label, point.series})
