"""The primary answer by site: told where three sites compare, pulled towards their average, without head counts."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.fitted import fit
from pipeline.analysis.comparison.like_for_like import base_row
from pipeline.analysis.comparison.strata import FEW_SITES, site_rows
from pipeline.analysis.contrasts import contrasts
from pipeline.results import COUNTS
from tests.unit.analysis.made_records import made_records, study


@pytest.fixture(scope="module")
def primary(tmp_path_factory):
    choices = study(tmp_path_factory.mktemp("study"))
    [contrast] = [one for one in contrasts(choices) if one.role == "primary"]
    people, _ = people_asked(made_records(effect=2.0), contrast.endpoint, contrast.arms)
    return contrast, fit(people, contrast.arms, choices, contrast.endpoint), base_row(contrast, choices), choices


@pytest.fixture(scope="module")
def rows(primary):
    contrast, comparison, row, choices = primary
    return list(site_rows(contrast, comparison, row, choices))


def test_each_site_with_comparable_people_has_its_own_answer_and_one_pulled_towards_all(rows):
    own, pulled = ([one for one in rows if bool(one.twin_of) is is_pulled] for is_pulled in (False, True))
    assert [one.site for one in own] == [one.site for one in pulled]
    assert len(own) >= 3
    assert np.std([one.estimate for one in pulled]) < np.std([one.estimate for one in own])
    assert {one.verdict for one in rows} == {"exploratory"}


def test_sites_average_near_the_answer_of_all(rows, primary):
    assert np.mean([one.estimate for one in rows]) == pytest.approx(2.0, abs=1.0)


def test_the_answer_of_a_site_says_nothing_of_how_many_people_are_there(rows):
    assert not [one for one in rows if any(getattr(one, name) is not None for name in (*COUNTS, "ess"))]


def test_where_fewer_than_three_sites_compare_it_says_so_once_and_gives_no_number(primary):
    contrast, comparison, row, choices = primary
    few = replace(choices, gate=replace(choices.gate, min_ess=10_000))
    [one] = site_rows(contrast, comparison, row, few)
    assert (one.reason, one.estimate, one.site) == (FEW_SITES, None, "")


def test_only_the_primary_answer_is_asked_by_site(primary):
    contrast, comparison, row, choices = primary
    assert list(site_rows(replace(contrast, role="exploratory"), comparison, row, choices)) == []
