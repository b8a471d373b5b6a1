"""The research page: the protocol from the study's choices, every comparison every way, and no number where one is
withheld."""

import re
from dataclasses import replace

from pipeline.analysis import gate
from pipeline.report.certainty import STANDS
from pipeline.report.checklist import ITEMS, NOT_DONE, papers
from pipeline.report.figures.specification import specification_figure
from pipeline.report.four_sentences import in_order
from pipeline.report.names import arm_label
from pipeline.report.numbers import percent
from pipeline.report.sections.answers import certainty_of, comparisons, everything_else, heads, heterogeneity, overturn
from pipeline.report.sections.checks import CHECKS, LIMITS, controls, gate_lines, passing
from pipeline.report.sections.people import attrition, balance_and_overlap, measured, said, table_one
from pipeline.report.sections.quality import flow_table
from pipeline.report.sections.research.assumed import assumed
from pipeline.report.sections.research.checklist import checklist, references
from pipeline.report.sections.research.protocol import methods_paragraph, target_trial
from pipeline.results import AttritionStep, Diagnostic, Result


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def rows(fragment):
    return [plain(one) for one in re.findall(r"<tr>.*?</tr>", fragment.html, re.S)]


def test_the_protocol_is_written_from_the_studys_own_choices(released):
    told = plain(target_trial(released).html)
    assert "no service at a compared level in the 60 days before" in told
    assert "The score nearest day 90 within days 60 to 120" in told
    assert "Not worse by more than 1 point, which keeps at least 50%" in told
    assert "Inpatient here is residential and inpatient care." in told
    assert [one.split()[0] for one in rows(target_trial(released))[1:]] == [
        "Question",
        "Eligibility",
        "Strategies",
        "Assignment",
        "Time",
        "Follow-up",
        "Outcome",
        "Contrast",
        "Analysis",
    ]


def test_the_protocol_of_a_study_without_a_scale_speaks_of_staying(released_without_scores):
    told = plain(target_trial(released_without_scores).html)
    assert "Being in care, and leaving early, by day 90." in told
    assert "PHQ" not in told


def test_what_is_assumed_names_what_the_model_holds_what_is_only_checked_and_what_is_in_no_record(released):
    row = in_order(released)[0]
    line = Diagnostic(
        result_id=row.result_id, check="balance", covariate="Payer: medicaid (not in the model)", passed=True
    )
    lines = (*released.tables.diagnostics, line)
    found = assumed(replace(released, tables=replace(released.tables, diagnostics=lines))).html
    told = plain(found)
    assert "checked for balance: " in told
    assert "payer" in re.search(r"checked for balance: ([^.]*)\.", told)[1]
    described = re.search(r"<desc[^>]*>(.*?)</desc>", found)[1]
    assert "Adjusted for: PHQ-9 at start" in described
    assert "In no record, and not allowed for: what the clinician saw and did not write down" in described
    assert all(one.partition(": ")[2] in told for one in released.study.confounders.unmeasured)


def test_how_alike_people_of_one_program_are_stands_beside_a_check_that_passes(released):
    line = Diagnostic(result_id="r", check="icc", covariate="programs of a level", after=0.031, passed=True)
    assert plain(passing([line], in_order(released)[0])) == "PASS ICC 0.03"


def test_the_methods_paragraph_names_margin_gate_versions_and_seed(released):
    told = plain(methods_paragraph(released).html)
    for part in (
        "12 sites from 1 Jan 2025 to 30 Jun 2026",
        "margin was 1 point",
        "within 0.2",
        "numpy 2.3",
        "seed 20260101",
        "frozen 30 Jun 2026, before outcomes were read",
        "Counts under 11 are not shown",
    ):
        assert part in told


def test_table_one_shows_each_group_as_it_came_and_as_weighted_with_differences_beside(released):
    found = rows(table_one(released))
    assert (
        found[0]
        == "At the start IOP as they came Inpatient as they came Difference as they came, in SD IOP weighted Inpatient"
        " weighted Difference weighted, in SD"
    )
    assert "PHQ-9 at start 15.6 (5.1) 18.4 (5.2) 0.62 17.0 (4.9) 17.0 (5.0) 0.01" in found
    assert "Race and ethnicity: Hispanic hidden hidden – hidden hidden –" in found
    assert "People weighted: how many they count as 668 hidden – 240 hidden –" in found


