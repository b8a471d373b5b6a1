"""Level of care and trial coincide, so no answer may be given; another choice of site does not rescue it."""

import pytest

from pipeline import store
from tests.real.trials import built, needs_records

pytestmark = needs_records

SHARED = """
WITH at_site AS (SELECT site, COUNT(*) AS people, COUNT(DISTINCT arm) AS arms FROM analysis_set GROUP BY site)
SELECT CAST(COALESCE(SUM(people) FILTER (WHERE arms = 2), 0) AS DOUBLE) / SUM(people), COUNT(*) FILTER (WHERE arms = 2) FROM at_site
"""


@pytest.fixture(scope="module")
def answers(ctn0094):
    return analyzed(ctn0094)


@pytest.fixture(scope="module")
def answers_by_masked_site(by_masked_site):
    return analyzed(by_masked_site)


def analyzed(study):
    """Every comparison that the study's records can be asked for, as (estimate, gate, verdict, reason); there is no
    symptom scale."""
    built(study.folder, upto="analyze")
    with store.reading(study, store.RESULTS) as con:
        return con.execute(
            "SELECT estimate, gate, verdict, reason FROM results WHERE analysis = 'like_for_like' AND question <> 'C2'"
        ).fetchall()


def shared(study):
    with store.reading(study, store.WAREHOUSE) as con:
        return con.execute(SHARED).fetchall()[0]


def test_no_trial_offered_both_levels(ctn0094):
    assert shared(ctn0094) == (0.0, 0)


def test_one_masked_site_took_part_in_all_three_trials(published):
    # site_masked: site 16, with 9 + 30 + 32 = 71 of 3,560 people, 2 %.
    sites = published.execute("""SELECT site_masked, COUNT(*) FROM site_masked JOIN everybody USING (who)
                                 GROUP BY site_masked HAVING COUNT(DISTINCT project) > 1""").fetchall()
    assert sites == [("16", 71)]


def test_by_masked_site_the_shared_share_is_still_far_below_what_is_needed(by_masked_site):
    share, sites = shared(by_masked_site)
    assert sites == 1
    assert 0.01 < share < 0.04 < by_masked_site.gate.min_shared_site_share


def test_the_page_must_say_that_level_and_site_cannot_be_separated(answers):
    assert answers
    for estimate, gate, verdict, reason in answers:
        assert (estimate, gate, verdict) == (None, "withheld", "descriptive only")
        assert "level and site cannot be separated" in reason


def test_by_masked_site_the_answer_ends_in_the_same_sentence(answers_by_masked_site):
    assert answers_by_masked_site
    for estimate, gate, verdict, reason in answers_by_masked_site:
        assert (estimate, gate, verdict) == (None, "withheld", "descriptive only")
        assert "level and site cannot be separated" in reason


def test_the_page_for_the_director_says_so_in_its_first_sentence(ctn0094, answers):
    page = (built(ctn0094.folder, upto="report").folder / "reports" / "ctn0094" / "director.html").read_text()
    assert "Inpatient and outpatient care cannot be compared here" in page
    assert "level and site cannot be separated" in page
