"""Table 1: the people as they came and as weighted, without a count that could be small."""

import numpy as np
import pytest

from pipeline.analysis.described.table_one import FEW, coarse, shown_levels, tables_one
from tests.unit.analysis.made_records import asking, made_records, study


def tables(records, study):
    return [row for one in tables_one(study).values() for row in one(asking(records, study))]


def table(rows, arm, target):
    own = [row for row in rows if not row.varied and (row.arm, row.target) == (arm, target)]
    return {(row.stratum, row.measure): row.estimate for row in own}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return tables(made_records(n=3000), study(tmp_path_factory.mktemp("study")))


def test_the_sicker_arm_is_sicker_as_it_came_and_alike_as_weighted(drawn):
    came, weighted = (
        [table(drawn, arm, target)["PHQ9 at start", "mean"] for arm in ("iop", "inpatient")]
        for target in ("observed", "overlap")
    )
    assert came[1] - came[0] > 0.5
    assert weighted[0] == pytest.approx(weighted[1], abs=0.11)


def test_a_mean_and_a_share_as_they_came_are_those_of_the_records(drawn):
    records = made_records(n=3000)
    iop = records.people[records.people["arm"] == "iop"]
    found = table(drawn, "iop", "observed")
    assert found["Age", "mean"] == pytest.approx(iop["age"].mean(), abs=0.06)
    assert found["Age", "sd"] == pytest.approx(iop["age"].std(), abs=0.06)
    assert found["Trauma", "share"] == pytest.approx(iop["trauma"].mean(), abs=0.011)
    assert found["Payer: medicaid", "share"] + found["Payer: commercial", "share"] == pytest.approx(1, abs=0.021)


def test_no_row_carries_a_count_but_the_size_of_each_arm(drawn):
    counted = [
        row
        for row in drawn
        if any(getattr(row, name) is not None for name in ("n", "numerator", "denominator", "events"))
    ]
    assert {(row.measure, row.target) for row in counted} == {("people", "observed")}
    assert all(row.twin_of == "" and row.verdict == "" for row in drawn)


def test_each_two_levels_that_are_compared_have_a_table_of_their_own(drawn):
    tables = {}
    for row in drawn:
        tables.setdefault(row.varied, set()).add(row.arm)
    first, *others = tables.values()
    assert next(iter(tables)) == ""
    assert others
    assert len({frozenset(arms) for arms in (first, *others)}) == len(tables)
    assert all(len(arms) == 2 for arms in tables.values())


def test_every_row_has_its_own_id(drawn):
    assert len({row.result_id for row in drawn}) == len(drawn)


@pytest.mark.parametrize(
    ("people", "step"), [(1100, 0.01), (1099, 0.02), (550, 0.02), (300, 0.05), (110, 0.1), (40, 0.2)]
)
def test_shares_are_told_in_steps_of_at_least_eleven_people(people, step):
    told = coarse(0.3456, people, 11)
    assert told / step == pytest.approx(round(told / step))
    assert abs(told - 0.3456) <= step / 2 + 1e-9


def test_small_arms_tell_their_shares_coarsely(tmp_path):
    rows = tables(made_records(n=240), study(tmp_path))
    shares = [row.estimate for row in rows if row.measure == "share" and row.estimate is not None]
    assert shares
    assert all(share * 5 == pytest.approx(round(share * 5)) for share in shares)


def test_a_comparison_with_a_missing_arm_has_no_table(tmp_path):
    records = made_records(n=500)
    missing = type(records)(
        **{name: getattr(records, name) for name in records.__slots__} | {"arms": ("outpatient", "iop")}
    )
    assert {row.arm for row in tables(missing, study(tmp_path))} == {"outpatient", "iop"}


def shown(first, second):
    names = sorted(first | second)
    counts = np.array([[arm.get(name, 0) for name in names] for arm in (first, second)])
    return [stratum for _, stratum in shown_levels(names, counts, "Payer", 11)]


def test_categories_that_are_small_at_one_level_go_together():
    assert shown({"a": 60, "b": 25, "c": 15}, {"a": 60, "b": 35, "c": 5}) == ["Payer: a", "Payer: others"]
    assert shown({"a": 40, "b": 40, "c": 12, "d": 8}, {"a": 40, "b": 40, "c": 9, "d": 11}) == [
        "Payer: a",
        "Payer: b",
        "Payer: others",
    ]


def test_a_yes_or_no_measure_is_its_yes_even_where_a_few_are_not_recorded():
    assert shown({"no": 60, "yes": 40}, {"no": 70, "yes": 30}) == ["Payer"]
    assert shown({"no": 60, "yes": 37, "not recorded": 3}, {"no": 70, "yes": 30}) == ["Payer: yes"]


def test_a_rare_yes_is_named_as_too_few_and_not_shown(tmp_path):
    records = made_records(n=3000)
    records.people["psychosis"] = np.arange(3000) % 400 == 0
    rows = [row for row in tables(records, study(tmp_path)) if row.stratum.startswith("Psychosis")]
    assert {row.stratum for row in rows} == {"Psychosis: no", "Psychosis: rare"}
    assert all(row.estimate is None and row.reason == FEW for row in rows)
