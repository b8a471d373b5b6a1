"""What the pages say: first things first, neutral titles, no benefit without its harm, and nothing where nothing is
known."""

import csv
import io
import re
from dataclasses import replace

from pipeline.report.certainty import STANDS, certainty, turning
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.four_sentences import four_answers, in_order
from pipeline.report.output.export import as_csv, records
from pipeline.report.sections.charts import charts
from pipeline.report.sections.four_sentences import in_short
from pipeline.report.sections.head import head
from pipeline.report.sections.method import method, provenance
from pipeline.report.sections.quality import arrived, breaches, flow, recorded, when
from pipeline.report.sections.scorecard import caution, scorecard
from pipeline.report.sections.scorecard_lines import lines_of
from pipeline.report.sections.trust import trust
from pipeline.report.words import reason, tag_of
from pipeline.results import Diagnostic, Result


def results_csv(released):
    return as_csv(records(released.tables.results, "results", released))


def words(fragment):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", fragment.html))


def cells(page, line):
    """What the scorecard shows of one line, level by level."""
    found = next(row for row in re.findall(r"<tr>.*?</tr>", page, re.S) if f">{line}<" in row)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td>(.*?)</td>", found, re.S)]


def test_the_first_sentence_and_the_first_forest_row_are_the_primary_contrast(released):
    first = four_answers(released)[0]
    assert first.point.startswith("IOP did not do worse than inpatient care by more than the margin of 1 point")
    assert first.word == "Not worse"
    drawn = charts(released).html
    assert drawn.index("IOP vs inpatient") < drawn.index("IOP vs outpatient")
    assert "margin −1" in drawn
    assert "PHQ-9 points at day 90; right is better" in drawn


def test_there_are_at_most_four_answers_and_each_names_its_rows(released):
    answers = four_answers(released)
    known = {row.result_id for row in released.tables.results}
    assert len(answers) == 4
    assert all(answer.result_ids and set(answer.result_ids) <= known for answer in answers)
    assert [answer.tag for answer in answers] == ["Fairly sure", "Could be zero", "Fairly sure", ""]


def test_scorecard_watch_line_and_method_line_are_about_the_primary_score_wherever_it_stands(released):
    study = released.study
    [own] = [one for one in study.outcomes if one.name == study.comparison.primary[2]]
    other = replace(own, name="gad7_day60", instrument="GAD7", day=60)
    turned = replace(released, study=replace(study, outcomes=(other, own)))
    for section in (scorecard, method, in_short):
        assert words(section(turned)) == words(section(released))


def test_tags_on_the_page_are_those_that_exist(released):
    assert set(re.findall(r'class="tag [a-z]+">([^<]+)<', in_short(released).html)) <= {
        "Fairly sure",
        "Could be zero",
        "Still open",
        "Depends on a choice",
        "Cannot say",
    }


def test_levels_stand_in_study_order_whatever_their_outcomes(released):
    columns = re.findall(r"</span>(Outpatient|IOP|PHP|Inpatient)</th>", scorecard(released).html)
    assert columns == ["Outpatient", "IOP", "PHP", "Inpatient"]


def test_unadjusted_charts_have_neutral_titles(released):
    titles = re.findall(r"<h3>([^<]+)</h3>", charts(released).html)
    assert titles == [
        "Like for like: people with similar needs",
        "Share still in care, by level (as observed)",
        "Like for like: leaving early",
    ]


def test_worse_stands_beside_better_and_a_benefit_is_hidden_where_its_harm_is(released):
    page = scorecard(released).html
    assert page.index("Reliably better") < page.index("Reliably worse")
    lines = {line: cells(page, line) for line in ("Reliably better", "Reliably worse")}
    assert [line[2].removesuffix("not compared") for line in lines.values()] == ["hidden", "hidden"]
    assert "PHP hidden" in words(in_short(released))


def test_a_line_that_is_hidden_at_every_level_is_named_in_a_sentence_and_fills_no_row(released):
    hidden = [harmed("self_harm", arm, 90, estimate=SUPPRESSED, n=SUPPRESSED) for arm in released.arms]
    told = words(scorecard(with_rows(without_safety(released), *hidden)))
    assert "Hidden at every level: Self-harm by day 90, of those asked." in told
    assert told.count("Self-harm") == 1


