"""A second edition of the same study: what changed by few people since the first would tell of those few."""

import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.choices.answered import Disclosure
from pipeline.questions import by_number
from pipeline.report.again import again
from pipeline.report.claims import group_of, headline_of
from pipeline.report.disclosure.earlier import Earlier, shown_counts
from pipeline.report.disclosure.gate import Tables, release
from pipeline.report.disclosure.held_back import concealed, is_held_back
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.numbers import day
from pipeline.report.output.explain import explain, sentence
from pipeline.report.release_ledger import RELEASED, begin_anew, earlier_release, edition_of, note_release
from pipeline.report.released import PUBLISHING, open_released, released
from pipeline.report.sections.answers import comparisons
from pipeline.report.sections.four_sentences import in_short
from pipeline.report.sections.head import head, people
from pipeline.report.sections.news import NOT_BOTH_TOLD, REMADE, changed, why
from pipeline.report.sections.scorecard import scorecard
from pipeline.report.sentences.generic import figure_of
from pipeline.report.since_last import since_last
from pipeline.results import AttritionStep, CurvePoint, FigurePoint, Result
from pipeline.storage.ledger_file import FORGOTTEN, append
from pipeline.study_toml.file import load_study
from tests.unit.report.example_pages import example_study

RULE = Disclosure(threshold=11)
SCORECARD = {"question": "M", "analysis": "scorecard", "target": "observed", "arm": "iop"}


def starts(n):
    return Result(**SCORECARD, measure="starts", unit="people", n=n)


def readmitted(part, whole, **columns):
    return Result(
        **SCORECARD | columns,
        measure="readmitted",
        unit="share",
        day=30,
        numerator=part,
        denominator=whole,
        n=whole,
        estimate=part / whole,
    )


def edition(*rows, **tables):
    return Tables(results=rows, **tables)


def after(first, second):
    """The second edition as it leaves, when the first has left."""
    shown = release(first, RULE)
    names = ("results", "attrition", "points", "curves")
    return release(second, RULE, Earlier(**{name: shown_counts(getattr(shown, name)) for name in names}))


def test_an_edition_of_the_same_records_shows_the_same():
    first = edition(starts(300), readmitted(40, 200))
    assert after(first, first) == release(first, RULE)


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(40, 200, True), (40, 202, False), (42, 200, False), (42, 220, False), (60, 240, True), (51, 222, True)],
)
def test_a_share_whose_people_changed_by_one_to_ten_is_hidden(part, whole, shown):
    [left] = after(edition(readmitted(40, 200)), edition(readmitted(part, whole))).results
    assert isinstance(left.estimate, float) is shown
    assert shown or left.n is SUPPRESSED


def test_how_many_started_is_told_by_no_row_that_is_new_where_few_more_started_since():
    """50 started, then 57: beside the 50 that every reader has, a share of 57 would tell of seven."""
    [starting, share] = after(edition(starts(50)), edition(starts(57), readmitted(20, 57))).results
    assert (starting.n, share.estimate, share.denominator) == (SUPPRESSED, SUPPRESSED, SUPPRESSED)
    [_, whole] = after(edition(starts(50)), edition(starts(80), readmitted(20, 80))).results
    assert whole.denominator == 80


def test_how_many_a_flow_told_is_told_by_no_other_row_where_few_more_are_left_since():
    """47 were left by the flow of the first edition, and 51 stand in a row that the second one shows anew."""

    def flow(n):
        return (AttritionStep(analysis="all people", step=2, sentence="", arm="iop", n_left=n, n_removed=120 - n),)

    card = {**SCORECARD, "measure": "retained", "unit": "share", "day": 90}
    share = Result(**card, numerator=25, denominator=51, n=51, estimate=25 / 51)
    first, second = edition(starts(120), attrition=flow(47)), edition(starts(120), share, attrition=flow(51))
    assert after(first, second).results[1].n is SUPPRESSED
    assert release(second, RULE).results[1].n == 51


def test_what_the_measure_library_told_is_not_told_by_the_scorecard_where_few_changed_since():
    """35 were better in the library, then 40 on the scorecard: the same of the same people, under two names."""
    common = {"question": "M", "target": "observed", "arm": "iop", "outcome": "phq9_day90", "day": 90, "unit": "share"}

    def better(analysis, measure, part, whole):
        kind = {"analysis": analysis, "measure": measure, "numerator": part, "denominator": whole}
        return Result(**common, **kind, n=whole, estimate=part / whole)

    library, card = ("measures", "reliable_improvement_observed"), ("scorecard", "reliably_improved")
    first, second = edition(better(*library, 35, 63)), edition(better(*card, 40, 80), better(*library, 40, 80))
    assert after(first, second).results[0].numerator is SUPPRESSED
    assert release(second, RULE).results[0].numerator == 40


