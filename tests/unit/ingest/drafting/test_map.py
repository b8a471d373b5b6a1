"""`carelevels map`: what it drafts from a program's files as they are, what it leaves to a person, and what it never
writes."""

import re
import tomllib

import pytest

from pipeline.ingest.drafting.run import draft_mapping
from pipeline.study_toml.file import load_study
from tests.unit.ingest.deliveries import ingested, rows

GIVEN, FAMILY = ("Aisha", "Carlos", "Emily", "Maria"), ("Nguyen", "Patel", "Garcia", "Martinez")
PEOPLE = range(1, 25)


def lines(header, made):
    return header + "\n" + "\n".join(made) + "\n"


ROSTER = lines(
    "Client ID,Last Name,First Name,DOB,Gender,Registration Date",
    [
        f"C10{n:03d},{FAMILY[n % 4]},{GIVEN[n % 4]},{n % 12 + 1}/{n % 28 + 1}/{1950 + n},{'Male' if n % 2 else 'Female'},1/{n}/2025"
        for n in PEOPLE
    ],
)
STAYS = lines(
    "Admission ID,Client ID,Level of Care,Site,Admit Date,Discharge Date,Primary Payer",
    [
        f"A{n},C10{n:03d},{'IOP - Evening' if n % 2 else 'Intensive Outpatient'},{'Harbor' if n % 3 else 'Valley'},2/{n}/2025,3/{n}/2025,{'Medicaid MCO' if n > 2 else 'Local Fund'}"
        for n in PEOPLE
    ],
)


def visits(year, first, status="Kept"):
    return lines(
        "Appt ID,Client ID,Appt Date,Status,Duration,Provider,Location",
        [
            f'{first + n},C10{n:03d},2/{n}/{year} 9:30 AM,{status if n > 3 else "No Show"},60 min,"{FAMILY[n % 4]}, {GIVEN[n % 4]} LCSW",{"Harbor" if n % 3 else "Valley"} Clinic'
            for n in PEOPLE
        ],
    )


SURVEY = lines(
    "record_id,redcap_event_name,phq_timestamp," + ",".join(f"phq9_{item}" for item in range(1, 10)),
    [
        f"C10{n:03d},{'intake_arm_1' if n % 2 else 'week_4_arm_1'},2025-02-{n:02d} 10:00:00,{','.join('121012011')}"
        for n in PEOPLE
    ],
)
FILES = {
    "Client_Roster.csv": ROSTER,
    "Admissions.csv": STAYS,
    "Appointments_2025.csv": visits(2025, 100),
    "Appointments_2026.csv": visits(2026, 200, "Scheduled"),
    "Outcomes.csv": SURVEY,
}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A study of five exported files, and the draft that was made of them."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "raw").mkdir()
    (folder / "study.toml").write_text('[study]\nname = "test"\n')
    for name, content in FILES.items():
        (folder / "raw" / name).write_text(content)
    draft_mapping(load_study(folder), lambda line: None)
    return folder


@pytest.fixture
def again(first, tmp_path):
    """A copy of the study with its draft, to which next month's files may come."""
    import shutil

    shutil.copytree(first, tmp_path / "study")
    return tmp_path / "study"


def drafted(folder):
    return (folder / "mapping.toml").read_text()


def renewed(folder):
    """The lines that were added, and what was said."""
    before, told = drafted(folder).splitlines(), []
    draft_mapping(load_study(folder), told.append)
    return [line for line in drafted(folder).splitlines() if line not in before], told


def test_files_become_tables_and_their_columns_ours_without_a_line_by_hand(first):
    made = tomllib.loads(drafted(first))
    assert made["dates"] == "M/D/YYYY"
    assert made["patients"]["Client_Roster.csv"]["birth_year"] == {"year": "DOB"}
    assert made["sessions"]["Appointments_*.csv"]["program_id"] == {"column": "Location", "word": 1}
    assert made["sessions"]["Appointments_*.csv"]["minutes_scheduled"] == {"column": "Duration", "unit": "min"}
    assert made["sessions"]["Appointments_*.csv"]["leave_out"] == {"Status": "Scheduled"}
    assert made["assessments"]["Outcomes.csv"]["PHQ9"] == {"items": "phq9_{1-9}"}
    assert made["episodes"]["Admissions.csv"]["level_of_care"] == {"column": "Level of Care", "values": "known"}
    assert "Intensive Outpatient 12 = IOP" in drafted(first)


