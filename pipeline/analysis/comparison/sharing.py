"""Whom the limits of a comparison count: sites, else programs, else therapists, else people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.analysis.frames import text_places
from pipeline.stats.sites import SiteChoice
from pipeline.stats.weighting.clusters import Clusters, Grouping, choose_clusters
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
WITHIN_SITES = "person"  # the inference of few sites: only there something within them is counted
ALONE = (
    "Its limits count people as if those of one therapist had nothing in common: therapists are too few, or not"
    " recorded."
)
COLUMN_OF = {"programs": "program_id", "therapists": "therapist_id"}


def clusters_of(
    people: pd.DataFrame, codes: Array, site: Array, outcome: Array, sites: SiteChoice, study: Study
) -> Clusters:
    """Who of the people a comparison rests on belong together; people themselves where sites are counted."""
    counted = groupings(people, codes, study) if sites.method == WITHIN_SITES else []
    return choose_clusters(counted, site, codes, np.isfinite(outcome))


def clusters_of_one(people: pd.DataFrame, observed: Array, study: Study) -> Clusters:
    """The same of one group, whatever level its people started at: who belongs together where its sites are few."""
    _, site = text_places(people["site"])
    one = np.zeros(len(people), dtype=np.int64)
    return choose_clusters(groupings(people, one, study), site, one, observed)


def counts_of(clusters: Clusters) -> str:
    """Whom the limits of one group count."""
    return ALONE if clusters.codes is None else f"Its limits count {clusters.units[0]}, not people."


def groupings(people: pd.DataFrame, codes: Array, study: Study) -> list[Grouping]:
    """Programs, then therapists: label -1 in an arm of which too few people have one recorded.

    Where most have, those without are one cluster of their program: nothing says that they had different therapists.
    """
    found = []
    for name, column in COLUMN_OF.items():
        if column in people:
            known = people[column].notna().to_numpy()
            labels = labels_of(people, column, known)
            for arm in np.unique(codes):
                if known[codes == arm].mean() < study.gate.min_recorded:
                    labels[codes == arm] = -1
            found.append(Grouping(name, labels))
    return found


def labels_of(people: pd.DataFrame, column: str, known: Array) -> Array:
    """(n,) whom each person belongs to, as a number; those of whom it is not known by their program."""
    labels = np.empty(len(people), dtype=np.int64)
    own, labels[known] = text_places(people.loc[known, column])
    if not known.all():
        rest = people.loc[~known, "program_id" if "program_id" in people else "site"]
        others, places = text_places(rest)
        labels[~known] = places + len(own)
        names = np.concatenate([own, np.char.add("not recorded: ", others)])
        labels = np.unique(names, return_inverse=True)[1][labels]
    return labels


def holds_here(sites: int) -> str:
    """Where an answer holds whose limits do not count sites."""
    return f"Holds for {'this site' if sites == 1 else 'these sites'} only."


def bounds(sites: SiteChoice, clusters: Clusters, arms: tuple[str, ...]) -> str:
    """The sentence about where an answer holds, and for few sites whom its limits count."""
    if not sites.separable or sites.beyond_sites:
        return sites.sentence
    if clusters.codes is None:
        return f"{sites.sentence} {ALONE}"
    if len(set(clusters.units)) == 1:
        return f"{sites.sentence} Its limits count {clusters.units[0]}, not people."
    counted = [f"{unit} in {arm}" for arm, unit in zip(arms, clusters.units, strict=True)]
    return f"{sites.sentence} Its limits count {', '.join(counted[:-1])} and {counted[-1]}."
