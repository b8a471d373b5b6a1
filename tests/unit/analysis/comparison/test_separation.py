"""Why a comparison is withheld where sites do not tell levels apart, or nobody has a score at the start: the true cause."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.attempt import attempt
from pipeline.analysis.contrasts import contrasts
from pipeline.analysis.gate import APART, BOTH_LEVELS, MEASURED_AT_BOTH, SITES_UNNAMED, Refused, percent
from pipeline.analysis.lacking import too_few_with_start
from tests.unit.analysis.made_records import made_records, study


def refused(folder, records):
    asked = study(folder)
    contrast = next(one for one in contrasts(asked) if one.role == "primary")
    people, _ = people_asked(records, contrast.endpoint, contrast.arms)
    found = attempt(people, contrast.arms, asked, contrast.endpoint, "C2.example")
    assert isinstance(found, Refused)
    return found.reason


def at_own_programs(records):
    """Every program a site of its own, as where programs.csv is missing."""
    program = records.people["site"].astype(str) + records.people["arm"].astype(str)
    return replace(records, people=records.people.assign(site=program, program_id=program))


@pytest.mark.parametrize(
    ("records", "cause"),
    [
        (made_records(n=900, site_is_level=True), BOTH_LEVELS),
        (made_records(n=900, observed=0.06), MEASURED_AT_BOTH),
        (at_own_programs(made_records(n=900)), SITES_UNNAMED),
    ],
    ids=["every site has one level", "one in seventeen is measured", "no site is named"],
)
def test_where_sites_do_not_tell_levels_apart_the_true_cause_is_named(tmp_path, records, cause):
    assert refused(tmp_path, records).startswith(APART[cause].format(percent(0.2)))


def test_a_small_arm_at_sites_that_offer_both_levels_is_not_called_a_level_at_each_site(tmp_path):
    records = made_records(n=3000, seed=2)
    few = records.people.index[records.people["arm"] == "iop"][:9]
    kept = (records.people["arm"] != "iop") | records.people.index.isin(few)
    reason = refused(tmp_path, replace(records, people=records.people[kept].reset_index(drop=True)))
    assert reason.startswith("sites offer both levels, but hardly any has enough people with the outcome at both")


def test_nobody_scored_at_the_start_is_named_with_its_days_and_the_remedy(tmp_path):
    records = made_records(n=900)
    late = replace(records, scores=records.scores.assign(baseline_score=np.nan))
    [source] = study(tmp_path).outcomes
    said = too_few_with_start(late, ("iop", "outpatient"), source)
    assert said == (
        "nobody in iop and outpatient has a score on the PHQ-9 at the start (day -7 to day 1): score people when they start, or widen"
        " baseline_window of this outcome in study.toml"
    )
    assert too_few_with_start(records, ("iop", "outpatient"), source) == ""