def test_an_id_that_most_files_have_is_said_once_with_what_each_file_calls_it(first):
    made = tomllib.loads(drafted(first))
    assert made["patient_id"] == ["Client ID", "record_id"]
    assert not any("patient_id" in block for table in ("episodes", "sessions") for block in made[table].values())
    assert '# patient_id is "record_id": 100 % of its ids are among the people' in drafted(first)


def test_the_draft_is_read_as_it_stands(first):
    con, _ = ingested(load_study(first))
    assert rows(con, "SELECT count(*) FROM staging.assessments WHERE score = 9") == [(24,)]
    assert rows(con, "SELECT count(*), count(DISTINCT program_id) FROM staging.sessions") == [(27, 2)]
    assert rows(con, "SELECT min(birth_year), max(birth_year) FROM staging.patients") == [(1951, 1974)]


def test_no_value_of_an_identifier_is_written(first):
    text = drafted(first)
    assert "Last Name (names of people)" in text
    assert '# therapist_id = "Provider"   # names of people: a code must stand there' in text
    assert not re.search("|".join((*GIVEN, *FAMILY, "C10001")), text)


def test_small_counts_are_hidden(first):
    assert "Medicaid MCO 22 = medicaid · Local Fund = ?" in drafted(first)
    assert not re.search(r"(?<![\d,])[1-9] (rows|= [a-z])", drafted(first))


def test_a_word_that_no_list_knows_is_left_to_a_person_with_the_codes_it_may_be(first):
    text = drafted(first)
    assert "which of medicare, medicaid, commercial, self, other, none, or nothing of these?" in text
    assert 'then: values = [{ "Local Fund" = "" }, "known"]' in text


def test_what_is_not_sure_is_commented_out_with_the_reason(first):
    text = drafted(first)
    assert re.search(
        r"# .*does not say since when services would be seen\n# observed_from = \"Registration Date\"", text
    )


def test_run_again_nothing_is_changed(again):
    before = drafted(again)
    assert renewed(again)[0] == []
    assert drafted(again) == before


def test_a_new_word_is_added_to_its_list_to_be_filled_in(again):
    path = again / "raw" / "Appointments_2026.csv"
    path.write_text(
        path.read_text() + "".join(f"{n},C10001,3/{n}/2026,Walked Out,60 min,x,Harbor Clinic\n" for n in range(1, 16))
    )
    added, told = renewed(again)
    assert '# values = [{ "Walked Out" = "" }, "known"]   # Status, 15 rows: what is it?' in added
    assert "Status holds a word that nothing translates, see [sessions.Appointments_*.csv]: 15 rows" in told
    assert renewed(again)[0] == []


def test_a_new_word_that_we_know_is_told_with_the_code_that_it_is_read_as(again):
    path = again / "raw" / "Appointments_2026.csv"
    path.write_text(
        path.read_text() + "".join(f"{n},C10001,3/{n}/2026,Late Cancel,60 min,x,Harbor Clinic\n" for n in range(1, 16))
    )
    added, told = renewed(again)
    assert added == ["# Late Cancel = client_cancel_late, as carelevels knows it (Status, 15 rows)"]
    assert "Status, 15 rows: a new word that carelevels knows, see [sessions.Appointments_*.csv]" in told
    assert renewed(again)[0] == []


def test_a_new_column_is_added_as_not_read(again):
    path = again / "raw" / "Admissions.csv"
    path.write_text("\n".join(f"{line},{'Cohort' if n == 0 else 'A'}" for n, line in enumerate(STAYS.splitlines())))
    added, told = renewed(again)
    assert added == ["# not read: Cohort (A 24)"]
    assert "Admissions.csv has a new column: Cohort" in told


def test_a_renamed_column_is_told_in_terms_of_the_line_to_change(again):
    path = again / "raw" / "Client_Roster.csv"
    path.write_text(ROSTER.replace("Gender", "Gender Identity"))
    line = next(n for n, line in enumerate(drafted(again).splitlines(), 1) if line.startswith("sex ="))
    _, told = renewed(again)
    assert (
        f'mapping.toml, line {line}: Client_Roster.csv has no column "Gender"; is it "Gender Identity" now? Then write that name in this line'
        in told
    )