def test_the_cards_are_about_the_first_comparison_that_carries_a_number_and_name_it(released):
    assert "IOP and inpatient care, PHQ-9 at day 90:" in words(trust(released))
    first, *_ = in_order(released)
    rows = [replace(row, estimate=None, gate="withheld") if row == first else row for row in released.tables.results]
    assert "IOP and inpatient care" not in words(trust(with_results(released, rows)))
    rows = [replace(row, estimate=None, gate="withheld") if row.reference else row for row in released.tables.results]
    told = words(trust(with_results(released, rows)))
    assert "No comparison gives a difference, so there is none to trust or to doubt" in told
    assert "sites" not in told


def test_the_director_reads_what_care_cost_or_why_that_is_not_told(released):
    asked = {
        "question": "C7",
        "analysis": "claim",
        "measure": "cost_difference",
        "arm": "iop",
        "reference": "inpatient",
    }
    rows = [row for row in released.tables.results if row.question != "C7"]
    cost = Result(**asked, day=180, unit="USD", estimate=-15200.0, low=-22400.0, high=-8010.0, verdict="better")
    told = words(in_short(with_results(released, [*rows, cost])))
    assert "Cost over 180 days, later care included: IOP USD 15,200 less a person" in told
    unknown = Result(**asked, gate="withheld", reason="no costs are recorded")
    told = words(in_short(with_results(released, [*rows, unknown])))
    assert "Cost of IOP and inpatient care cannot be compared: no costs are recorded." in told


def harmed(measure, arm, day, **columns):
    return Result(question="C11", analysis="safety", measure=measure, arm=arm, day=day, unit="share", **columns)


def without_safety(released):
    rows = tuple(row for row in released.tables.results if row.analysis != "safety")
    return replace(released, tables=replace(released.tables, results=rows))


def test_a_hidden_harm_does_not_read_as_if_it_had_come_to_some(released):
    hidden = [harmed("died", arm, 90, estimate=SUPPRESSED, n=SUPPRESSED) for arm in released.arms]
    told = with_rows(without_safety(released), *hidden)
    assert "By day 90, died: hidden (few people, or nobody)." in words(in_short(told))
    assert "it does not mean that it came to some" in words(scorecard(told))


def test_each_harm_is_told_by_the_last_day_that_anybody_was_asked_about_it(released):
    rows = [
        harmed("self_harm", "iop", 90, estimate=0.05, n=400),
        harmed("ed_visit", "iop", 30, estimate=0.12, n=400),
        harmed("ed_visit", "iop", 90, reason="it was asked about up to day 30"),
    ]
    told = words(scorecard(with_rows(without_safety(released), *rows)))
    assert "Self-harm by day 90, of those asked" in told
    assert "Emergency visit by day 30, of those asked" in told
    assert "not known" not in told.split("Emergency visit")[1].split("In care")[0]


def test_a_harm_that_nobody_was_asked_about_is_said_to_be_not_known_and_never_not_to_have_happened(released):
    rows = [harmed(name, "iop", 90, reason="nobody was asked") for name in ("self_harm", "ed_visit", "died")]
    watch = four_answers(with_rows(without_safety(released), *rows))[-1]
    assert "Whether anybody harmed themselves or died is not known" in watch.number
    assert "No self-harm" not in watch.number


def test_where_worse_is_hidden_the_reason_is_that_and_not_how_many_people_got_better(released):
    [why, *_] = four_answers(released)[-1].why
    assert "PHP not told, because how many got worse is hidden" in why
    assert "Reliably better is told only beside reliably worse" in words(scorecard(released))


def test_where_leaving_early_cannot_be_compared_the_director_reads_why(released):
    rows = tuple(
        replace(row, gate="withheld", estimate=None, reason="the score at the start is recorded for too few people")
        if row.analysis == "like_for_like" and row.outcome.startswith("dropped_out")
        else row
        for row in released.tables.results
    )
    told = four_answers(replace(released, tables=replace(released.tables, results=rows)))
    [left] = [one for one in told if one.point.startswith("How many")]
    assert any("recorded for too few people" in one for one in left.why)


def test_every_declared_comparison_is_named_at_the_head_and_so_is_a_level_in_none(released):
    assert "No comparison with PHP is part of this study" in words(in_short(released))
    row = released.row(analysis="like_for_like", outcome="phq9_day90", reference="outpatient")
    third = replace(row, arm="php", reference="iop")
    told = replace(released, tables=replace(released.tables, results=(*released.tables.results, third)))
    said = in_short(told)
    assert "Compared as well, see “Like for like”: Whether PHP or IOP does better is open." in words(said)
    assert third.result_id in said.used
    assert "No comparison with" not in words(said)