def test_a_share_of_very_many_is_told_in_whole_percent_without_its_counts():
    [left] = after(edition(readmitted(800, 3000)), edition(readmitted(803, 3004))).results
    assert (left.estimate, left.n, left.numerator) == (0.27, SUPPRESSED, SUPPRESSED)


def test_who_started_is_not_told_where_few_more_did_and_curves_of_them_stay_away():
    def curve(n):
        return tuple(
            CurvePoint(
                result_id="C4.retention.iop",
                arm="iop",
                state="in care",
                day=d,
                estimate=0.8,
                low=0.7,
                high=0.9,
                at_risk=n - d,
                events=d,
            )
            for d in (0, 14)
        )

    left = after(edition(starts(300), curves=curve(300)), edition(starts(302), curves=curve(302)))
    assert left.results[0].n is SUPPRESSED
    assert left.curves == ()
    assert len(after(edition(starts(300), curves=curve(300)), edition(starts(320), curves=curve(320))).curves) == 2


def test_marks_and_steps_of_flows_that_changed_by_few_are_hidden():
    def tables(n):
        return edition(
            points=tuple(
                FigurePoint(
                    result_id="", figure="pathways", series="iop", x=None, y=None, low=None, high=None, n=k, label=label
                )
                for k, label in ((n, "Completed"), (60, "Left early"), (80, "Stepped down"))
            ),
            attrition=(
                AttritionStep(
                    analysis="all people", step=0, sentence="in the records", arm="", n_left=900, n_removed=0
                ),
                AttritionStep(analysis="all people", step=1, sentence="left out", arm="", n_left=900 - n, n_removed=n),
            ),
        )

    left = after(tables(40), tables(43))
    assert left.points[0].n is SUPPRESSED
    assert sum(point.n is SUPPRESSED for point in left.points) == 2  # so that a total gives it back to nobody
    assert (left.attrition[1].n_left, left.attrition[1].n_removed) == (SUPPRESSED, SUPPRESSED)


def test_a_part_that_changed_by_few_is_not_the_whole_less_the_other_parts():
    """The level grew by 40, two of them at one site: the other sites and the level would give that site back."""

    def measured(site, part, whole):
        return Result(
            question="C12", analysis="measurement", measure="measured_every_14_days", outcome="phq9_day90", arm="iop",
            site=site, numerator=part, denominator=whole, n=whole, estimate=part / whole, unit="share",
        )  # fmt: skip

    first = edition(measured("", 300, 600), measured("a", 100, 200), measured("b", 100, 200), measured("c", 100, 200))
    second = edition(measured("", 340, 680), measured("a", 102, 204), measured("b", 120, 240), measured("c", 118, 236))
    left = after(first, second).results
    assert left[1].n is SUPPRESSED
    assert sum(row.n is SUPPRESSED for row in left[1:]) >= 2


@pytest.fixture
def study(tmp_path):
    """The example study in a folder of its own."""
    folder = tmp_path / "example"
    shutil.copytree(example_study(), folder)
    (folder / "ledger" / RELEASED).unlink(missing_ok=True)
    return load_study(folder)


def fewer(tables, by):
    """What would have been shown with so many fewer people behind each count."""
    rows = tuple(
        replace(row, n=row.n - by) if isinstance(row.n, int) and row.n > 300 else row for row in tables.results
    )
    return replace(tables, results=rows)


def test_the_ledger_remembers_what_was_shown_and_the_next_edition_is_held_against_it(study):
    first = open_released(study.folder)
    note_release(study, first.tables)
    assert open_released(study.folder).tables == first.tables
    assert open_released(study.folder).held == 0
    lines = (study.folder / "ledger" / RELEASED).read_text()
    note_release(study, open_released(study.folder).tables)
    assert (study.folder / "ledger" / RELEASED).read_text() == lines  # nothing new to remember
    assert "suppressed" not in lines


def test_results_that_were_released_are_shown_the_same_however_often_pages_are_made_of_them(study, monkeypatch):
    first = released(study)
    less = fewer(first.tables, 2)  # so that to be held against it would hide something
    note_release(study, less, made_from=edition_of(first.manifest))
    assert (released(study).tables, released(study).held) == (first.tables, 0)
    monkeypatch.setattr("pipeline.report.release_ledger.gate_print", lambda: "another version decides what is shown")
    assert released(study).tables != first.tables


