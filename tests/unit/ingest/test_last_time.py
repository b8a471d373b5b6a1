"""What `check` says where less came than last month."""

from pipeline.ingest.known.last_time import less_than, new_words, since_last_time
from pipeline.ingest.report import IngestReport
from pipeline.study_toml.file import load_study


def files(*rows):
    return [{"table": table, "file": file, "read": read} for table, file, read in rows]


BEFORE = files(("sessions", "Visits_2025.csv", 900), ("sessions", "Visits_2026.csv", 100), ("costs", "Claims.csv", 50))


def test_a_file_that_is_no_longer_there_is_named_with_the_table_it_was_read_for():
    now = files(("sessions", "Visits_2026.csv", 400))
    assert list(less_than(BEFORE, now)) == [
        "Visits_2025.csv: read last time for sessions and not there now; put it into the raw folder again",
        "Claims.csv: read last time for costs and not there now; put it into the raw folder again",
    ]


def test_a_table_of_far_fewer_rows_is_told_and_one_that_grew_or_came_under_another_name_is_not():
    now = files(("sessions", "Visits_2025.csv", 900), ("sessions", "Visits_2027.csv", 200), ("costs", "Claims.csv", 44))
    assert list(less_than(BEFORE, now)) == ["costs: 44 rows came, and 50 last time; was an export cut short?"]


def test_the_first_time_nothing_is_said(tmp_path):
    (tmp_path / "study.toml").write_text('[study]\nname = "t"\n')
    assert since_last_time(load_study(tmp_path), IngestReport((), (), (), ())) == []


def word(print_, code="attended", like="Kept"):
    return {"table": "sessions", "key": "status", "called": "Status", "code": code, "like": like, "print_": print_}


def test_a_word_that_is_new_this_month_and_known_is_told_with_what_it_is_read_as():
    [line] = new_words([word("a")], [word("a"), word("b", like="Arrived")])
    assert line.startswith("sessions: Status holds a word that was not there last time, read as attended")
    assert 'for being like "Arrived"' in line


def test_words_of_last_month_and_of_a_column_that_is_read_for_the_first_time_are_not_told():
    assert list(new_words([word("a")], [word("a")])) == []
    assert list(new_words([], [word("a")])) == []
