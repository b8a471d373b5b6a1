"""Shares of sites pulled towards those of all sites of their level: of few people they are likelier right than alone.

They are made from released numbers, so that they tell of nobody who is hidden; a site whose counts are not told neither
pulls nor is pulled.
"""

from collections.abc import Sequence

from pipeline.report.edition import sites
from pipeline.report.released import Released
from pipeline.report.watching.apart import site_rows
from pipeline.report.watching.course import share_of
from pipeline.report.watching.measured import Key, keys_of
from pipeline.results import Found, Result

Pulled = dict[tuple[Key, str], Found]  # by measure and level


def pulled_of(released: Released, site: str) -> Pulled:
    """The pulled shares of one site, of each measure and level that three sites tell."""
    places = sites(released)
    every = {
        (key, arm): pulled(site_rows(released, key, arm, places)) for key in keys_of(released) for arm in released.arms
    }
    return {where: found[site] for where, found in every.items() if site in found}


def pulled(rows: Sequence[Result]) -> dict[str, Found]:
    """The pulled share of each site of a level whose people are told; none where fewer than three are."""
    from pipeline.stats.partial_pooling import FEWEST, pooled_shares

    shares = {row.site: share_of(row) for row in rows if row.n == row.denominator}
    told = {site: one for site, one in shares.items() if one is not None and one.counted is not None}
    if len(told) < FEWEST:
        return {}
    found = pooled_shares([one.counted or 0 for one in told.values()], [one.asked for one in told.values()])
    return dict(zip(told, found.estimates, strict=True))