def test_what_a_notebook_or_explain_showed_is_held_against_the_next_edition_too(study):
    tables = released(study).tables
    name = next(row.result_id for row in tables.results if isinstance(row.n, int) and row.n > 300)
    explain(study, name)
    noted = set(earlier_release(study).results)
    beside = {row.result_id for row in tables.results if row.twin_of == name}
    assert name in noted
    assert noted <= {name, *beside}
    open_released(study.folder)
    assert set(earlier_release(study).results) == set(shown_counts(tables.results))


def test_a_page_in_the_making_notes_nothing_by_itself(study, monkeypatch):
    monkeypatch.setenv(PUBLISHING, "1")
    open_released(study.folder)
    assert not (study.folder / "ledger" / RELEASED).exists()


def shown_again(edition):
    """The results that stand as an earlier edition showed them."""
    return [row for row in edition.tables.results if edition.released_on(row)]


def test_what_changed_by_few_stands_as_it_was_released_until_a_person_begins_anew_and_says_why(study):
    whole = released(study)
    first = fewer(whole.tables, 2)
    note_release(study, first)
    second = released(study)
    again = shown_again(second)
    before = {row.result_id: row for row in first.results}
    assert again
    assert all(row == before[row.result_id] for row in again)
    assert second.held == 0
    begin_anew(study, "the first edition was withdrawn from every reader")
    assert released(study).tables == whole.tables
    lines = [json.loads(line) for line in (study.folder / "ledger" / RELEASED).read_text().splitlines()]
    [last] = [line for line in lines if "anew" in line]
    assert (last["anew"], bool(last["who"])) == ("the first edition was withdrawn from every reader", True)


def test_what_stands_as_it_was_released_says_so_with_the_day(study):
    whole = released(study)
    note_release(study, fewer(whole.tables, 2))
    second = released(study)
    again = shown_again(second)
    today = second.released_on(again[0])
    assert today == datetime.now(UTC).strftime("%Y-%m-%d")
    assert all(sentence(second, row).endswith(f"As released {day(today)}.") for row in again)
    page = head(second).html
    assert f"{len(again):,} of" in page
    assert f"as the edition of {day(today)} showed them" in page
    assert "As released" not in head(whole).html


def test_two_editions_side_by_side_show_no_count_that_changed_by_few(study):
    whole = released(study)
    first = fewer(whole.tables, 2)
    note_release(study, first)
    before = {row.result_id: row.n for row in first.results}
    both = [(row.n, before[row.result_id]) for row in released(study).tables.results if isinstance(row.n, int)]
    assert len(both) > 20
    assert not [pair for pair in both if isinstance(pair[1], int) and 0 < abs(pair[0] - pair[1]) < 11]


def test_a_third_edition_shows_the_first_one_again_and_notes_nothing_new(study):
    whole = released(study)
    note_release(study, fewer(whole.tables, 2))
    second = released(study)
    lines = (study.folder / "ledger" / RELEASED).read_text()
    assert released(study).tables == second.tables
    assert (study.folder / "ledger" / RELEASED).read_text() == lines


def counts_alone(study):
    """The ledger as earlier versions wrote it: counts, and nothing of what else was said."""
    path = study.folder / "ledger" / RELEASED
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    kept = [{name: one[name] for name in one if name not in ("told", "withdrawn", "check")} for one in entries]
    path.write_text("".join(json.dumps(one) + "\n" for one in kept))


def test_what_may_not_be_shown_again_is_held_back_and_says_so_and_until_when(study):
    whole = released(study)
    note_release(study, fewer(whole.tables, 2))
    counts_alone(study)
    second = released(study)
    kept = [row for row in second.tables.results if is_held_back(row)]
    assert len(kept) == second.held > 0
    assert not shown_again(second)
    assert {row.reason for row in kept} == {
        "held back: fewer than 11 people changed it, or a figure beside it, since it was last shown"
    }
    assert all("held back" in sentence(second, row) for row in kept)
    assert not any("small group" in sentence(second, row) for row in kept)
    page = head(second).html
    assert f"Held back in this edition: {second.held} of" in page
    assert "shown again once 11 or more have changed it" in page
    assert "Held back" not in head(whole).html


def test_what_was_shown_before_somebody_withdrew_is_not_shown_again(study):
    whole = released(study)
    note_release(study, fewer(whole.tables, 2))
    assert shown_again(released(study))
    append(study.folder, FORGOTTEN, {"when": "2026-01-31T00:00:00Z", "salt": "00", "sha256": "00"})
    after_withdrawal = released(study)
    assert not shown_again(after_withdrawal)
    assert after_withdrawal.held > 0


