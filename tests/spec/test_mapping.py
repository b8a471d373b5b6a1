"""What mapping.toml makes of a program's own files: each rule with the cells as a system exports them."""

import pytest

from tests.unit.ingest.mapped import made_rows


def column(folder, line, cells, *, kind="episodes", top=""):
    """One of our columns as a line makes it from the cells of a column called `their`."""
    key = line.split("=")[0].strip()
    text = "their|other\n" + "".join(f"{cell}|x\n" for cell in cells)
    mapping = f'{top}\n[{kind}."export.txt"]\n{line}\n'
    [(_, rows)] = made_rows(folder, mapping, export__txt=text.encode())
    names = [name for name in rows[0] if name != "_row"]
    assert len(names) == 1, key
    return [row[names[0]] for row in rows]


CELLS = {
    "a column under another name is taken as it stands": ('payer = "their"', ["medicaid"], ["medicaid"]),
    "a constant stands in every row": ('payer = "=self"', ["", "x"], ["self", "self"]),
    "the first filled of several columns counts": ('payer = ["their", "other"]', ["a", ""], ["a", "x"]),
    "an empty cell may have a default": ('payer = { column = "their", default = "none" }', ["a", ""], ["a", "none"]),
    "words are translated whatever their case": (
        'payer = { column = "their", values = { "Self Pay" = "self" } }',
        ["SELF PAY", "self pay", "Blue"],
        ["self", "self", "Blue"],
    ),
    "a star stands for any letters, and a whole word comes before it": (
        'level_of_care = { column = "their", values = { "*Outpatient*" = "OP", "*Intensive*" = "PHP", "Intensive Outpatient" = "IOP" } }',
        ["Intensive Outpatient", "Outpatient - Adult", "Intensive Day"],
        ["IOP", "OP", "PHP"],
    ),
    "a star alone is every other word, and no empty cell": (
        'mandated = { column = "their", values = { Voluntary = "no", "*" = "yes" } }',
        ["Voluntary", "Court", ""],
        ["no", "yes", None],
    ),
    "an empty cell can mean something": (
        'mandated = { column = "their", values = { "" = "no" } }',
        ["yes", ""],
        ["yes", "no"],
    ),
    "a word that means nothing to us becomes an empty cell": (
        'payer = { column = "their", values = { "See note" = "" } }',
        ["See note"],
        [None],
    ),
    "words that are known need no list, and a word of the program's own comes before them": (
        'payer = { column = "their", values = [{ "Local Fund" = "other", Aetna = "self" }, "known"] }',
        ["Medicaid MCO", "BCBS PPO", "Local Fund", "Aetna", "medicaid"],
        ["medicaid", "commercial", "other", "self", "medicaid"],
    ),
    "a word is known by whole words, and never against its own no": (
        'referral_source = { column = "their", values = "known" }',
        ["Family", "Mother", "No referral by a physician", "Physician"],
        ["self", "Mother", "No referral by a physician", "provider"],
    ),
    "Caucasian is no Asian, and White beside a no is left to a person": (
        'race_ethnicity = { column = "their", values = "known" }',
        ["Caucasian", "Asian", "White, not Hispanic"],
        ["WHITE", "ASIAN", "White, not Hispanic"],
    ),
    "an involuntary stay is not voluntary": (
        'mandated = { column = "their", values = "known" }',
        ["Voluntary", "Involuntary"],
        ["no", "Involuntary"],
    ),
    "who left against advice did not drop out, and an ending that was not completed is left to a person": (
        'ending = { column = "their", values = "known" }',
        ["Left AMA", "Left", "Treatment completed", "Did not complete"],
        ["ama", "dropped_out", "completed", "Did not complete"],
    ),
    "an empty cell has its default also where words are known": (
        'mandated = { column = "their", values = "known", default = "no" }',
        ["Court ordered", ""],
        ["yes", "no"],
    ),
    "levels of the ASAM criteria lead to levels of care": (
        'level_of_care = { column = "their", values = "asam" }',
        ["2.1", "3.5", "1.0"],
        ["IOP", "RES", "OP"],
    ),
    "revenue codes lead to levels of care, with or without their first zero": (
        'level_of_care = { column = "their", values = "revenue" }',
        ["0905", "905", "1001", "0124"],
        ["IOP", "IOP", "RES", "IP"],
    ),
    "procedure codes that name several levels lead to none": (
        'level_of_care = { column = "their", values = "hcpcs" }',
        ["H0015", "h0035", "G0410"],
        ["IOP", "PHP", None],
    ),
    "month first, with a clock": ('start = "their"', ["6/4/2025 9:30 AM", "12/15/2025"], ["2025-06-04", "2025-12-15"]),
    "an ISO day needs no format": ('start = "their"', ["2025-06-04 09:30:00"], ["2025-06-04 09:30:00"]),
    "a day that is written otherwise stays, so that it is told": ('start = "their"', ["June 2025"], ["June 2025"]),
    "day first, with dots": (
        'start = { column = "their", dates = "D.M.YYYY" }',
        ["4.6.2025", "04.06.2025"],
        ["2025-06-04", "2025-06-04"],
    ),
    "a month in letters": ('start = { column = "their", dates = "D MMM YYYY" }', ["4 Jun 2025"], ["2025-06-04"]),
    "days as a spreadsheet counts them": (
        'start = { column = "their", dates = "excel" }',
        ["45812", "45812.5"],
        ["2025-06-04", "2025-06-04"],
    ),
    "a year of birth is all that is kept of a date of birth": (
        'birth_year = { year = "their" }',
        ["9/17/1992", "1992-09-17"],
        ["1992", "1992"],
    ),
    "the first three digits of a ZIP code": ('zip3 = { column = "their", first = 3 }', ["03601"], ["036"]),
    "the code in front of a diagnosis in words": (
        'primary_dx = { column = "their", word = 1 }',
        ["F32.1 MDD, single episode"],
        ["F32.1"],
    ),
    "what stands behind a mark": ('payer = { column = "their", after = "/" }', ["Patient/17"], ["17"]),
    "what stands before a mark": ('payer = { column = "their", before = "(" }', ["IOP (ASAM 2.1)"], ["IOP"]),
    "words become a code": (
        'track = { column = "their", code = true }',
        ["Dual Diagnosis - PM"],
        ["dual_diagnosis_pm"],
    ),
    "minutes with their unit": (
        'planned_weeks = { column = "their", unit = "min" }',
        ["60 min", "45 Minutes", "90"],
        ["60", "45", "90"],
    ),
    "hours become minutes": ('planned_weeks = { column = "their", unit = "h", times = 60 }', ["1.5 h"], ["90.0"]),
    "one of several columns begins like this": (
        'sud_flag = { any = ["their"], like = "F1*" }',
        ["F10.20 Alcohol", "F32.1", ""],
        ["true", "false", None],
    ),
    "two columns make one code": ('program_id = { join = ["their", "other"] }', ["Harbor"], ["Harbor-x"]),
}


