"""One changed comparison is noticed: the whole tool runs by hand (python -m tests.mutation); here it runs on three
tables."""

from tests.mutation import OTHER, mutants, unnoticed


def test_every_comparison_and_both_bounds_of_a_between_are_changed_once():
    sql = "-- a > b in a comment\nSELECT a >= 1 AS x\nFROM t\nWHERE b <> 2 AND c BETWEEN low AND 9\n"
    assert [(m.line, m.before, m.after) for m in mutants("t", sql)] == [
        (2, ">=", ">"),
        (4, "<>", "="),
        (4, "low", "1 + low"),
        (4, "9", "-1 + 9"),
    ]
    assert next(mutants("t", sql)).sql == sql.replace(">= 1", "> 1")
    assert set(OTHER) == {">", ">=", "<", "<=", "=", "<>"}


def test_every_changed_comparison_in_three_tables_gives_other_rows_on_the_random_records():
    assert [str(mutant) for mutant in unnoticed(["derived_episodes", "starts", "transitions"], [0, 1, 4, 2, 5])] == []