def test_the_table_of_a_further_comparison_names_its_levels_as_sentences_do(released):
    rows = tuple(replace(row, varied="outpatient and iop") for row in released.rows(analysis="table_1"))
    folded = replace(released, tables=replace(released.tables, results=(*released.tables.results, *rows)))
    assert "<summary>Outpatient care and IOP</summary>" in table_one(folded).html


def test_a_study_whose_table_was_not_made_shows_none(released_without_scores):
    assert table_one(released_without_scores).html == ""


def test_every_like_for_like_contrast_is_there_with_its_unadjusted_twin(released):
    told = comparisons(released)
    for row in heads(released):
        assert row.result_id in told.used
    found = rows(told)
    assert any(
        one.startswith("IOP vs inpatient care augmented, overlap 0.2 points less 0.7 less to 0.4 points more")
        for one in found
    )
    assert any(one.startswith("IOP vs inpatient care unadjusted, as observed 1.8 points less") for one in found)


def test_a_withheld_comparison_has_its_reason_and_no_number(released):
    withheld = [one for one in rows(comparisons(released)) if "withheld" in one]
    assert len(withheld) == 4  # each once: a careless count would stand for it
    for one in withheld:
        assert "withheld: " in one
        assert not re.search(r"\d[\d.,]* (points|in 100|days)|USD \d", one), one


def test_what_would_overturn_an_answer_stands_beside_it_and_empty_columns_are_left_out(released):
    told = overturn(released)
    assert any(
        "IOP vs inpatient care" in one and "1.46" in one and "1.31 the score at the start" in one for one in rows(told)
    )
    assert "to the margin" not in rows(told)[0]


def test_each_comparison_has_its_checks_passed_or_with_what_failed_and_its_line(released):
    page = gate_lines(released)
    [first] = [one for one in rows(page) if one.startswith("IOP vs inpatient care Average improvement, PHQ-9")]
    assert "Told Sites with both levels 5 (line 6)" in first
    assert "PASS" in first
    assert "FAIL" not in first


def test_a_check_that_fails_a_withheld_comparison_says_fail_and_one_beside_an_answer_is_told():
    line = Diagnostic(result_id="r", check="overlap", after=0.12, threshold=0.2, passed=False)
    row = Result(question="C2", analysis="like_for_like", measure="difference", arm="iop", reference="php")
    assert plain(passing([line], replace(row, gate="withheld"))) == "FAIL Overlap, least 12% (line 20%)"
    assert plain(passing([line], replace(row, gate="passed"))) == "Told Overlap, least 12% (line 20%)"
    assert plain(passing([replace(line, passed=True)], row)) == "PASS"
    assert passing([], row) == "–"
    limit = replace(line, check="sites", after=5.0, threshold=6.0)
    told = plain(passing([line, limit], replace(row, gate="withheld")))
    assert told == "FAIL Overlap, least 12% (line 20%)Told Sites with both levels 5 (line 6)".replace(")Told", ") Told")


def test_a_line_is_told_and_never_failed_exactly_where_the_gate_withholds_nothing_for_it():
    assert not set(LIMITS) & set(gate.LINES)
    assert set(CHECKS) - set(LIMITS) <= set(gate.LINES)


def test_every_range_says_at_which_level_it_holds_and_with_how_many_degrees_of_freedom():
    row = Result(question="C2", analysis="like_for_like", measure="difference", level=0.995, df=21.0)
    assert certainty_of(row) == "99.5%, 21 df"
    assert certainty_of(replace(row, level=0.95, df=None)) == "95%"
    assert certainty_of(replace(row, level=None, df=None)) == "–"


def test_a_flow_of_groups_that_are_no_levels_has_its_numbers_too(released):
    steps = tuple(
        AttritionStep(analysis="trauma", step=0, sentence="people asked", arm=arm, n_left=n, n_removed=0)
        for arm, n in (("trauma track", 2112), ("general track", 578))
    )
    told = replace(released, tables=replace(released.tables, attrition=steps))
    assert "2,112" in flow_table(told, "trauma", "x")
    assert "578" in flow_table(told, "trauma", "x")


def test_the_first_comparison_s_flow_is_drawn_to_the_sites_that_count(released):
    first = in_order(released)[0]
    name = f"{first.outcome}: {first.arm} and {first.reference}"
    sentences = ("people who started at one of these levels", "left out: treated at a site with too few people")
    steps = tuple(
        AttritionStep(
            analysis=name, step=place, sentence=sentence, arm=arm, n_left=900 - 100 * place, n_removed=100 * place
        )
        for place, sentence in enumerate(sentences)
        for arm in (first.arm, first.reference)
    )
    drawn = attrition(replace(released, tables=replace(released.tables, attrition=steps))).html
    assert 'id="flow-title"' in drawn
    assert "Left out: treated at a site with too few" in plain(drawn)


