"""Lines of claims that are not rows yet: nights of one line, and what a reversal takes back."""

import pytest

from pipeline.errors import StudyError
from tests.unit.ingest.mapped import made_rows

NIGHTS = """
    [sessions."lines.csv"]
    nights = { from = "From", to = "To", units = "Units" }
    service = "night"
"""
BACK = """
    [sessions."lines.csv"]
    reversed = { amount = "Paid", bill_type = "TOB", same = ["Member", "DOS"] }
    session_id = "Line"
"""


def nights_of(folder, line):
    [(_, rows)] = made_rows(folder, NIGHTS, lines__csv=f"From,To,Units\n{line}")
    return [row["service_date"] for row in rows]


@pytest.mark.parametrize(
    ("line", "nights"),
    [
        ("2025-01-30,2025-02-02,3", ["2025-01-30", "2025-01-31", "2025-02-01"]),
        ("2025-01-30,2025-01-31,2", ["2025-01-30", "2025-01-31"]),
        ("2025-01-30,2025-02-01,", ["2025-01-30", "2025-01-31"]),
        ("2025-01-30,2025-01-30,", ["2025-01-30"]),
        ("2025-01-30,,", ["2025-01-30"]),
        ("2025-01-30,2099-01-30,", [None]),
        ("soon,2025-01-30,2", [None, None]),
    ],
)
def test_a_line_is_as_many_nights_as_it_has_units_else_those_before_its_last_day(tmp_path, line, nights):
    assert nights_of(tmp_path, line) == nights


def test_a_reversal_takes_back_one_line_that_is_the_same_and_of_several_the_first(tmp_path):
    lines = """
        Line,Member,DOS,TOB,Paid
        1,m1,2025-01-06,131,300
        2,m1,2025-01-06,131,-300
        3,m1,2025-01-06,137,280
        4,m1,2025-01-07,131,300
        5,m2,2025-01-06,131,300
        6,m2,2025-01-06,138,300
        7,m3,2025-01-06,131,(45.00)
        8,m4,2025-01-06,131,
    """
    [(_, rows)] = made_rows(tmp_path, BACK, lines__csv=lines)
    assert sorted(row["session_id"] for row in rows) == ["3", "4", "8"]


@pytest.mark.parametrize("line", ['nights = { from = "From" }', 'reversed = { amount = "Paid" }'])
def test_half_a_line_about_nights_or_reversals_is_told_with_an_example(tmp_path, line):
    with pytest.raises(StudyError, match=r"mapping\.toml, line 2: .* = \{"):
        made_rows(tmp_path, f'[sessions."lines.csv"]\n{line}\n', lines__csv="From,Paid\n2025-01-06,1")
