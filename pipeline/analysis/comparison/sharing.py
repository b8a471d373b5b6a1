"""Whom the limits of a comparison count: sites, else programs, else therapists, else people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.stats.sites import SiteChoice
from pipeline.stats.weighting.clusters import Clusters, Grouping, choose_clusters, well_recorded
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
BY_SITE = "person"  # the inference of few sites: only there something within them is counted
ALONE = (
    "Its limits count people as if those of one therapist had nothing in common: therapists are too few, or not"
    " recorded."
)
COLUMN_OF = {"programs": "program_id", "therapists": "therapist_id"}


def clusters_of(
    people: pd.DataFrame, codes: Array, site: Array, outcome: Array, sites: SiteChoice, study: Study
) -> Clusters:
    """Who of the people a comparison rests on belong together; people themselves where sites are counted."""
    counted = [] if sites.method != BY_SITE else groupings(people, codes, study)
    return choose_clusters(counted, site, codes, np.isfinite(outcome))


def groupings(people: pd.DataFrame, codes: Array, study: Study) -> list[Grouping]:
    """Programs, then therapists, each where recorded for enough people of each arm.

    Those without a therapist are one cluster of their program: nothing says that they had different ones.
    """
    found = []
    for name, column in COLUMN_OF.items():
        if column in people and well_recorded(people[column].notna().to_numpy(), codes, study.gate.min_recorded):
            labels = (
                people[column].astype("object").where(people[column].notna(), "not recorded: " + program_of(people))
            )
            found.append(Grouping(name, labels.to_numpy(dtype=str)))
    return found


def program_of(people: pd.DataFrame) -> pd.Series:
    return people["program_id"].astype(str) if "program_id" in people else people["site"].astype(str)


def bounds(sites: SiteChoice, clusters: Clusters) -> str:
    """The sentence about where an answer holds, and for few sites whom its limits count."""
    if not sites.separable or sites.beyond_sites:
        return sites.sentence
    if clusters.codes is None:
        return f"{sites.sentence} {ALONE}"
    return f"{sites.sentence} Its limits count {clusters.unit}, not people."
