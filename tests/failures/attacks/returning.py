"""Whoever keeps every edition: a group of people is told in one table of one edition, and in another of a later one."""

from collections import defaultdict
from itertools import combinations

from pipeline.report.disclosure.earlier import columns_of, name_of
from pipeline.report.disclosure.suppressed import Within
from pipeline.results import RESULT_TABLES, Result
from tests.failures.attacks.known import PLACE, THRESHOLD

MANY = float("inf")


def by_editions(every):
    """A group that changed by 1 to 10 people between two editions, and the change is told, or narrowed inside 1 to 10.

    every  the tables of each edition as stored and as they were read back
    What held as many in each edition, at one place, is taken for one group, whatever it is called.
    """
    held = [dict(groups(stored)) for stored, _ in every]
    seen = [dict(groups(out)) for _, out in every]
    for (where, *counts), names in alike(held).items():
        told = [tightest(edition.get(name) for name in names) for edition in seen]
        told = [lies if lies[0] <= count <= lies[1] else (0, MANY) for lies, count in zip(told, counts, strict=True)]
        for first, later in combinations(range(len(every)), 2):
            more = told[later][0] - told[first][1], told[later][1] - told[first][0]
            low, high = more if counts[later] > counts[first] else (-more[1], -more[0])
            few = 0 < abs(counts[later] - counts[first]) < THRESHOLD
            if few and low >= 1 and high < THRESHOLD and (low, high) != (1, THRESHOLD - 1):
                yield f"{where}: {counts[first]} and then {counts[later]}, told as {told[first]} and {told[later]}"


def alike(held):
    """The names of counts by their place and by how many they held in each edition."""
    found = defaultdict(list)
    for name in set.intersection(*map(set, held)):
        counts = [edition[name] for edition in held]
        if None not in counts:
            found[(name[-1], *counts)].append(name)
    return found


def groups(tables):
    """Each count of an edition by its row and column, with its place; how many in a group had an outcome is a place of
    its own."""
    for table, kind in RESULT_TABLES.items():
        for row in getattr(tables, table) if table != "diagnostics" else ():
            for name in columns_of(kind):
                yield (table, name_of(row), name, where_of(row, name)), getattr(row, name)


def where_of(row, name):
    if not isinstance(row, Result):
        return getattr(row, "arm", "") or getattr(row, "series", ""), "", "", ""
    part = (row.outcome, row.day) if name.startswith(("numerator", "events")) else ()
    arm = row.reference if name.endswith("_reference") else row.arm
    return (arm, *(getattr(row, place) for place in PLACE), *part)


def tightest(values):
    """Between which numbers a count lies for who reads all of these."""
    found = [known(value) for value in values]
    return max((low for low, _ in found), default=0), min((high for _, high in found), default=MANY)


def known(value):
    if isinstance(value, Within):
        return value.low or 0, MANY if value.high is None else value.high
    return (value, value) if isinstance(value, int) else (0, MANY)
