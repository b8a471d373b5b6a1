"""The trauma track against the general one on records with a known difference, and the refusals where it cannot be
asked."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.asking.run import check_results
from pipeline.analysis.headline import Asking
from pipeline.analysis.questions.tracks import tracks
from pipeline.analysis.standing import LEVEL, Standing, begun
from pipeline.choices.asked import ComparisonChoices, Outcome
from pipeline.results import NUMBERS, Result
from tests.unit.analysis.made_records import made_records, study

PCL5 = Outcome(name="pcl5_day90", instrument="PCL5", margin=2.0, comparator_effect=4.4)


def asked(folder, *, effect=5.0, n=3000, tracked=True, indication=0.0, **changes):
    """made_records with everybody in one of two tracks; severe people may be sent to the trauma track more often."""
    records = made_records(seed=4, n=n, observed=0.9)
    rng = np.random.default_rng(5)
    severity = 45 + 2.5 * (records.scores["baseline_score"].to_numpy() - 15)
    in_trauma = rng.random(n) < 1 / (1 + np.exp(-indication * (severity - 45) / 10))
    improvement = 10 + 0.4 * (severity - 45) + effect * in_trauma + 10 * rng.normal(size=n)
    seen = records.scores["observed"].to_numpy()
    scores = records.scores.assign(
        outcome="pcl5_day90", baseline_score=severity, improvement=np.where(seen, improvement, np.nan)
    )
    rows = pd.DataFrame({"episode_id": records.people["episode_id"], "track": np.where(in_trauma, "trauma", "general")})
    rows = rows if tracked else rows.iloc[:0]
    warehouse = SimpleNamespace(execute=lambda sql: SimpleNamespace(df=lambda: rows))
    return Asking(warehouse, replace(records, scores=scores), study(folder, **({"outcomes": (PCL5,)} | changes)), [])


def rows_of(asking, **wanted):
    found = [row for row in tracks(asking) if isinstance(row, Result)]
    check_results(found)
    return [row for row in found if all(getattr(row, name) == value for name, value in wanted.items())]


def test_the_adjusted_difference_holds_the_truth_where_the_sicker_are_sent_to_the_track(tmp_path):
    rows = rows_of(asked(tmp_path, effect=5.0, indication=1.0))
    [answer] = [row for row in rows if row.analysis == "claim"]
    [naive] = [row for row in rows if row.analysis == "as_observed"]
    assert (answer.arm, answer.reference, answer.outcome, answer.gate) == (
        "trauma track",
        "general track",
        "pcl5_day90",
        "passed",
    )
    assert answer.low < 5.0 < answer.high
    assert answer.verdict == "better"
    assert naive.low > answer.estimate  # the sicker have further to fall
    assert naive.twin_of == answer.result_id


def test_it_is_confirmatory_unless_the_study_names_it_as_primary(tmp_path):
    usual = begun(tracks(asked(tmp_path)))
    assert isinstance(usual.standing, Standing)
    [answer] = [row for row in usual.to_the_end(0.99) if isinstance(row, Result) and row.analysis == "claim"]
    assert "The range is that of 99.0%" in answer.note
    declared = begun(tracks(asked(tmp_path, comparison=ComparisonChoices(primary=("trauma", "general", "pcl5_day90")))))
    assert declared.standing is None  # it shares the error of no other
    [primary] = [row for row in declared.said if isinstance(row, Result) and row.analysis == "claim"]
    assert (primary.note, primary.level) == ("", LEVEL)
    assert primary.high - primary.low < answer.high - answer.low


def test_the_bands_of_severity_are_exploratory_and_carry_an_interaction(tmp_path):
    rows = rows_of(asked(tmp_path), analysis="tracks")
    bands = [row for row in rows if row.measure == "difference" and row.estimator == "augmented"]
    assert [row.stratum for row in bands] == ["a PCL-5 below 45 at the start", "a PCL-5 of 45 or more at the start"]
    assert {row.verdict for row in bands} == {"exploratory"}
    [interaction] = [row for row in rows if row.measure == "interaction"]
    assert 0 <= interaction.p <= 1
    assert interaction.estimate is None


def test_where_no_arm_is_intensive_outpatient_care_the_reason_says_so_and_not_that_tracks_are_missing(tmp_path):
    put = asked(
        tmp_path,
        arms={"outpatient": ("OP",), "inpatient": ("RES", "IP")},
        comparison=ComparisonChoices(contrasts=(("outpatient", "inpatient"),), primary=()),
    )
    stays = SimpleNamespace(execute=lambda sql, given: SimpleNamespace(fetchall=lambda: [(12,)]))
    [answer] = rows_of(replace(put, warehouse=stays), analysis="claim")
    assert answer.reason.startswith("no arm of this study holds intensive outpatient care")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"outcomes": (Outcome(),)}, "add an [[outcomes]] block"),
        ({"tracked": False}, "export the column track"),
        ({"n": 40}, ""),
    ],
)
def test_where_it_cannot_be_asked_the_headline_and_its_twin_say_what_is_missing(tmp_path, changes, said):
    rows = rows_of(asked(tmp_path, **changes))
    assert [row.analysis for row in rows] == ["claim", "as_observed"]
    for row in rows:
        assert row.gate == "withheld"
        assert said in row.reason
        assert row.verdict in ("descriptive only", "no comparable patients")
        assert all(getattr(row, name) is None for name in NUMBERS)


def test_reasons_speak_of_tracks_and_not_of_levels(tmp_path):
    [answer] = rows_of(asked(tmp_path, n=40), analysis="claim")
    assert "level" not in answer.reason
