"""What the pages say: first things first, neutral titles, no benefit without its harm, and nothing where nothing is
known."""

import re
from dataclasses import replace

from pipeline.report.four_sentences import four_sentences, in_order
from pipeline.report.sections.charts import behind, charts
from pipeline.report.sections.four_sentences import in_short
from pipeline.report.sections.head import head
from pipeline.report.sections.method import method, provenance
from pipeline.report.sections.quality import arrived, breaches, flow, recorded, when
from pipeline.report.sections.scorecard import scorecard
from pipeline.report.sections.trust import trust
from pipeline.results import Result


def words(fragment):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", fragment.html))


def test_the_first_sentence_and_the_first_forest_row_are_the_primary_contrast(released):
    first = four_sentences(released)[0]
    assert first.point.startswith("IOP did not do worse than inpatient care by more than the margin of 1 point")
    drawn = charts(released).html
    assert drawn.index("IOP vs inpatient") < drawn.index("IOP vs outpatient")
    assert "margin −1" in drawn


def test_there_are_at_most_four_sentences_and_each_names_its_rows(released):
    sentences = four_sentences(released)
    known = {row.result_id for row in released.tables.results}
    assert len(sentences) == 4
    assert all(sentence.result_ids and set(sentence.result_ids) <= known for sentence in sentences)
    assert [sentence.tag for sentence in sentences] == ["Fairly sure", "Could be zero", "Fairly sure", ""]


def test_scorecard_watch_line_and_method_line_are_about_the_primary_score_wherever_it_stands(released):
    study = released.study
    [own] = [one for one in study.outcomes if one.name == study.comparison.primary[2]]
    other = replace(own, name="gad7_day60", instrument="GAD7", day=60)
    turned = replace(released, study=replace(study, outcomes=(other, own)))
    for section in (scorecard, method, in_short):
        assert words(section(turned)) == words(section(released))


def test_tags_on_the_page_are_the_three_that_exist(released):
    assert set(re.findall(r'class="tag [a-z]+">([^<]+)<', in_short(released).html)) <= {
        "Fairly sure",
        "Could be zero",
        "Cannot say",
    }


def test_levels_stand_in_study_order_whatever_their_outcomes(released):
    rows = re.findall(r"</span>(Outpatient|IOP|PHP|Inpatient)</th>", scorecard(released).html)
    assert rows == ["Outpatient", "IOP", "PHP", "Inpatient"]


def test_unadjusted_charts_have_neutral_titles(released):
    titles = re.findall(r"<h3>([^<]+)</h3>", charts(released).html)
    assert titles == [
        "Like for like: people with similar needs",
        "Share still in care, by level (as observed)",
        "How care ended, by level (as observed)",
        "What followed the first stay (as observed)",
    ]


def test_worse_stands_beside_better_and_a_benefit_is_hidden_where_its_harm_is(released):
    page = scorecard(released).html
    assert page.index("Reliably better") < page.index("Reliably worse")
    php = next(row for row in re.findall(r"<tr>.*?</tr>", page) if ">PHP<" in row)
    assert php.count('class="hid"') == 2
    assert "PHP hidden" in words(in_short(released))


def test_a_change_over_time_carries_the_waiting_list_sentence(released, released_without_scores):
    assert "waiting list" in words(scorecard(released))
    assert "waiting list" not in words(scorecard(released_without_scores))


def test_shares_of_a_withheld_contrast_say_not_comparable(released, released_without_scores):
    page = scorecard(released).html
    assert (
        page.count("not comparable") == 4
    )  # reliably better in IOP and inpatient, still in care in IOP and outpatient
    assert scorecard(released_without_scores).html.count("not comparable") == 4


def test_a_withheld_forest_row_says_why_in_place_of_marks(released):
    assert "withheld: Suicide risk still differs" in re.sub(r"<[^>]+>", "", charts(released).html)


def test_a_study_without_scores_and_without_comparison_says_so_and_shows_no_empty_box(released_without_scores):
    told = words(in_short(released_without_scores))
    assert "Outpatient and inpatient care cannot be compared here." in told
    assert "could as well be one between sites" in told
    assert "No symptom scale is part of this study." in told
    drawn = charts(released_without_scores).html
    assert "no comparison can be made" in drawn
    assert "forest" not in drawn
    assert behind(released_without_scores).html == ""
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


def test_trust_names_missing_outcomes_imbalance_a_hidden_factor_and_hidden_cells(released):
    told = words(trust(released))
    for part in (
        "measured again at day 90",
        "largest difference left",
        "something unmeasured",
        "numbers hidden",
        "5 sites",
    ):
        assert part in told
    assert in_order(released)[0].result_id in trust(released).used


def test_trust_counts_the_other_ways_that_read_the_same(released):
    row = in_order(released)[0]
    made = {
        "question": row.question,
        "analysis": "sensitivity",
        "outcome": row.outcome,
        "day": row.day,
        "arm": row.arm,
        "reference": row.reference,
        "unit": "analyses",
        "twin_of": row.result_id,
    }
    ways = tuple(
        Result(**made, measure=measure, estimate=value, note=note)
        for measure, value, note in (
            ("other_analyses", 15.0, ""),
            ("other_analyses_agree", 13.0, "augmented, matching; silence of 14 days"),
        )
    )
    tables = replace(released.tables, results=(*released.tables.results, *ways))
    told = words(trust(replace(released, tables=tables)))
    assert "13 of 15" in told
    assert "The others are on the research page." in told
    assert "other ways" not in words(trust(released))  # nothing is said where nothing was tried


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
        told = " ".join(words(part(one)) for part in (in_short, scorecard, charts, trust, method, behind)).lower()
        for word in ("proven", "proof", "best", "rank", "winner", "significant"):
            assert not re.search(rf"\b{word}\b", told), word
