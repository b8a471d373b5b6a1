"""Every sentence of the example pages and tables is held against what a copy editor would strike out."""

import csv

import pytest

from pipeline.report.output.pages import PAGES
from tests.copy_editor import decimals, faults, words_of
from tests.unit.report.example_pages import example_pages


@pytest.mark.parametrize("scores", [True, False], ids=["example", "noscores"])
@pytest.mark.parametrize("name", [*(page.name for page in PAGES), "index"])
def test_a_copy_editor_finds_nothing_on_a_page(scores, name):
    assert faults(words_of((example_pages(scores) / f"{name}.html").read_text())) == []


@pytest.mark.parametrize("scores", [True, False], ids=["example", "noscores"])
def test_a_copy_editor_finds_nothing_in_the_sentences_of_the_tables(scores):
    with open(example_pages(scores) / "tables" / "results.csv", encoding="utf-8", newline="") as file:
        told = "\n".join(row["sentence"] for row in csv.DictReader(file))
    assert faults(told) == []


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("see phq9_day90 below", "an identifier of ours"),
        ("no PHQ9 score", "a scale by its code"),
        ("Mix of services: day90", "a day that sticks to its number"),
        ("care in iop and php", "a level in lower case"),
        ("it was hidden .", "a blank before a stop"),
        ("80 % are needed", "a blank before a percent sign"),
        ("of the the people", "a word twice"),
        ("a careless count", "scolding"),
        ("(0.04 to 4 more)", "mixed digits in a range"),
        ("(−0.9 to −0.001 points)", "mixed digits in a range"),
        ("6 points more (1.3 to 10.2 more)", "mixed digits in a number and its range"),
        ("96% (95.5% to 96.3%)", "mixed digits in a number and its range"),
        ("no pcl5 score", "a scale by its code"),
        ("84% (84% to 84%)", "a range from a number to itself"),
        ("93 to 93 of 1,332", "a range from a number to itself"),
        ("IOP, IOP", "a level named twice"),
        ("measured: nan", "a number that is none"),
        ("fell −0.0 points", "none with a sign"),
        ("from day -7 on", "a hyphen for a minus"),
        ("only 1 people started", "one of many"),
        ("an PHP and a IOP", "a wrong article"),
        ("p = 0.000", "a p-value of nothing"),
        ("Phq9 at the start", "an identifier with a capital"),
        ("Race: HISP", "a category by its code"),
        ("IOP and PHP: this holds for these sites only.", "a line that belongs to nothing"),
    ],
)
def test_the_rules_find_what_was_found_before(words, fault):
    assert {one.partition(":")[0] for one in faults(words)} == {fault}


def test_words_that_are_right_are_let_through():
    assert faults("PHQ-9 at day 90, IOP: 0.1 points more (0.4 less to 0.6 more); 80% are needed. s01-iop.") == []
    assert faults("None of 9 series: 0.00 (−0.20 to 0.20), 1 person, an IOP, a PHP, −0.5 points, day −7 to 1.") == []
    assert faults("80% to 99.5% (160 to 1,179 of 180 to 1,299)") == []
    assert decimals("1,234.50") == 2
