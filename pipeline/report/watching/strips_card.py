"""Among the sites: a strip of named dots for each measure and level, and in words how much sites differ."""

from collections.abc import Sequence

from pipeline.report.definitions import definitions, level_label, titled
from pipeline.report.drawing.strips import labeled_strips
from pipeline.report.edition import Edition, sites
from pipeline.report.fragment import Fragment, columns, figure, ids, section
from pipeline.report.names import arm_styles
from pipeline.report.numbers import count, listed, percent, percent_span, plural
from pipeline.report.released import Released
from pipeline.report.watching.apart import FEWEST, far_ones, others_together, site_rows
from pipeline.report.watching.course import Share
from pipeline.report.watching.measured import Key, first_scales, keys_of
from pipeline.report.watching.pulled import pulled
from pipeline.results import Result

NOTE = (
    "A dot: a site in its last 12 months, by its code where there is room; faint line: its likely range. Not adjusted"
    " for who starts where. A site that lies apart is a reason to look at its records first, not a verdict. Sites with"
    " too few people, or whose numbers are hidden, have no dot. Pulled towards one another: where all sites together"
    " make each share likely to be; what is left of their spread is more than chance among few people."
)


def strips(released: Released, issue: Edition) -> Fragment:
    """One card a measure with a strip for each level that has three sites to show."""
    places, first = sites(released), first_scales(released)
    cards, used = [], []
    for key in (one for one in keys_of(released) if one.outcome in first):
        by_arm = {arm: site_rows(released, key, arm, places) for arm in released.arms}
        some = {arm: rows for arm, rows in by_arm.items() if len(rows) >= 3}
        if some:
            cards.append(card(released, key, some, len(places)))
            used += [row for rows in some.values() for row in rows]
    return Fragment(section("Among the sites", columns(cards), note=NOTE), ids(used))


def card(released: Released, key: Key, by_arm: dict[str, list[Result]], places: int) -> str:
    words, under = titled(released, definitions(released), key.measure, key.outcome, key.day)
    styles = arm_styles(released.study)
    lines = [(level_label(arm), styles[arm].color, [dot_of(row) for row in rows]) for arm, rows in by_arm.items()]
    told = " ".join(
        words_of(key, arm, rows, places) + rest_words(others_together(released, key, arm, rows))
        for arm, rows in by_arm.items()
    )
    drawn = labeled_strips(lines, f"strips-{key.measure}-{key.day or 0}", f"{words}, by site", told)
    return figure(", ".join(part for part in (words, under) if part), told, drawn)


def dot_of(row: Result) -> tuple[str, float, float, float]:
    value = float(row.estimate or 0.0)
    low, high = (limit if isinstance(limit, float) else value for limit in (row.low, row.high))
    return row.site, value, low, high


def rest_words(rest: Share | None) -> str:
    """' The others together: 9% (12 of 133).'; empty where that is not known."""
    return (
        f" The others together: {percent(rest.value)} ({count(rest.counted)} of {count(rest.asked)})." if rest else ""
    )


def words_of(key: Key, arm: str, rows: Sequence[Result], places: int) -> str:
    """'IOP: 11 of 12 sites, 6% to 33%; s11 lies apart.'"""
    shares = [float(row.estimate or 0.0) for row in rows]
    far = [one.row.site for one in far_ones(key, rows)]
    apart = f"; {listed(far)} {'lies' if len(far) == 1 else 'lie'} apart from the others" if far else ""
    few = "" if len(rows) >= FEWEST else "; too few sites to say whether one lies apart"
    span = f"{percent_span(min(shares), max(shares))}"
    near = [one.estimate for one in pulled(rows).values()]
    together = f", pulled towards one another {percent_span(min(near), max(near))}" if near else ""
    return f"{level_label(arm)}: {len(rows)} of {plural(places, 'site')}, {span}{together}{apart}{few}."