def test_headings_of_flows_are_words_and_no_identifiers(released):
    assert said(released, "phq9_day90: inpatient and iop") == "PHQ-9 at day 90: inpatient care and IOP"
    assert said(released, "dropped_out_day90: iop and php") == "Left early at day 90: IOP and PHP"
    assert said(released, "all people") == "All people"


def test_every_other_way_is_drawn_once_it_makes_a_curve(released):
    row = in_order(released)[0]
    ways = [
        replace(row, analysis="sensitivity", twin_of=row.result_id, varied=f"way {n}", note=STANDS, verdict="", gate="")
        for n in range(3)
    ]
    two = replace(released, tables=replace(released.tables, results=(*released.tables.results, *ways[:2])))
    assert specification_figure(two, [row], "ways") == ""
    three = replace(released, tables=replace(released.tables, results=(*released.tables.results, *ways)))
    drawn = plain(specification_figure(three, [row], "ways"))
    assert all(f"way {n}" in drawn for n in range(3))
    assert "the answer" in drawn


def test_missing_outcomes_are_told_by_group(released):
    assert any("IOP 71%, Inpatient 71%" in one for one in rows(measured(released)))


def test_flows_of_everybody_and_of_each_comparison_are_there(released):
    assert "People with any record" in plain(attrition(released).html)


def test_balance_and_overlap_are_drawn_with_names_of_their_own(released):
    drawn = re.findall(r'<svg viewBox[^>]*aria-labelledby="([^ ]+)-title', balance_and_overlap(released).html)
    assert drawn[:2] == ["balance-0", "overlap-0"]
    assert len(drawn) == len(set(drawn))


def test_what_was_not_done_is_said(released, released_without_scores):
    assert "No analysis of subgroups was made" in heterogeneity(released).html
    assert "Not assessed" in controls(released_without_scores).html
    assert "tables/results.csv" in everything_else(released).html


def test_guidelines_are_answered_item_by_item(released):
    found = rows(checklist(released))[1:]
    assert len(found) == len(ITEMS)
    assert next(one for one in ITEMS if one.guideline == "STROBE").asks.startswith("1 ")
    assert sum(one.guideline == "STROBE" for one in ITEMS) == 22
    assert sum(one.guideline == "RECORD" for one in ITEMS) == 11
    assert all(item.answer.startswith(NOT_DONE) or item.answer for item in ITEMS)
    assert "{" not in plain(checklist(released).html)


def test_the_references_name_the_papers_behind_the_standard_errors(released):
    listed = references(released).html
    assert "<li>Mao H, Li L, Greene T. Propensity score weighting analysis and treatment effect discovery." in listed
    assert "<li>Lunceford JK, Davidian M." in listed
    assert listed.count("<li>") == len(papers()) == len(set(papers()))


def test_the_methods_paragraph_says_which_confounders_few_people_kept_out_of_the_model(released):
    from pipeline.report.four_sentences import in_order
    from pipeline.report.sections.research.protocol import left_out

    first = in_order(released)[0].result_id
    kept = tuple(d for d in released.tables.diagnostics if d.result_id != first)
    checks = [d for d in released.tables.diagnostics if d.result_id == first and d.check == "balance"]
    age = replace(checks[0], covariate="Age (not in the model)")
    payer = [
        replace(checks[0], covariate=f"Payer: {one}{out}")
        for one, out in (("medicaid", ""), ("self", " (not in the model)"))
    ]
    shown = replace(released, tables=replace(released.tables, diagnostics=(*kept, age, *payer)))
    assert "for a model of all of these: age stayed out of it" in left_out(shown)


def test_an_outcome_looked_at_again_later_keeps_the_name_of_its_scale(released):
    from pipeline.report.sections.people import named_outcome

    assert named_outcome(released, "phq9_day90") == "PHQ-9 at day 90"
    assert named_outcome(released, "phq9_day90, day 180") == "PHQ-9 at day 180"


def test_a_reviewer_reads_from_how_many_points_change_is_reliable_and_whence_and_how_many_could_not_show_it(released):
    told = plain(measured(released).html)
    assert "How change is judged" in told
    assert "PHQ-9 6 points 0.89 0.84 5.66 published convention" in told
    near = released.rows(analysis="scorecard", measure="not_improvable", outcome="phq9_day90")
    assert all(f"{arm_label(row.arm)} {percent(row.estimate)}" in told for row in near)
