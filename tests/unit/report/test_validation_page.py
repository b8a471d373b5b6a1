"""The validation page: the committed tables of the simulations, whole, with a sentence where an estimator misses."""

import re

from pipeline.report import validation
from pipeline.report.gate_study import by_line, pooled, sizes
from pipeline.report.sections.validation import WORLDS, claimed, coverage, estimator, gate, made_with, verdicts
from pipeline.report.sections.whole_records import amount, held, other_questions, told
from pipeline.report.validation import families, folder, misses, rows_of


def words(fragment):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", fragment.html))


def test_every_kind_of_estimator_that_was_simulated_stands_on_the_page(released):
    told = words(coverage(released))
    for row in rows_of("results"):
        assert estimator(row["estimator"]) in told
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
    assert {row["scenario"] for row in rows_of("truth")} == set(WORLDS)
    assert "each site offers one level only" in told
    assert re.search(r"each site offers one level only \d+ not known 100%", told)


def test_every_size_of_the_gate_study_stands_on_the_page_and_those_left_out_are_named(released):
    rows, told = rows_of("gate"), words(gate(released))
    for row in rows:
        if row["studies"] == "0":
            assert f"{row['people']} people at {row['sites']} sites" in told
        elif row["question"] == "C2":
            assert f"{int(row['people']):,} {row['sites']} " in told
    assert "_" not in told
    assert told.count("Studies a number") == 4  # scores and leaving, what is answered and what is then said


def test_shares_measured_stand_side_by_side_and_too_few_answers_are_a_dash():
    rows = [
        {
            "question": "C2",
            "world": "lottery",
            "people": "400",
            "sites": "1",
            "measured": one,
            "studies": n,
            "answered": share,
        }
        for one, n, share in (("0.85", "40", "0.99"), ("0.45", "20", "0.5"), ("0.6", "20", ""))
    ]
    [size] = sizes(rows, "C2")
    assert size.cell("lottery", "answered") == "50 / – / 99%"
    assert size.cell("no overlap", "answered") == "–"
    assert size.studies == "20–40"


def test_shares_over_all_sites_are_of_all_studies_with_their_monte_carlo_error():
    cell = {"question": "C2", "world": "lottery", "people": "400"}
    rows = [
        cell | {"studies": "60", "answered": "1", "held": "57", "right": "0.1", "wrong": "0"},
        cell | {"studies": "40", "answered": "0.5", "held": "19", "right": "0", "wrong": "0.05"},
    ]
    [one] = pooled(rows, "C2", "lottery")
    assert (one.people, one.studies) == (400, 100)
    assert one.answered == "80% (± 4.0)"
    assert one.held == "95% (± 2.4)"
    assert (one.right, one.wrong) == ("6% (± 2.4)", "2% (± 1.4)")


def test_a_line_is_told_as_the_share_of_studies_it_refused():
    cell = {"question": "C2", "world": "lottery", "sites": "1", "measured": "0.6"}
    rows = [
        cell | {"people": "400", "studies": "30", "lines": "balance 3; overlap 6"},
        cell | {"people": "400", "studies": "10", "lines": ""},
        cell | {"people": "1000", "studies": "10", "lines": "balance 1"},
    ]
    assert by_line(rows, "lottery") == ([400, 1000], [("overlap", [0.15, 0.0]), ("balance", [0.075, 0.1])])


def test_lines_that_refused_as_often_stand_in_one_order_in_every_run():
    names = [f"line {one}" for one in range(9)]
    cell = {"world": "lottery", "question": "C2", "people": "400", "studies": "20"}
    rows = [cell | {"lines": "; ".join(f"{name} 3" for name in reversed(names))}]
    assert [name for name, _ in by_line(rows, "lottery")[1]] == names


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


def test_wrong_claims_are_counted_in_the_table_and_told_as_a_share_of_the_answers():
    row = {"studies": "50", "withheld": "0.2", "claims": "0.25", "not_worse": "0.5", "contradictions": "2"}
    assert claimed(row) == ("70%", "5%")
    assert claimed(row | {"withheld": "1", "claims": "", "not_worse": "", "contradictions": "0"}) == ("–", "–")


WHOLE = {
    "scenario": "immortal_time",
    "question": "C6",
    "people": "6000",
    "studies": "200",
    "truth": "0.000132",
    "bias": "-0.004",
    "bias_error": "0.0012",
    "withheld": "0",
    "covered": "0.95",
    "claims": "0.1",
    "contradictions": "2",
    "naive": "-0.0962",
}


def test_a_share_is_told_in_percentage_points_and_an_amount_of_money_whole():
    assert (amount(WHOLE, "naive"), amount(WHOLE, "truth")) == ("−9.6", "0.0")
    assert amount(WHOLE | {"question": "C7", "naive": "-11305.98"}, "naive") == "−11,306"
    assert amount(WHOLE | {"question": "C13", "naive": ""}, "naive") == "not known"


def test_of_whole_records_the_error_of_what_was_simulated_stands_beside_it():
    assert held(WHOLE) == "95% (± 1.5)"
    assert held(WHOLE | {"withheld": "1", "covered": ""}) == "–"
    assert told(WHOLE)[5:] == ["−0.4 (± 0.1)", "0%", "95% (± 1.5)", "9%", "1%", "−9.6"]


def test_every_question_that_was_asked_of_whole_records_stands_on_the_page(released):
    found = words(other_questions(released))
    assert all(f"{row['question']}:" in found for row in rows_of("questions"))
    assert "_" not in found


def test_without_its_tables_the_page_says_so(released, monkeypatch, tmp_path):
    monkeypatch.setattr(validation, "folder", lambda: tmp_path)
    rows_of.cache_clear()
    assert "did not come with this installation" in words(coverage(released))
    assert verdicts(released).html == ""
    assert other_questions(released).html == ""
    rows_of.cache_clear()


def test_the_tables_lie_where_the_page_looks():
    assert (folder() / "results.csv").is_file()
