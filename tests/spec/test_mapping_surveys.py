"""Surveys in wide form become one row per instrument and occasion, with totals made as each scale is scored."""

import pytest

from tests.unit.ingest.mapped import made_rows

PHQ = [f"q{place}" for place in range(1, 10)]


def scored(folder, line, header, *answers, table="assessments"):
    """(instrument, score, items answered) of every row that a survey line makes."""
    mapping = f'[assessments."survey.csv"]\npatient_id = "id"\n{line}\n'
    text = "id," + ",".join(header) + "\n" + "".join(f"p{n},{','.join(row)}\n" for n, row in enumerate(answers))
    [(_, rows)] = made_rows(folder, mapping, survey__csv=text.encode())
    return [(row["patient_id"], row["instrument_id"], float(row["score"]), row.get("n_items_answered")) for row in rows]


def test_a_total_is_the_sum_of_the_items(tmp_path):
    found = scored(tmp_path, 'PHQ9 = { items = "q{1-9}" }', PHQ, list("111222333"), list("000000000"))
    assert found == [("p0", "PHQ9", 18, "9"), ("p1", "PHQ9", 0, "9")]


def test_a_missing_item_counts_as_the_mean_of_the_others_up_to_as_many_as_the_scale_allows(tmp_path):
    two, three = ["", "", *"2222222"], ["", "", "", *"222222"]
    found = scored(tmp_path, 'PHQ9 = { items = "q{1-9}" }', PHQ, two, three)
    assert found == [("p0", "PHQ9", 18, "7")]


def test_a_mended_total_of_whole_items_is_a_whole_number(tmp_path):
    found = scored(tmp_path, 'PHQ9 = { items = "q{1-9}" }', PHQ, ["", *"11111112"])
    assert found == [("p0", "PHQ9", 10, "8")]  # 9 items of a mean of 9/8 are 10.1


def test_an_answer_that_the_scale_does_not_know_is_a_missing_one(tmp_path):
    found = scored(tmp_path, 'PHQ9 = { items = "q{1-9}" }', PHQ, ["-99", *"11111111"], ["7", *"22222222"])
    assert found == [("p0", "PHQ9", 9, "8"), ("p1", "PHQ9", 18, "8")]


def test_the_files_own_total_counts_where_there_are_no_items_and_never_beside_too_few(tmp_path):
    none, few, all_ = [""] * 9 + ["14"], ["3"] * 4 + [""] * 5 + ["12"], ["1"] * 9 + ["-92"]
    line = 'PHQ9 = { items = "q{1-9}", total = "sum" }'
    found = scored(tmp_path, line, [*PHQ, "sum"], none, few, all_)
    assert found == [("p0", "PHQ9", 14, "0"), ("p2", "PHQ9", 9, "9")]


def test_answers_in_words_are_numbers_by_a_list_of_the_mapping(tmp_path):
    line = 'PHQ9 = { items = "q{1-9}", answers = { Never = 0, Often = 2 } }'
    assert scored(tmp_path, line, PHQ, ["Never", *["often"] * 8]) == [("p0", "PHQ9", 16, "9")]


def test_answers_counted_from_one_are_brought_to_the_scale_that_counts_from_zero(tmp_path):
    line = 'PHQ9 = { items = "q{1-9}", lowest = 1 }'
    assert scored(tmp_path, line, PHQ, list("111111114")) == [("p0", "PHQ9", 3, "9")]


SCALES = {
    "the WHO-5 is the sum times four": ("WHO5", 5, "33333", 60),
    "the CORE-10 turns its two items about coping": ("CORE10", 10, "4444444444", 32),
    "the DLA-20 is a mean": ("DLA20", 20, "4" * 20, 4),
    "the Q-LES-Q short form is a share of its range": ("QLESQSF", 14, "3" * 14, 50),
}


@pytest.mark.parametrize("rule", SCALES)
def test_a_scale_is_scored_by_its_own_rule(tmp_path, rule):
    scale, items, answers, score = SCALES[rule]
    line = f'{scale} = {{ items = "q{{1-{items}}}" }}'
    [(_, name, found, _)] = scored(tmp_path, line, [f"q{place}" for place in range(1, items + 1)], list(answers))
    assert (name, found) == (scale, score)