def test_a_file_that_did_not_come_is_told_with_the_line_that_reads_it(again):
    (again / "raw" / "Outcomes.csv").unlink()
    _, told = renewed(again)
    assert 'no raw file is called "Outcomes.csv"' in told[0]
    assert told[0].endswith("or, where it does not come every time, add the line optional = true")
    assert told[0].startswith("mapping.toml, line ")


def test_five_files_are_mapped_in_few_lines_that_an_analyst_can_read(first):
    lines = [line for line in drafted(first).splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) <= 30
    assert max(map(len, drafted(first).splitlines())) <= 120
    assert len(drafted(first).splitlines()) <= 3 * len(lines)


def test_a_new_file_is_added_as_a_block(again):
    (again / "raw" / "Discharge_List.csv").write_text(
        lines("Admission ID,DC Date,DC Reason", [f"A{n},3/{n}/2025,{'Completed' if n % 2 else '07'}" for n in PEOPLE])
    )
    added, told = renewed(again)
    assert '[discharges."Discharge_List.csv"]   # 24 rows' in added
    assert 'episode_id = "Admission ID"   # 100 % of its ids are among the stays' in added
    assert "07 12 = ? · Completed 12 = completed" in "\n".join(added)
    assert "Discharge_List.csv is new: drafted as discharges" in told
    assert tomllib.loads(drafted(again))["discharges"]["Discharge_List.csv"]["ending"] == {
        "column": "DC Reason",
        "values": "known",
    }


def test_columns_that_are_called_as_ours_need_one_line_together(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "study.toml").write_text("")
    stays = [
        f"A{n},c{n},{'IOP - Evening' if n % 2 else 'IOP'},2025-02-{n:02d},2025-03-{n:02d},medicaid" for n in PEOPLE
    ]
    (tmp_path / "raw" / "Admission_List.csv").write_text(
        lines("episode_id,patient_id,level_of_care,Start_Date,end_date,Payer Class", stays)
    )
    draft_mapping(load_study(tmp_path), lambda line: None)
    block = tomllib.loads(drafted(tmp_path))["episodes"]["Admission_List.csv"]
    assert block == {
        "as_called": True,
        "level_of_care": {"column": "level_of_care", "values": "known"},
        "payer": "Payer Class",
    }


@pytest.fixture(scope="module")
def half_ours(tmp_path_factory):
    """The draft for files in which some columns are called as ours and others are not."""
    folder = tmp_path_factory.mktemp("half_ours")
    (folder / "raw").mkdir()
    (folder / "study.toml").write_text("")
    files = {
        "Clients.csv": lines(
            "Client ID,observed_from_date,Age at Admission",
            [f"c{n},2024-01-{n:02d},{'90+' if n == 1 else 30 + n}" for n in PEOPLE],
        ),
        "Admissions.csv": lines(
            "Admission ID,Client ID,program_id,LOC,Admit Date,Insurance,prior_24h_care_12m",
            [
                f"A{n},c{n},maple-{n},IOP,2025-02-{n:02d},{'other' if n % 2 else 'HMO'},{'yes' if n % 2 else 'perhaps'}"
                for n in PEOPLE
            ],
        ),
        "discharges.csv": lines(
            "Admission ID,discharge_date,ending,planned_ending",
            [f"A{n},2025-03-{n:02d},{'completed' if n % 2 else 'Absconded'},true" for n in PEOPLE],
        ),
        "assessments.csv": lines(
            "Client ID,Tool,Date,Total,item_9", [f"c{n},PHQ9,2025-02-{n:02d},{n},{n % 4}" for n in PEOPLE]
        ),
    }
    for name, content in files.items():
        (folder / "raw" / name).write_text(content)
    draft_mapping(load_study(folder), lambda line: None)
    return folder


def test_a_column_called_as_ours_is_read_whatever_the_others_are_called(half_ours):
    made = tomllib.loads(drafted(half_ours))
    assert made["patients"]["Clients.csv"]["observed_from"] == "observed_from_date"
    assert made["episodes"]["Admissions.csv"]["program_id"] == "program_id"
    assert made["assessments"]["assessments.csv"]["item_9"] == "item_9"
    assert made["discharges"]["discharges.csv"]["planned_ending"] == "planned_ending"
    assert made["discharges"]["discharges.csv"]["ending"] == {"column": "ending", "values": "known"}