def test_a_score_at_the_start_is_counted_of_everybody_who_started_and_not_of_those_who_have_one(released):
    primary = released.row(analysis="like_for_like", outcome="phq9_day90", reference="inpatient")
    leaving = replace(primary, question="C4", outcome="dropped_out_day90", measure="risk_difference")
    line = Diagnostic(
        result_id=leaving.result_id, check="recorded", arm="iop", covariate="Score at start", passed=False
    )
    scored = replace(line, result_id=primary.result_id, after=1.0, threshold=0.8, passed=True)
    found = (*released.tables.diagnostics, scored, replace(line, after=0.76, threshold=0.8))
    rows = (*released.tables.results, leaving)
    said = words(recorded(replace(released, tables=replace(released.tables, results=rows, diagnostics=found))))
    assert "Score at start 76% too few" in said
    assert "100%" not in said


def test_a_change_over_time_carries_the_waiting_list_sentence(released, released_without_scores):
    assert "waiting list" in words(scorecard(released))
    assert "waiting list" not in words(scorecard(released_without_scores))


def test_shares_of_a_withheld_contrast_say_not_comparable(released, released_without_scores):
    page = scorecard(released).html
    assert (
        page.count("not comparable") == 4
    )  # reliably better in IOP and inpatient, still in care in IOP and outpatient
    assert scorecard(released_without_scores).html.count("not comparable") == 2  # once where it is so of every level


def with_results(released, rows):
    return replace(released, tables=replace(released.tables, results=tuple(rows)))


def test_a_level_with_one_answer_says_with_which_level_it_is_not_comparable(released):
    line = next(one for one in lines_of(released) if one.title == "PHQ-9 change")
    partly = with_results(
        released,
        (
            replace(one, gate="passed" if one.reference == "outpatient" else "withheld")
            if one.reference and one.outcome == line.compared_as
            else one
            for one in released.tables.results
        ),
    )
    assert "not comparable with inpatient care" in caution(partly, "iop", line)
    assert ">not comparable<" in caution(partly, "inpatient", line)
    assert caution(partly, "outpatient", line) == ""


def test_a_level_that_stands_in_no_column_is_no_reason_to_call_another_not_comparable(released):
    line = next(one for one in lines_of(released) if one.title == "Reliably better")
    assert caution(released, "iop", line)
    kept = (one for one in released.tables.results if (one.analysis, one.arm) != ("scorecard", "inpatient"))
    assert caution(with_results(released, kept), "iop", line) == ""


def test_a_reason_names_a_level_as_a_sentence_does():
    told = "too few people started in outpatient and inpatient; nobody in iop"
    row = Result(question="C2", analysis="like_for_like", measure="difference", reason=told)
    assert reason(row) == "too few people started in outpatient care and inpatient care; nobody in IOP"
    days = replace(row, reason="nobody in inpatient has a score at the start (day -7 to day 1)")
    assert reason(days) == "nobody in inpatient care has a score at the start (day −7 to day 1)"
    assert reason(replace(row, reason="few in inpatient care")) == "few in inpatient care"


def test_a_chart_never_refers_to_another_that_is_not_drawn(released):
    scores = {one.name for one in released.study.outcomes}
    assert "The same pairs." in words(charts(released))
    rows = [
        row.refused("no comparable patients", "too few people")
        if row.analysis == "like_for_like" and row.outcome in scores
        else row
        for row in released.tables.results
    ]
    drawn = words(charts(with_results(released, rows)))
    assert "Like for like: leaving early Hollow: as observed." in drawn
    assert "The same pairs." not in drawn


def test_a_withheld_forest_row_says_why_in_place_of_marks(released):
    row = released.row(analysis="like_for_like", outcome="phq9_day90", reference="outpatient")
    refused = row.refused("no comparable patients", "Suicide risk still differs between the groups after weighting")
    rows = tuple(refused if one.result_id == row.result_id else one for one in released.tables.results)
    told = replace(released, tables=replace(released.tables, results=rows))
    drawn = re.sub(r"<[^>]+>", " ", charts(told).html)
    assert "withheld: Suicide risk still differs" in re.sub(r"\s+", " ", drawn)


