"""An own question about a part of the people: what would tell of a few of the others is hidden, whatever was asked
before."""

from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.report.disclosure.gate import Tables
from pipeline.report.disclosure.subsets import People, Subset, may_be_answered, may_be_counted, part_released
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import Diagnostic, Result
from tests.spec.drawn import drawn

LIMIT = 11


def people(picture):
    return {
        People(row["arm"], row.get("outcome", "measured"), row["site"], (row["sex"],)): row["n"]
        for row in drawn(picture)
    }


def both_arms(women, men, others=0):
    groups = {"F": women, "M": men, "X": others}
    return {People(arm, "measured", "s1", (sex,)): n for arm in ("iop", "op") for sex, n in groups.items() if n}


@pytest.mark.parametrize(
    ("women", "men", "others", "answered"),
    [
        (300, 200, 0, True),
        (300, 11, 0, True),
        (300, 10, 0, False),  # everybody less women is ten men
        (10, 300, 0, False),
        (300, 0, 0, True),
        (300, 200, 5, True),  # five others hide among the men
    ],
)
def test_a_part_is_answered_where_neither_it_nor_the_others_are_few(women, men, others, answered):
    assert may_be_answered(Subset(both_arms(women, men, others), ("F",)), LIMIT) is answered


def test_one_of_two_groups_is_not_answered_where_both_would_give_the_third_away():
    """Everybody, less women, less men: five people.  The fewest are taken together with the next fewest, always."""
    counts = both_arms(300, 200, 5)
    assert may_be_answered(Subset(counts, ("F",)), LIMIT)
    assert not may_be_answered(Subset(counts, ("M",)), LIMIT)
    assert not may_be_answered(Subset(counts, ("X",)), LIMIT)


def test_one_arm_with_few_others_hides_the_answer_for_both():
    counts = both_arms(300, 200) | {People("op", "measured", "s1", ("M",)): 4}
    assert not may_be_answered(Subset(counts, ("F",)), LIMIT)


SITES = people("""
    arm | site | sex | n
    ----+------+-----+---
    iop | s1   | F   | 50
    iop | s1   | M   | 50
    iop | s2   | F   | 50
    iop | s2   | M   |  6
    iop | s3   | F   | 50
    iop | s3   | M   | 50
""")


def test_women_without_a_site_are_not_answered_where_that_site_has_few_men():
    """Everybody, women, everybody without the site and women without the site would give its six men."""
    assert may_be_answered(Subset(SITES, ("F",)), LIMIT)
    assert may_be_answered(Subset(SITES, ("F",), frozenset({"s3"})), LIMIT)
    assert not may_be_answered(Subset(SITES, ("F",), frozenset({"s2"})), LIMIT)


def test_a_small_site_cannot_be_left_out_nor_the_one_it_hides_with():
    counts = {People("iop", "measured", site): n for site, n in {"s1": 90, "s2": 40, "s3": 4}.items()}
    left_out = {site: may_be_answered(Subset(counts, (), frozenset({site})), LIMIT) for site in ("s1", "s2", "s3")}
    assert left_out == {"s1": True, "s2": False, "s3": False}
    assert may_be_answered(Subset(counts, (), frozenset({"s2", "s3"})), LIMIT)


def test_few_with_the_outcome_among_the_others_hide_the_answer():
    counts = {
        People("iop", outcome, "s1", (sex,)): n
        for (outcome, sex), n in {
            ("with", "F"): 60,
            ("without", "F"): 60,
            ("with", "M"): 3,
            ("without", "M"): 80,
        }.items()
    }
    assert not may_be_answered(Subset(counts, ("F",)), LIMIT)


def test_counts_stay_hidden_where_they_are_few_within_a_site_or_not_measured():
    few_at_a_site = SITES
    assert not may_be_counted(Subset(few_at_a_site, ("F",)), LIMIT)
    clean = {one: 50 for one in SITES}
    assert may_be_counted(Subset(clean, ("F",)), LIMIT)
    assert not may_be_counted(Subset(clean | {People("iop", "not measured", "s1", ("M",)): 3}, ("F",)), LIMIT)


ROW = Result(
    question="C2", analysis="like_for_like", measure="difference", estimate=1.0, low=0.0, high=2.0, n=50, gate="passed"
)
TWIN = Result(question="C2", analysis="as_observed", measure="difference", estimate=1.0, n=50)
CHECKS = (
    Diagnostic(
        result_id="r",
        check="observed_share",
        arm="iop",
        covariate="",
        before=None,
        after=0.5,
        threshold=0.2,
        passed=True,
    ),
    Diagnostic(
        result_id="r", check="balance", arm="", covariate="Age", before=0.3, after=0.01, threshold=0.2, passed=True
    ),
)