@pytest.mark.parametrize("rule", CELLS)
def test_a_line_of_the_mapping_makes(tmp_path, rule):
    line, cells, wanted = CELLS[rule]
    tables = {"birth_year": "patients", "zip3": "patients", "race_ethnicity": "patients", "ending": "discharges"}
    table = tables.get(line.split(" = ")[0], "episodes")
    assert column(tmp_path, line, cells, kind=table, top='dates = "M/D/YYYY h:mm AM"') == wanted


AMOUNTS = {
    "currency and thousands are no part of an amount": (
        ".",
        ["$1,234.50", "USD 1,000", "12"],
        ["1234.50", "1000", "12"],
    ),
    "a refund stands in parentheses or behind its minus": (
        ".",
        ["($45.00)", "45.00-", "-45"],
        ["-45.00", "-45.00", "-45"],
    ),
    "a comma that groups no thousands is no decimal sign unless the mapping says so": (".", ["1,5"], ["1,5"]),
    "a decimal comma": (",", ["1.234,50 €", "0,5", "1 234,5"], ["1234.50", "0.5", "1234.5"]),
    "words stay, so that they are told": (".", ["on file"], ["on file"]),
}


@pytest.mark.parametrize("rule", AMOUNTS)
def test_an_amount_is_read_as_people_write_it(tmp_path, rule):
    decimal, cells, wanted = AMOUNTS[rule]
    assert column(tmp_path, 'amount = "their"', cells, kind="costs", top=f'decimal = "{decimal}"') == wanted


