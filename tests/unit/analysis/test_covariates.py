import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.covariates import category_terms, category_text, columns_allowed, design, number_terms
from tests.unit.analysis.made_records import made_records, study


def test_a_number_is_scaled_and_the_missing_get_an_indicator_and_the_mean():
    terms = dict((label, values) for label, values, _ in number_terms(pd.Series([1.0, 3.0, None] * 10), "Age", False))
    assert terms["Age"].tolist() == [-1.0, 1.0, 0.0] * 10
    assert terms["Age: not recorded"].tolist() == [0.0, 0.0, 1.0] * 10


def test_a_core_number_also_has_its_square():
    labels = [label for label, _, _ in number_terms(pd.Series([1.0, 2.0, 4.0] * 70), "Score", True)]
    assert labels == ["Score", "Score, squared"]


def test_few_people_carry_no_square_and_no_column_for_those_few_of_whom_something_is_not_recorded():
    labels = [label for label, _, _ in number_terms(pd.Series([1.0, 2.0, 4.0, None] * 9), "Score", True)]
    assert labels == ["Score"]


def test_a_small_program_carries_the_core_and_as_many_more_as_ten_people_a_column_allow(tmp_path):
    many, few = (design(made_records(n=n, seed=4).people, study(tmp_path), None) for n in (3000, 120))
    core = set(study(tmp_path).confounders.core)
    assert many.left_out == ()
    assert few.left_out
    assert not core & set(few.left_out)
    assert not set(few.of) & set(few.left_out)


def seen(records, inpatients):
    """The people of IOP and inpatient care, the latter first seen in one way."""
    people = records.people[records.people["arm"] != "outpatient"]
    return people.assign(baseline_modality=people["baseline_modality"].where(people["arm"] == "iop", inpatients))


@pytest.mark.parametrize(("inpatients", "adjusted"), [("in_person", False), (None, False), ("video", True)])
def test_being_seen_by_video_is_no_confounder_against_a_level_that_is_always_in_person(tmp_path, inpatients, adjusted):
    found = design(seen(made_records(n=1500), inpatients), study(tmp_path), None)
    assert ("baseline_modality" in found.of) == adjusted
    assert "baseline_modality" not in found.left_out


def test_a_number_that_nobody_has_or_that_never_varies_gives_no_column():
    assert list(number_terms(pd.Series([None, None], dtype=float), "Age", False)) == []
    assert list(number_terms(pd.Series([2.0, 2.0]), "Age", False)) == []


def test_a_category_is_compared_with_its_most_common_level_and_unknown_is_a_level_of_its_own():
    terms = dict((label, values) for label, values, _ in category_terms(pd.Series(["a", "a", "b", None] * 10), "Payer"))
    assert {label: values.tolist() for label, values in terms.items()} == {
        "Payer: b": [0, 0, 1, 0] * 10,
        "Payer: not recorded": [0, 0, 0, 1] * 10,
    }


def test_rare_levels_are_taken_together():
    values = pd.Series(["a"] * 300 + ["b"] * 200 + ["c", "d"])
    assert [label for label, _, _ in category_terms(values, "Payer")] == ["Payer: b", "Payer: rare"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (np.False_, "no"),
        (2.0, "2"),
        (None, "not recorded"),
        (float("nan"), "not recorded"),
        (pd.NA, "not recorded"),
        ("M", "M"),
    ],
)
def test_recorded_values_as_categories(value, text):
    assert category_text(value) == text


def test_nobody_is_dropped_and_every_column_is_a_finite_number(tmp_path):
    records = made_records(n=500, record=0.6)
    found = design(records.people, study(tmp_path), None)
    assert found.values.shape == (500, len(found.terms)) == (500, len(found.of))
    assert np.isfinite(found.values).all()
    assert found.recorded["suicide_risk"].mean() == pytest.approx(0.6, abs=0.1)
    assert not found.recorded["baseline_score"].any()  # no scale was joined: not recorded, never invented


def test_leaving_a_confounder_out_leaves_out_all_its_columns(tmp_path):
    found = design(made_records(n=300).people, study(tmp_path), None)
    assert found.without("suicide_risk").shape[1] == sum(name != "suicide_risk" for name in found.of) < len(found.of)


def test_an_arm_that_nobody_here_started_at_takes_no_room_from_the_others():
    arms = pd.Categorical(["iop"] * 30 + ["outpatient"] * 50, categories=["inpatient", "iop", "outpatient"])
    assert columns_allowed(pd.DataFrame({"arm": arms})) == 3
