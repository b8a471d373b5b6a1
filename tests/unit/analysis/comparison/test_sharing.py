"""Whom the limits of a comparison count where sites are few: programs, else therapists, else people."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.attempt import Passed, attempt
from pipeline.analysis.comparison.sharing import ALONE
from pipeline.analysis.contrasts import contrasts
from pipeline.stats.weighting.arm_means import difference
from tests.unit.analysis.made_records import made_records, study

PER_ARM = 8


def with_therapists(records, per_arm=PER_ARM, recorded=1.0, sd=0.0):
    """The same people, each with one of so many therapists of their level, who differ by so many points."""
    rng = np.random.default_rng(7)
    people = records.people.copy()
    number = rng.integers(0, per_arm, len(people))
    names = people["arm"].astype(str) + "-" + number.astype(str)
    own = dict(zip(sorted(set(names)), sd * rng.normal(size=names.nunique()), strict=True))
    people["therapist_id"] = names.where(rng.random(len(people)) < recorded)
    scores = records.scores.assign(improvement=records.scores["improvement"] + names.map(own).to_numpy())
    return replace(records, people=people, scores=scores)


def passed(folder, records):
    asked = study(folder)
    contrast = next(one for one in contrasts(asked) if one.role == "primary")
    people, _ = people_asked(records, contrast.endpoint, contrast.arms)
    found = attempt(people, contrast.arms, asked, contrast.endpoint, "C2.example")
    assert isinstance(found, Passed), found
    return found


@pytest.fixture(scope="module")
def one_site():
    return made_records(n=2400, sites=1, observed=0.9)


@pytest.fixture(scope="module")
def by_therapist(one_site, tmp_path_factory):
    return passed(tmp_path_factory.mktemp("study"), with_therapists(one_site, sd=1.5))


def test_with_one_site_the_limits_count_its_therapists(by_therapist):
    found = by_therapist.fitted
    assert found.clusters.units == ("therapists", "therapists")
    assert found.means.clusters == 2 * PER_ARM
    assert found.means.df < PER_ARM
    assert found.holds == "This holds for this site only. Its limits count therapists, not people."


def test_limits_that_count_therapists_who_differ_are_wider_than_those_that_count_people(
    one_site, by_therapist, tmp_path
):
    people = with_therapists(one_site, sd=1.5)
    alone = passed(tmp_path, replace(people, people=people.people.drop(columns="therapist_id"))).fitted
    counted = by_therapist.fitted
    assert counted.means.means == pytest.approx(alone.means.means)
    assert difference(counted.means).se > 1.3 * difference(alone.means).se


def test_how_alike_the_people_of_one_therapist_are_is_told_with_its_design_effect(by_therapist):
    told = {line.check: line for line in by_therapist.diagnostics if line.check in ("icc", "design_effect")}
    assert 0.02 < told["icc"].after < 0.2  # the therapists differ by 1.5 points, people alike by 5
    assert told["design_effect"].after > 2
    assert {line.after for line in by_therapist.diagnostics if line.check == "clusters"} == {float(PER_ARM)}


@pytest.mark.parametrize(
    "lacking", [{"per_arm": 3}, {"recorded": 0.5}], ids=["three therapists a level", "recorded for every other person"]
)
def test_where_therapists_are_too_few_or_not_recorded_the_answer_says_that_its_limits_count_people(
    one_site, tmp_path, lacking
):
    found = passed(tmp_path, with_therapists(one_site, **lacking)).fitted
    assert found.clusters.codes is None
    assert found.holds == f"This holds for this site only. {ALONE}"


def test_a_person_whose_therapist_is_not_recorded_counts_with_the_others_of_the_program(one_site, tmp_path):
    found = passed(tmp_path, with_therapists(one_site, recorded=0.9)).fitted
    assert found.clusters.units == ("therapists", "therapists")
    nobody = found.used_people["therapist_id"].isna().to_numpy()
    assert len(set(found.clusters.codes[nobody])) == 1


def test_with_ten_sites_the_sites_are_counted_and_how_alike_therapists_people_are_is_told(tmp_path):
    found = passed(tmp_path, with_therapists(made_records(), per_arm=12))
    assert found.fitted.clusters.codes is None
    assert found.fitted.holds == ""
    assert {"icc", "design_effect"} <= {line.check for line in found.diagnostics}


def test_where_one_level_has_no_therapists_on_record_its_people_are_counted_and_the_other_levels_therapists(
    one_site, tmp_path
):
    records = with_therapists(one_site)
    people = records.people.assign(therapist_id=records.people["therapist_id"].where(records.people["arm"] == "iop"))
    found = passed(tmp_path, replace(records, people=people)).fitted
    assert found.holds == "This holds for this site only. Its limits count people in inpatient and therapists in iop."
    assert found.means.df < PER_ARM