def test_marks_for_missing_are_empty_in_every_column_of_the_study(tmp_path):
    top = 'missing = ["NA", "-99", "#N/A"]'
    assert column(tmp_path, 'payer = "their"', ["NA", " -99 ", "#N/A", "self"], top=top) == [None, None, None, "self"]


def test_an_id_is_spelled_alike_in_every_file(tmp_path):
    mapping = """
        [ids.patient_id]
        upper = true
        pad = 4
        [patients."people.csv"]
        patient_id = "client"
        [episodes."stays.csv"]
        patient_id = "Client No"
        episode_id = "stay"
    """
    made = dict(
        made_rows(tmp_path, mapping, people__csv="client\na17\n  23.0", stays__csv="Client No,stay\nA17,1\n0023,2")
    )
    assert [row["patient_id"] for row in made["patients"]] == ["0A17", "0023"]
    assert [row["patient_id"] for row in made["episodes"]] == ["0A17", "0023"]


def test_an_id_is_named_once_for_every_file_and_a_files_own_line_comes_before_it(tmp_path):
    mapping = """
    patient_id = ["Client ID", "record_id"]
    [patients."roster.csv"]
    sex = "G"
    [episodes."stays.csv"]
    start = "S"
    [discharges."ends.csv"]
    ending = "E"
    [costs."claims.csv"]
    patient_id = "M"
    """
    made = dict(
        made_rows(
            tmp_path,
            mapping,
            roster__csv="record_id,Client ID,G\n7,c1,F",
            stays__csv="record_id,S\nc1,2025-01-06",
            ends__csv="Client ID,E\nc1,completed",
            claims__csv="Client ID,M\nc1,m1",
        )
    )
    assert [made[table][0].get("patient_id") for table in ("patients", "episodes", "discharges", "costs")] == [
        "c1",
        "c1",
        None,
        "m1",
    ]


def test_columns_that_are_called_as_ours_are_read_where_one_line_says_so_and_other_lines_come_before_it(tmp_path):
    mapping = """
    dates = "M/D/YYYY"
    [episodes."stays.csv"]
    as_called = true
    payer = "Plan"
    """
    stays = "episode_id,PATIENT_ID,start_date,payer,Plan,note\ne1,c1,6/4/2025,x,self,y"
    [(_, rows)] = made_rows(tmp_path, mapping, stays__csv=stays)
    assert [{key: cell for key, cell in row.items() if key != "_row"} for row in rows] == [
        {"episode_id": "e1", "patient_id": "c1", "start_date": "2025-06-04", "payer": "self"}
    ]


def test_what_stands_in_every_row_is_said_in_one_line(tmp_path):
    mapping = """
    [costs."claims.csv"]
    amount = "Paid"
    always = { currency = "USD", perspective = "payer" }
    """
    [(_, rows)] = made_rows(tmp_path, mapping, claims__csv="Paid,x\n12.50,1\n3,2")
    assert [(row["amount"], row["currency"], row["perspective"]) for row in rows] == [
        ("12.50", "USD", "payer"),
        ("3", "USD", "payer"),
    ]


def test_rows_are_left_out_or_kept_by_the_cells_of_a_column(tmp_path):
    mapping = """
        [sessions."visits.csv"]
        only = { Kind = ["IOP*", ""] }
        leave_out = { Status = "Scheduled" }
        session_id = "id"
    """
    visits = """
        id,Kind,Status
        1,IOP Day,Kept
        2,PHP Day,Kept
        3,IOP Day,scheduled
        4,,
        5,iop eve,Kept
    """
    [(_, rows)] = made_rows(tmp_path, mapping, visits__csv=visits)
    assert [(row["_row"], row["session_id"]) for row in rows] == [(2, "1"), (5, "4"), (6, "5")]


def test_a_value_of_another_file_is_taken_where_that_file_has_one_for_the_key_and_never_adds_a_row(tmp_path):
    mapping = """
        [episodes."stays.csv"]
        episode_id = "stay"
        prior_24h_care_12m = { column = "HOSP", file = "intake.csv", match = { CLIENT = "Client" } }
    """
    stays = """
        stay,Client
        1,c1
        2,c2
        3,c3
        4,c1
    """
    intake = """
        CLIENT,HOSP
        c1,yes
        c1,yes
        c2,yes
        c2,no
    """
    [(_, rows)] = made_rows(tmp_path, mapping, stays__csv=stays, intake__csv=intake)
    assert [(row["episode_id"], row["prior_24h_care_12m"]) for row in rows] == [
        ("1", "yes"),
        ("2", None),
        ("3", None),
        ("4", "yes"),
    ]