@pytest.mark.parametrize(
    ("answers", "worst"),
    [
        ("000000", 0),  # nothing: the form asks no more
        ("00---1", 0),  # behavior is no ideation
        ("10---0", 1),
        ("110000", 2),
        ("111100", 4),
        ("-11-10", 5),  # nothing is worse than a plan with intent
        ("1110--", None),  # whether there is a plan was asked for and is not there
        ("-0---0", None),
        ("111200", None),  # 2 is neither a yes nor a no
    ],
)
def test_of_the_suicide_severity_scale_the_worst_ideation_counts_where_all_that_the_form_asks_was_answered(
    tmp_path, answers, worst
):
    cells = [answer.strip("-") for answer in answers]
    found = scored(tmp_path, 'CSSRS = { items = "q{1-6}" }', PHQ[:6], cells, list("000000"))
    assert [score for _, _, score, _ in found] == [*([] if worst is None else [worst]), 0]


def test_an_answer_between_two_answers_is_none_and_no_no(tmp_path):
    """Half a yes of the C-SSRS was read as a no, and the person as without thoughts of suicide."""
    found = scored(tmp_path, 'CSSRS = { items = "q{1-6}" }', PHQ[:6], ["0", "0.5", "", "", "", "0"], list("000000"))
    assert [score for _, _, score, _ in found] == [0]


def test_single_items_go_on_for_free_instruments_alone(tmp_path):
    mapping = """
        [assessments."survey.csv"]
        patient_id = "id"
        GAD7 = { items = "g{1-7}" }
        [assessments.sleep]
        file = "survey.csv"
        patient_id = "id"
        ISI = { items = "g{1-7}" }
    """
    made = made_rows(tmp_path, mapping, survey__csv="id,g1,g2,g3,g4,g5,g6,g7\np1,1,1,1,1,1,1,1")
    assert [("item_7" in row, row["score"]) for _, rows in made for row in rows] == [(True, "7.0"), (False, "7.0")]


def test_one_row_of_a_survey_is_a_row_for_each_of_its_instruments_at_the_files_own_row(tmp_path):
    mapping = """
        [assessments."redcap.csv"]
        patient_id = "record_id"
        assessed = "stamp"
        occasion = { column = "event", values = { "intake*" = "intake", "*" = "during" } }
        PHQ9 = "phq9_total"
        GAD7 = "gad7_total"
    """
    redcap = """
        record_id,event,stamp,phq9_total,gad7_total
        c1,intake_arm_1,2025-03-01 10:00:00,12,8
        c1,week_4_arm_1,2025-04-01 10:00:00,,5
    """
    [(_, rows)] = made_rows(tmp_path, mapping, redcap__csv=redcap)
    assert [(row["_row"], row["instrument_id"], row["occasion"], row["score"]) for row in rows] == [
        (2, "GAD7", "intake", "8"),
        (2, "PHQ9", "intake", "12"),
        (3, "GAD7", "during", "5"),
    ]


def test_subscales_are_rows_under_their_names(tmp_path):
    line = 'BAM_R = { subscales = { use = "u", risk = "r" } }'
    mapping = f'[assessments."survey.csv"]\npatient_id = "id"\n{line}\n'
    [(_, rows)] = made_rows(tmp_path, mapping, survey__csv="id,u,r\np1,3,11")
    assert sorted((row["subscale"], row["score"]) for row in rows) == [("risk", "11"), ("use", "3")]


def test_the_three_header_rows_of_a_survey_tool_are_one_header(tmp_path):
    survey = (
        "ExternalReference,RecordedDate,SC0\n"
        '"External, Data",Recorded Date,"Score\n(both pages)"\n'
        '"{""ImportId"": ""externalDataReference""}","{""ImportId"": ""recordedDate""}","{""ImportId"": ""SC0""}"\n'
        "c1,11/23/2025 12:44,20\n"
        "c2,11/24/2025 12:44,9\n"
    )
    mapping = 'dates = "M/D/YYYY"\n[assessments."survey.csv"]\npatient_id = "ExternalReference"\nassessed = "RecordedDate"\nPHQ9 = "SC0"\n'
    [(_, rows)] = made_rows(tmp_path, mapping, survey__csv=survey.encode())
    assert [(row["_row"], row["patient_id"], row["assessed_date"], row["score"]) for row in rows] == [
        (4, "c1", "2025-11-23", "20"),
        (5, "c2", "2025-11-24", "9"),
    ]