def test_a_study_without_scores_and_without_comparison_says_so_and_shows_no_empty_box(released_without_scores):
    told = words(in_short(released_without_scores))
    assert "Outpatient and inpatient care cannot be compared here." in told
    assert "could as well be one between sites" in told
    assert "No symptom scale is part of this study." in told
    drawn = charts(released_without_scores).html
    assert "no comparison can be made" in drawn
    assert "forest" not in drawn
    assert recorded(released_without_scores).html == ""
    assert "PHQ" not in words(scorecard(released_without_scores))
    for part in (charts, trust, scorecard):
        assert not re.search(r"<(section|figure|div|td|ul)[^>]*></\1>", part(released_without_scores).html)


def test_simulated_data_carry_a_watermark_and_real_data_do_not(released, released_without_scores):
    assert "watermark" in head(released).html
    assert "watermark" not in head(released_without_scores).html


def test_relative_days_show_no_date(released_without_scores):
    assert "none, relative days" in words(head(released_without_scores))
    assert not re.search(r"\d{4}-\d\d-\d\d", provenance(released_without_scores).html)


def test_the_page_lists_the_rows_it_used_and_the_hashes_it_was_made_from(released):
    listed = provenance(released, scorecard(released), charts(released))
    assert "M.scorecard.iop.starts.observed" in listed.html
    assert "Study 5d5d5d5d5d5d" in listed.html
    assert "protocol frozen 30 Jun 2026, before outcomes were read" in listed.html
    assert "seed 20260101" in listed.html


def test_trust_names_what_the_first_answer_rests_on_and_what_is_hidden_in_five_cards_at_most(released):
    page = trust(released)
    told = words(page)
    for part in ("something unmeasured", "results have numbers hidden", "could plausibly have started"):
        assert part in told
    assert 1 <= page.html.count("<b>") <= 5
    assert in_order(released)[0].result_id in page.used


def test_the_hidden_results_are_counted_once_as_the_table_marks_them(released):
    marked = sum("suppressed" in row.values() for row in csv.DictReader(io.StringIO(results_csv(released))))
    assert f"{marked:,} of {len(released.tables.results):,} results have numbers hidden" in words(trust(released))


def other_way(row, **differs):
    """Another way to make an answer."""
    made = {"twin_of": row.result_id, "analysis": "sensitivity", "verdict": "", "gate": "", "note": STANDS}
    return replace(row, **(made | differs))


def with_rows(released, *rows):
    return replace(released, tables=replace(released.tables, results=(*released.tables.results, *rows)))


def test_the_first_answer_says_how_many_other_ways_read_the_same(released):
    row = in_order(released)[0]
    ways = [
        other_way(row, measure=measure, unit="analyses", estimate=value, low=None, high=None)
        for measure, value in (("other_analyses", 15.0), ("other_analyses_agree", 13.0))
    ]
    told = with_rows(released, *ways)
    assert "13 of 15 other defensible ways read the same." in four_answers(told)[0].why
    assert "13 of 15" in words(trust(told))
    assert "other defensible ways" not in words(trust(released))  # nothing is said where nothing was tried


def test_an_answer_that_another_choice_turns_round_is_not_fairly_sure(released):
    row = in_order(released)[0]
    assert row.verdict == "not worse by more than the margin"
    assert certainty(released, row) == "Fairly sure"
    turned = other_way(row, varied="silence of 14 days", estimate=-1.4, low=-2.0, high=-0.8)
    told = with_rows(released, turned)
    assert certainty(told, row) == "Depends on a choice"
    answer = next(one for one in four_answers(told) if row.result_id in one.result_ids)
    assert answer.tag == "Depends on a choice"
    assert any(one.startswith("It turns round with another choice: silence of 14 days") for one in answer.why)


def test_an_open_answer_is_turned_round_only_by_a_way_that_rules_out_no_difference(released):
    row = next(one for one in in_order(released) if one.verdict == "inconclusive")
    side = -1.0 if row.estimate > 0 else 1.0
    faintly = other_way(row, varied="silence of 14 days", estimate=0.004 * side, low=-0.1, high=0.1)
    clearly = replace(faintly, estimate=0.3 * side, low=min(0.1 * side, 0.5 * side), high=max(0.1 * side, 0.5 * side))
    assert turning(with_rows(released, faintly), row) == ()
    assert turning(with_rows(released, clearly), row) == (clearly,)


