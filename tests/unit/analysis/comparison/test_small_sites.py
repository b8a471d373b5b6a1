"""A program of many small sites is answered within them; nobody is left out for having been seen at a small site."""

from dataclasses import replace

import pytest

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.fitted import Fitted, fit
from pipeline.analysis.contrasts import contrasts
from pipeline.choices.answered import Gate
from tests.unit.analysis.made_records import made_records, study


def fitted(folder, records, **changes):
    here = study(folder, **changes)
    contrast = next(one for one in contrasts(here) if one.role == "primary")
    people, _ = people_asked(records, contrast.endpoint, contrast.arms)
    return fit(people, contrast.arms, here, contrast.endpoint)


@pytest.fixture(scope="module")
def many_small_sites():
    return made_records(n=420, sites=12, observed=0.6, seed=5)


def test_sites_with_two_measured_at_each_level_count_where_hardly_any_has_ten(tmp_path, many_small_sites):
    found = fitted(tmp_path, many_small_sites)
    assert isinstance(found, Fitted)
    assert len(found.sites.sites) >= 10
    assert found.rows.mean() > 0.9


def test_their_limits_count_people_and_the_answer_holds_for_these_sites_only(tmp_path, many_small_sites):
    found = fitted(tmp_path, many_small_sites)
    assert found.means.inference == "person"
    assert not found.sites.beyond_sites
    assert found.holds.startswith("This holds for these sites only. Small sites are among them, from 2 people measured")


def test_a_study_may_ask_for_ten_at_every_site(tmp_path, many_small_sites):
    found = fitted(tmp_path, many_small_sites, gate=replace(Gate(), min_observed_per_small_site=10))
    assert not found.sites.separable or found.rows.mean() < 0.5


def test_where_the_sites_that_count_hold_plenty_small_ones_stay_out(tmp_path):
    records = made_records(n=3000, sites=10, observed=0.8)
    few = records.people.index < 8  # a site of eight people
    people = records.people.assign(site=records.people["site"].astype(object).mask(few, "small"))
    found = fitted(tmp_path, replace(records, people=people))
    assert found.sites.beyond_sites
    assert "Small sites" not in found.holds
    assert not found.rows.all()


def test_where_no_site_has_both_levels_nothing_is_taken_in(tmp_path):
    found = fitted(tmp_path, made_records(n=420, observed=0.6, site_is_level=True))
    assert not found.sites.separable