def test_programs_are_read_from_a_file_of_stays_once_each(tmp_path):
    mapping = """
        [programs."stays.csv"]
        program_id = "Program"
        site = "Site"
    """
    stays = """
        Program,Site
        north iop,north
        south op,south
        north iop,north
        ,
    """
    [(_, rows)] = made_rows(tmp_path, mapping, stays__csv=stays)
    assert [(row["_row"], row["program_id"], row["site"]) for row in rows] == [
        (2, "north iop", "north"),
        (3, "south op", "south"),
    ]


def test_age_on_a_day_counts_birthdays_and_minutes_lie_between_two_times(tmp_path):
    top = 'dates = "M/D/YYYY"\n'
    people = """
        born,came
        9/17/1992,9/16/2025
        9/17/1992,9/17/2025
    """
    mapping = top + '[patients."people.csv"]\nage_at_index = { age = "born", on = "came" }\n'
    [(_, rows)] = made_rows(tmp_path, mapping, people__csv=people)
    assert [row["age_at_index"] for row in rows] == ["32", "33"]
    visits = """
        from,to
        6/4/2025 9:30 AM,6/4/2025 12:15 PM
        2025-06-04T09:30:00Z,2025-06-04T10:00:00Z
    """
    mapping = top + '[sessions."visits.csv"]\nminutes_attended = { minutes = ["from", "to"] }\n'
    [(_, rows)] = made_rows(tmp_path / "visits", mapping, visits__csv=visits)
    assert [row["minutes_attended"] for row in rows] == ["165", "30"]


def test_check_boxes_of_a_survey_become_the_code_of_the_first_that_is_checked(tmp_path):
    mapping = """
        [episodes."intake.csv"]
        referral_source = { checked = { reason___1 = "self", reason___2 = "court" } }
    """
    intake = """
        reason___1,reason___2
        0,1
        1,1
        0,0
    """
    [(_, rows)] = made_rows(tmp_path, mapping, intake__csv=intake)
    assert [row["referral_source"] for row in rows] == ["court", "self", None]


def test_a_cell_within_an_object_is_named_by_its_path(tmp_path):
    mapping = """
        [episodes."Encounter.ndjson"]
        episode_id = "id"
        patient_id = { column = "subject.reference", after = "/" }
        level_of_care = { column = "type.0.coding.0.code", values = { "AMB" = "OP" } }
        start = "period.start"
    """
    lines = (
        '{"id": "e1", "subject": {"reference": "Patient/p1"}, "type": [{"coding": [{"code": "AMB"}]}], "period": {"start": "2025-01-03T10:00:00Z"}}\n'
        '{"id": "e2", "subject": {"reference": "Patient/p2"}, "period": {}}\n'
    )
    [(_, rows)] = made_rows(tmp_path, mapping, Encounter__ndjson=lines.encode())
    assert rows == [
        {"episode_id": "e1", "patient_id": "p1", "level_of_care": "OP", "start_date": "2025-01-03T10:00:00Z"},
        {"episode_id": "e2", "patient_id": "p2", "level_of_care": None, "start_date": None},
    ]


def test_an_amount_is_in_the_prices_of_the_year_of_its_service_unless_a_line_says_otherwise(tmp_path):
    mapping = 'dates = "M/D/YYYY"\n[costs."claims.csv"]\nservice = "DOS"\namount = "Paid"\n'
    [(_, rows)] = made_rows(tmp_path, mapping, claims__csv="DOS,Paid\n2/16/2026,$310.91")
    assert rows == [{"service_date": "2026-02-16", "amount": "310.91", "price_year": "2026"}]
    [(_, rows)] = made_rows(tmp_path, mapping + 'price_year = "=2024"\n', claims__csv="DOS,Paid\n2/16/2026,$310.91")
    assert rows[0]["price_year"] == "2024"