@pytest.mark.parametrize(
    ("counts", "row", "twin", "balance"),
    [
        ({one: 50 for one in SITES}, (1.0, 50), (1.0, 50), 0.01),
        (SITES, (1.0, SUPPRESSED), (SUPPRESSED, SUPPRESSED), 0.01),
        (both_arms(300, 10), (SUPPRESSED, SUPPRESSED), (SUPPRESSED, SUPPRESSED), SUPPRESSED),
    ],
)
def test_what_a_part_loses(counts, row, twin, balance):
    out = part_released(Tables(results=(ROW, TWIN), diagnostics=CHECKS), Subset(counts, ("F",)), LIMIT)
    assert [(one.estimate, one.n) for one in out.results] == [row, twin]
    share, found = out.diagnostics
    assert (share.after, found.before, found.after) == (SUPPRESSED, SUPPRESSED, balance)
    assert share.passed
    assert ("hidden" in out.results[0].note) is (row != (1.0, 50))


@pytest.mark.parametrize(
    ("released", "hidden"),
    [
        ({"arm": "iop", "stratum": "sex: F", "n": 50}, False),
        ({"arm": "iop", "stratum": "sex: F", "n": 60}, True),
        ({"arm": "iop", "stratum": "sex: F", "n": 61}, False),
        ({"arm": "iop", "stratum": "sex: F", "denominator": 45}, True),
        ({"arm": "iop", "payer": "F", "n": 45}, True),
        ({"arm": "op", "reference": "iop", "stratum": "sex: F", "n_reference": 45}, True),
        ({"arm": "op", "stratum": "sex: F", "n": 45}, False),
        ({"arm": "iop", "stratum": "sex: M", "n": 45}, False),
    ],
)
def test_a_count_near_one_that_is_released_of_the_same_people_is_hidden(released, hidden):
    row = replace(ROW, arm="iop", reference="op")
    beside = Result(question="M", analysis="strata", measure="difference", **released)
    subset = Subset(dict.fromkeys(SITES, 50), ("F",))
    [out] = part_released(Tables(results=(row,)), subset, LIMIT, [beside]).results
    assert (out.n is SUPPRESSED) is hidden


def test_an_answer_about_everybody_loses_nothing():
    tables = Tables(results=(ROW,), diagnostics=CHECKS)
    assert part_released(tables, Subset(SITES), LIMIT) == tables


def shown_counts(counts, threshold):
    """Every count that could be asked for: of each sex, each site left out, or both; as sets of cells."""
    sexes, sites = ({one.values[0] for one in counts}, {one.site for one in counts})
    told = [frozenset(counts)]
    for sex, left in product([None, *sexes], [None, *sites]):
        cells = {one: n for one, n in counts.items()}
        subset = Subset(
            cells if sex else {People(o.arm, o.outcome, o.site): 0 for o in cells} | summed(cells),
            (sex,) if sex else (),
            frozenset({left} if left else ()),
        )
        if (sex or left) and may_be_answered(subset, threshold) and may_be_counted(subset, threshold):
            told.append(frozenset(o for o in counts if sex in (None, o.values[0]) and o.site != left))
    return told


def summed(counts):
    made = Counter()
    for one, n in counts.items():
        made[People(one.arm, one.outcome, one.site)] += n
    return dict(made)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=9, max_size=9).filter(any))
def test_no_sum_or_difference_of_all_counts_that_may_be_asked_tells_of_a_few(numbers):
    """Every difference of two, and every inclusion and exclusion of four, over three sexes and three sites."""
    places = product(("F", "M", "X"), ("s1", "s2", "s3"))
    counts = {People("iop", "measured", site, (sex,)): n for (sex, site), n in zip(places, numbers, strict=True) if n}
    told = np.array([[cell in cells for cell in counts] for cells in dict.fromkeys(shown_counts(counts, 5))], dtype=int)
    people = np.array(list(counts.values()))
    twos = (told[:, None] - told[None]).reshape(-1, len(counts))
    fours = (twos[:, None] + twos[None]).reshape(-1, len(counts))
    groups = fours[((fours == 0) | (fours == 1)).all(axis=1)]
    assert not np.any((groups @ people > 0) & (groups @ people < 5))
