"""Whether what was reached lasts, on records whose truth is known: everybody who started counts, and not known is not
recovered."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.asking.run import check_results
from pipeline.analysis.headline import Asking
from pipeline.analysis.questions.durability import durability
from pipeline.results import NUMBERS, Result
from tests.unit.analysis.made_records import made_records, study


def asked(folder, *, effect=0.0, fading=0.0, n=6000, followed=0.6, **changes):
    """made_records with a score at day 180; the better somebody is at day 90, the likelier they are reached again.

    effect: what IOP does beyond inpatient care by day 90; fading: how much of it is gone by day 180.
    """
    records = made_records(seed=5, n=n, effect=effect, observed=0.8)
    rng = np.random.default_rng([5, 1])
    arm, scores = records.people["arm"].to_numpy(), records.scores
    improvement = scores["improvement"].to_numpy()
    later = improvement - fading * (arm == "iop") + 2 * rng.normal(size=n)
    reached = rng.random(n) < followed * np.where(
        arm == "iop", np.clip(0.5 + (np.nan_to_num(improvement) - 5) / 15, 0.1, 1.0), 0.6
    )
    later = np.where(reached & np.isfinite(improvement), np.round(later), np.nan)
    baseline = scores["baseline_score"].to_numpy()
    back = rng.random(n) < 0.05
    frame = pd.DataFrame(
        {
            "episode_id": scores["episode_id"],
            "outcome": "phq9_day90",
            "baseline_score": baseline,
            "improvement": np.where(scores["observed"], improvement, np.nan),
            "observable_later": True,
            "later_improvement": later,
            "remitted": pd.array(
                np.where(np.isfinite(improvement), baseline - improvement < 5, pd.NA), dtype="boolean"
            ),
            "remitted_later": pd.array(np.where(np.isfinite(later), baseline - later < 5, pd.NA), dtype="boolean"),
            "back_in_24h": back,
        }
    )
    con = duckdb.connect()
    con.register("frame", frame)
    con.execute("CREATE TABLE durability_set AS SELECT * FROM frame")
    return Asking(con, records, study(folder, **changes), [])


def rows_of(asking, **wanted):
    found = [row for row in durability(asking) if isinstance(row, Result)]
    check_results(found)
    return [row for row in found if all(getattr(row, name) == value for name, value in wanted.items())]


def test_everybody_who_started_counts_and_those_measured_twice_say_something_else(tmp_path):
    rows = rows_of(asked(tmp_path))
    [answer] = [row for row in rows if row.analysis == "claim"]
    [naive] = [row for row in rows if row.analysis == "as_observed"]
    assert (answer.arm, answer.reference, answer.day, answer.gate) == ("iop", "inpatient", 180, "passed")
    assert naive.twin_of == answer.result_id
    assert naive.n < 0.5 * sum(row.denominator for row in rows if row.measure == "in_remission" and row.arm == "iop")
    assert "measured both times" in naive.note


def test_what_fades_after_day_90_shows_as_a_difference_in_change(tmp_path):
    [stays] = rows_of(asked(tmp_path, effect=3.0), measure="difference_in_change")
    [fades] = rows_of(asked(tmp_path, effect=3.0, fading=2.0), measure="difference_in_change")
    assert stays.low < 0 < stays.high
    assert fades.low < -2.0 < fades.high
    assert {stays.verdict, fades.verdict} == {"exploratory"}


def test_the_bands_add_up_and_those_not_measured_again_are_one_of_them(tmp_path):
    rows = rows_of(asked(tmp_path))
    for arm in ("outpatient", "iop", "inpatient"):
        own = [row for row in rows if row.arm == arm]
        first = {
            row.measure: row for row in own if row.measure in ("in_remission", "not_in_remission", "remission_unknown")
        }
        later = {row.measure: row for row in own if row.measure in ("still_recovered", "relapsed", "recovery_unknown")}
        assert sum(row.numerator for row in first.values()) == first["in_remission"].denominator
        assert sum(row.numerator for row in later.values()) == first["in_remission"].numerator
        assert later["recovery_unknown"].numerator > 0
        assert {row.twin_of for row in later.values()} == {first["in_remission"].result_id}
        assert {row.verdict for row in (*first.values(), *later.values())} == {"descriptive only"}


def test_a_new_stay_in_24_hour_care_is_a_relapse_whatever_the_score(tmp_path):
    asking = asked(tmp_path)
    asking.warehouse.execute("UPDATE durability_set SET back_in_24h = TRUE")
    assert {row.estimate for row in rows_of(asking, measure="relapsed")} == {1.0}
    assert {row.numerator for row in rows_of(asking, measure="recovery_unknown")} == {0}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"outcomes": ()}, "add an [[outcomes]] block"),
        ({"arms": {"outpatient": ("OP",), "all": ("IOP", "RES", "IP")}}, "name both under [arms]"),
        ({"followed": 0.0}, "follow people up half a year after they start"),
        ({"followed": 0.1}, "too small a share of iop and inpatient has a PHQ9 score near day 180 (20 % are needed)"),
        ({"n": 300}, ""),
    ],
)
def test_where_it_cannot_be_asked_the_headline_and_its_twin_say_what_is_missing(tmp_path, changes, said):
    rows = rows_of(asked(tmp_path, **{"n": 3000} | changes))
    refused = [row for row in rows if row.analysis in ("claim", "as_observed")]
    assert [row.analysis for row in refused] == ["claim", "as_observed"]
    assert not [row for row in rows if row.measure == "difference_in_change"]
    for row in refused:
        assert row.gate == "withheld"
        assert said in row.reason
        assert all(getattr(row, name) is None for name in NUMBERS)


def test_records_without_any_score_are_refused_and_nothing_breaks(tmp_path):
    asking = asked(tmp_path, n=2000)
    asking.warehouse.execute("DELETE FROM durability_set")
    rows = rows_of(asking)
    assert [row.gate for row in rows] == ["withheld", "withheld"]
    assert "follow people up" in rows[0].reason
