"""People placed at, below and above the recommended level, with a known difference, and the refusals where it cannot be
asked."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.asking.run import check_results
from pipeline.analysis.headline import Asking
from pipeline.analysis.questions.placements import measured_lack, placed_people, placements
from pipeline.choices.asked import ComparisonChoices
from pipeline.levels import LEVELS
from pipeline.results import NUMBERS, Diagnostic, FigurePoint, Result
from tests.unit.analysis.made_records import made_records, study


def asking(folder, *, recorded=0.95, elsewhere=0.3, effect=3.0, **changes):
    """made_records spread over five levels; a random part placed one level beside the recommendation, below it with
    less improvement."""
    records, rng = made_records(seed=8, n=6000, observed=0.9), np.random.default_rng(9)
    n = len(records.people)
    received = rng.integers(0, 5, n)
    step = rng.choice([0, -1, 1], n, p=[1 - elsewhere, elsewhere / 2, elsewhere / 2])
    recommended = np.clip(received + step, 0, 4)
    table = pd.DataFrame(
        {
            "episode_id": records.people["episode_id"],
            "recommended_level": np.array(LEVELS)[recommended],
            "received_level": np.array(LEVELS)[received],
            "placement": np.select([received < recommended, received > recommended], ["under", "over"], "matched"),
        }
    )
    table = table[rng.random(n) < recorded]
    scores = records.scores.assign(improvement=records.scores["improvement"] - effect * (received < recommended))
    warehouse = SimpleNamespace(execute=lambda sql: SimpleNamespace(df=lambda: table))
    return Asking(warehouse, replace(records, scores=scores), study(folder, **changes), [])


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    return list(placements(asking(tmp_path_factory.mktemp("study"))))


def results(rows, **wanted):
    found = [row for row in rows if isinstance(row, Result)]
    check_results(found)
    return [row for row in found if all(getattr(row, name) == value for name, value in wanted.items())]


def test_the_headline_compares_the_recommended_level_with_a_less_intensive_one_and_is_a_hint(answered):
    [answer], [twin] = results(answered, analysis="claim"), results(answered, analysis="as_observed")
    assert (answer.arm, answer.reference, answer.verdict) == ("as recommended", "less than recommended", "exploratory")
    assert answer.low < 3.0 < answer.high
    assert (twin.twin_of, twin.verdict) == (answer.result_id, "descriptive only")


def test_more_than_recommended_and_all_three_at_once_stand_beside_it(answered):
    [over] = results(answered, analysis="placement", reference="more than recommended")
    assert over.low < 0.0 < over.high
    [three] = results(answered, analysis="placement", stratum="three groups")
    assert three.low < 3.0 < three.high
    assert "below or above it" in three.population


def test_the_recommended_level_is_adjusted_for(answered):
    [answer] = results(answered, analysis="claim")
    checked = {row.covariate for row in answered if isinstance(row, Diagnostic) and row.result_id == answer.result_id}
    assert any(name.startswith("Recommended level: ") for name in checked)


def test_the_matrix_adds_up_to_everybody_with_a_recommendation_and_to_the_shares(answered):
    cells = [row for row in answered if isinstance(row, FigurePoint) and row.figure == "placement_matrix"]
    shares = {row.measure: row for row in results(answered) if row.measure.startswith("placed_")}
    matched = shares["placed_as_recommended"]
    assert sum(cell.n for cell in cells) == matched.denominator
    assert sum(cell.n for cell in cells if cell.series == cell.label) == matched.numerator
    assert sum(row.numerator for row in shares.values()) == matched.denominator


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"recorded": 0.7}, "recorded for too few people"),
        ({"recorded": 0.0}, "recorded for too few people"),
        ({"elsewhere": 0.01}, "written after the placement"),
        ({"outcomes": (), "comparison": ComparisonChoices(primary=())}, "add an [[outcomes]] block"),
    ],
)
def test_where_it_cannot_be_asked_the_headline_and_its_twin_say_what_is_missing(tmp_path, changes, said):
    rows = list(placements(asking(tmp_path, **changes)))
    [answer], [twin] = results(rows, analysis="claim"), results(rows, analysis="as_observed")
    for row in (answer, twin):
        assert (row.gate, row.verdict) == ("withheld", "descriptive only")
        assert said in row.reason
        assert all(getattr(row, name) is None for name in NUMBERS)


def test_too_few_measured_below_their_recommendation_is_known_before_anything_is_fitted(tmp_path):
    few, enough = asking(tmp_path, elsewhere=0.01), asking(tmp_path)
    assert measured_lack(few, placed_people(few)) == (
        "30 people placed less than recommended need the outcome measured, and fewer have it"
    )
    assert measured_lack(enough, placed_people(enough)) == ""