def test_ages_of_which_the_oldest_are_one_group_are_numbers(half_ours):
    assert tomllib.loads(drafted(half_ours))["patients"]["Clients.csv"]["age_at_index"] == "Age at Admission"


def test_a_line_that_is_commented_out_says_what_is_wrong_with_its_cells(half_ours):
    assert "12 · yes 12: not every cell is yes or no" in drafted(half_ours)


def test_run_again_nobody_is_asked_what_a_code_of_ours_is(half_ours):
    added, _ = renewed(half_ours)
    assert 'payer = { column = "Insurance", values = "known" }' in drafted(half_ours)
    assert added == []


def test_days_that_may_be_month_or_day_first_are_left_to_a_person(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "study.toml").write_text("")
    (tmp_path / "raw" / "Admissions.csv").write_text(
        lines(
            "Admission ID,Client ID,Level of Care,Admit Date",
            [f"A{n},c{n},IOP,{n % 9 + 1}/{n % 7 + 1}/2025" for n in PEOPLE],
        )
    )
    draft_mapping(load_study(tmp_path), lambda line: None)
    assert "Day and month cannot be told apart: say which" in drafted(tmp_path)
    assert re.search(r"^# start = ", drafted(tmp_path), re.MULTILINE)


def test_a_survey_tools_answers_in_words_are_found_by_the_files_name_and_the_number_of_items(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "study.toml").write_text("")
    words = ("Not at all", "Several days", "More than half the days", "Nearly every day")
    header = [
        "ExternalReference",
        "EndDate",
        "Finished",
        *(f"Q1_{item}" for item in range(1, 10)),
        *(f"Q2_{item}" for item in range(1, 8)),
    ]
    body = [",".join([f"C{n}", "2025-02-03", "True", *(words[(n + item) % 4] for item in range(16))]) for n in PEOPLE]
    (tmp_path / "raw" / "North PHQ-GAD_July 5, 2026_10.22.csv").write_text(lines(",".join(header), body))
    draft_mapping(load_study(tmp_path), lambda line: None)
    block = tomllib.loads(drafted(tmp_path))["assessments"]["North PHQ-GAD_*.csv"]
    assert block["newest"] is True
    assert block["only"] == {"Finished": "True"}
    assert block["PHQ9"] == {"items": "Q1_{1-9}", "answers": "known"}
    assert block["GAD7"] == {"items": "Q2_{1-7}", "answers": "known"}


def test_a_file_in_our_own_columns_whose_words_are_known_and_not_ours_is_drafted_too(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "study.toml").write_text("")
    programs = tmp_path / "raw" / "programs.csv"
    programs.write_text(lines("program_id,level_of_care,site", ["g1,Intensive Outpatient,s1", "g2,Residential,s1"]))
    draft_mapping(load_study(tmp_path), lambda line: None)
    level = tomllib.loads(drafted(tmp_path))["programs"]["programs.csv"]["level_of_care"]
    assert level == {"column": "level_of_care", "values": "known"}


def test_where_every_file_is_ours_no_mapping_is_written(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "study.toml").write_text("")
    (tmp_path / "raw" / "programs.csv").write_text(lines("program_id,level_of_care,site", ["g1,IOP,s1", "g2,RES,s1"]))
    told = []
    draft_mapping(load_study(tmp_path), told.append)
    assert told[0].startswith("no file in raw/ needs a mapping")
    assert not (tmp_path / "mapping.toml").exists()


def test_ids_of_a_small_file_are_not_taken_for_words_whatever_their_column_is_called(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "study.toml").write_text("")
    people = [f"KX{n},QZ{n},Female,1980" for n in range(8)]
    (tmp_path / "raw" / "Client_Roster.csv").write_text(lines("CLIENT,Chart,Gender,YOB", people))
    visits = [f"V{n},WX{n},2025-01-{n:02d},Kept" for n in PEOPLE]
    (tmp_path / "raw" / "Visits.csv").write_text(lines("Visit ID,Folder,Visit Date,Status", visits))
    draft_mapping(load_study(tmp_path), lambda line: None)
    assert "8 different" in drafted(tmp_path)
    assert not re.search("KX|WX", drafted(tmp_path))
