"""The validation page: the committed tables of the simulations, whole, with a sentence where an estimator misses."""

import re

from pipeline.report import validation
from pipeline.report.sections.validation import coverage, gate, made_with, verdicts
from pipeline.report.validation import families, folder, misses, rows_of


def words(fragment):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", fragment.html))


def test_every_kind_of_estimator_that_was_simulated_stands_on_the_page(released):
    told = words(coverage(released))
    for row in rows_of("results"):
        assert row["estimator"].replace("_", " ") in told
    assert "93%" in told


def test_every_cell_that_misses_has_its_sentence(released):
    found = misses(rows_of("results"), rows_of("limits"))
    assert {cell for cell, _, _ in found} == {row["cell"] for row in rows_of("results") if row["passes"] == "False"}
    assert all(why != "not known" for _, _, why in found)
    told = words(coverage(released))
    assert all(f"{why[0].upper()}{why[1:]}." in told for _, _, why in found)


def test_every_world_is_told_in_words_and_a_withheld_one_has_no_coverage(released):
    told = words(verdicts(released))
    assert "_" not in told
    assert "each site offers one level only" in told
    assert re.search(r"each site offers one level only \d+ not known 100%", told)


def test_the_gate_table_has_a_row_for_every_cell(released):
    assert gate(released).html.count("<tr>") == len(rows_of("gate")) + 1


def test_versions_and_references_are_named(released):
    told = words(made_with(released))
    assert "carelevels" in told
    assert "held to independent references" in told


def test_a_family_holds_the_worst_of_its_cells():
    cells = [
        {"cell": "means, a", "estimator": "x", "coverage": c, "bias": b, "empirical_sd": "2", "false": f, "passes": p}
        for c, b, f, p in (("0.95", "0.1", "0.05", "True"), ("0.91", "-0.5", "0.07", "False"))
    ]
    [one] = families(cells)
    assert (one.cells, one.coverage, one.bias, one.false, one.missed) == (2, (0.91, 0.95), 0.25, 0.07, 1)


def test_without_its_tables_the_page_says_so(released, monkeypatch, tmp_path):
    monkeypatch.setattr(validation, "folder", lambda: tmp_path)
    rows_of.cache_clear()
    assert "did not come with this installation" in words(coverage(released))
    assert verdicts(released).html == ""
    rows_of.cache_clear()


def test_the_tables_lie_where_the_page_looks():
    assert (folder() / "results.csv").is_file()