def test_what_is_new_changed_and_restated_since_the_last_edition_is_named(study):
    whole = released(study)
    periods = [row for row in whole.tables.results if row.period and row.analysis == "measures"]
    late = next(row for row in periods if isinstance(row.n, int) and row.n > 60 and isinstance(row.estimate, float))
    begin_anew(study, "a test begins with no edition")
    assert since_last(whole).words() == ""
    then = replace(late, n=late.n - 40, denominator=late.denominator - 40)
    rows = [then if row is late else row for row in whole.tables.results[1:]]
    note_release(study, replace(whole.tables, results=tuple(rows)), made_from="earlier results")
    now = released(study)
    since = since_last(now)
    assert [row.result_id for row, _ in since.restated] == [late.result_id]
    assert "1 result says something else (1 restated though the period was over), 1 is new." in since.words()
    assert f"of {late.denominator:,})" in changed(now).html
    assert f"of {then.denominator:,})" in changed(now).html
    note_release(study, now.tables, made_from=edition_of(now.manifest))
    assert since_last(released(study)).restated == since.restated  # the same page, however often it is made


def test_an_answer_that_says_something_else_is_named_with_what_it_said_what_it_says_and_why(study):
    whole = released(study)
    answer = next(
        row for row in whole.tables.results if row.analysis == "like_for_like" and row.reference and row.estimate
    )
    begin_anew(study, "a test begins with no edition")
    then = replace(answer, estimate=answer.estimate + 1, n=answer.n - 40, verdict="inconclusive")
    rows = [then if row is answer else row for row in whole.tables.results]
    note_release(study, replace(whole.tables, results=tuple(rows)), made_from="earlier results")
    told = re.sub(r"<[^>]+>", " ", changed(released(study)).html)
    assert f"{figure_of(then)}; inconclusive" in told
    assert f"{figure_of(answer)}; {answer.verdict}" in told
    assert "40 more people" in told


@pytest.mark.parametrize(
    ("n", "then", "said"), [(121, 121, REMADE), (121, None, NOT_BOTH_TOLD), (121, 161, "40 fewer people")]
)
def test_why_a_figure_is_another_claims_no_more_than_its_counts_show(n, then, said):
    assert why(Result(**SCORECARD, measure="retained", n=n), {"n": then}) == said


def test_each_number_that_stands_as_last_released_carries_its_day(study):
    whole = released(study)
    note_release(study, fewer(whole.tables, 2))
    second = released(study)
    [first, *_] = shown_again(second)
    when = f"as of {day(second.released_on(first))}"
    assert when in again(second, first)
    assert again(second, replace(first, measure="another")) == ""
    card = scorecard(second)
    assert card.html.count(when) == sum(row.result_id in card.used for row in shown_again(second)) > 0
    assert when.replace("as of", "As released") in in_short(second).html or when in in_short(second).html
    assert when in comparisons(second).html


def test_what_is_hidden_in_every_edition_is_not_said_to_be_held_back(study):
    whole = released(study)
    small = {row.result_id for row in whole.tables.results if concealed(row)}
    note_release(study, fewer(whole.tables, 2))
    assert small
    assert not any(is_held_back(row) for row in released(study).tables.results if row.result_id in small)


def test_a_question_whose_answer_is_held_back_is_not_said_to_be_one_that_the_records_cannot_answer(study):
    whole = released(study)
    note_release(study, fewer(whole.tables, 2))
    counts_alone(study)
    second = released(study)
    answers = [headline_of(second, question.code) for question in by_number()]
    kept = [row for row in answers if row is not None and is_held_back(row)]
    assert kept
    assert {group_of(row) for row in kept} == {"Held back in this edition"}


def test_how_many_people_there_are_is_hidden_where_how_many_started_at_one_level_is(study):
    whole = released(study)
    starts = [row for row in whole.rows(analysis="scorecard", measure="starts")]
    assert people(starts) == f"{sum(row.n for row in starts):,}"
    assert people([replace(starts[0], n=SUPPRESSED), *starts[1:]]) == "hidden"


def test_a_count_that_was_held_back_is_held_against_the_one_that_was_last_shown(study):
    whole = released(study)
    note_release(study, fewer(whole.tables, 2))
    counts_alone(study)
    note_release(study, released(study).tables)
    assert released(study).held > 0
    name = next(row.result_id for row in whole.tables.results if isinstance(row.n, int) and row.n > 300)
    shown = next(row.n for row in whole.tables.results if row.result_id == name)
    assert earlier_release(study).results[name][0] == shown - 2