def test_could_be_zero_is_never_said_of_a_range_that_excludes_zero(released):
    row = next(one for one in in_order(released) if one.verdict.startswith("inconclusive"))
    assert tag_of(row) == "Could be zero"
    assert tag_of(replace(row, low=0.2, high=1.4)) == "Still open"


def test_a_level_in_no_contrast_carries_its_mark_too(released):
    kept = [row for row in released.tables.results if "php" not in (row.arm, row.reference) or not row.reference]
    told = replace(released, tables=replace(released.tables, results=tuple(kept)))
    assert cells(scorecard(told).html, "Left early")[2].endswith("not compared")


def test_an_empty_scorecard_says_why(released):
    bare = replace(released, tables=replace(released.tables, results=()))
    assert "The scorecard is empty" in words(scorecard(bare))


def test_a_target_stands_beside_the_measure_it_is_set_for(released):
    row = next(
        one
        for one in released.rows(analysis="measures", measure="reliable_improvement", period="", site="", stratum="")
        if isinstance(one.estimate, float) and one.arm == "iop" and not one.payer
    )
    for aim, word in ((row.estimate - 0.01, "on target"), (row.estimate + 0.01, "short of target")):
        told = replace(released, study=replace(released.study, targets={"reliable_improvement": aim}))
        assert word in cells(scorecard(told).html, "Reliably better")[1]


def test_the_method_is_four_lines_and_gives_no_advice(released):
    page = method(released)
    assert page.html.count("<li>") == 4
    assert "Nothing here is advice about one person" in words(page)
    assert "keeps at least 50%" in words(page)


def test_data_quality_shows_counts_and_reasons_and_hides_small_ones(released):
    assert "81,234" in words(arrived(released))
    assert "hidden" in words(arrived(released))
    assert "the patient is not in patients" in words(breaches(released))
    assert "Treated" not in words(flow(released))
    assert "left out: treated in the 60 days before" in words(flow(released)).lower()
    assert "People starting in each period" in when(released).html


def test_no_page_says_proven_best_or_rank(released, released_without_scores):
    for one in (released, released_without_scores):
        told = " ".join(words(part(one)) for part in (in_short, scorecard, charts, trust, method)).lower()
        for word in ("proven", "proof", "best", "rank", "winner", "significant"):
            assert not re.search(rf"\b{word}\b", told), word


def test_a_refusal_gives_the_gravest_reason_in_its_line_and_all_of_them_under_why(released):
    first, *_ = in_order(released)
    refused = first.refused("descriptive only", "too few people; too few sites; and 2 more checks failed")
    rows = [refused if row == first else row for row in released.tables.results]
    answer = four_answers(with_results(released, rows))[0]
    assert answer.number == "The reason: too few people."
    assert "too few sites; and 2 more checks failed" in answer.why[0]
    rows = [row.refused("descriptive only", refused.reason) if row in in_order(released) else row for row in rows]
    drawn = words(charts(with_results(released, rows)))
    assert "IOP vs inpatient care : withheld, too few people." in drawn
    assert "too few sites" not in drawn


def test_a_curve_that_ends_at_another_number_than_the_scorecard_says_why(released):
    day = max(released.study.retention.days)
    end = released.row(analysis="retention", measure="survival", arm="iop", day=day)
    card = released.row(analysis="scorecard", measure="retained", arm="iop", day=day)
    for estimate, said in ((end.estimate, False), (end.estimate + 0.03, True)):
        kept = [row for row in released.tables.results if row not in (card, end)]
        others = [row for row in kept if (row.measure, row.day) != ("retained", day)]
        told = with_results(released, [*others, end, replace(card, estimate=estimate)])
        assert ("leaves out people whose records end early" in words(charts(told))) is said


def test_where_other_ways_only_leave_it_open_it_is_said_that_none_turns_it_round(released):
    row = in_order(released)[0]
    ways = [
        other_way(row, measure=measure, unit="analyses", estimate=value, low=None, high=None)
        for measure, value in (("other_analyses", 15.0), ("other_analyses_agree", 13.0))
    ]
    same = other_way(row, varied="silence of 14 days", estimate=row.estimate, note="reads inconclusive")
    [*told] = four_answers(with_rows(released, *ways, same))[0].why
    assert "13 of 15 other defensible ways read the same, and none turns it round." in told
    hidden = replace(same, estimate=SUPPRESSED)
    assert "13 of 15 other defensible ways read the same." in four_answers(with_rows(released, *ways, hidden))[0].why
