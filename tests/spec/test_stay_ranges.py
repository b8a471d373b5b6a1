"""Ends that are known only as a range of days, as registers give them: never read as a day, never a made-up number."""

import pytest

from pipeline.analysis.described.retention import retention
from pipeline.analysis.questions.stay_length import ACROSS, stay_length
from pipeline.errors import StructureError
from pipeline.results import CurvePoint, FigurePoint
from tests.spec.asked import asked, claim, the
from tests.spec.staged import built, staged, study_of
from tests.unit.ingest.deliveries import delivery, ingested
from tests.unit.ingest.mapped import made_rows

REGISTER = study_of(episodes={"washout_days": 0, "seen_after": False})


def register(*lengths, level="IOP", **more):
    """Stays of so many days, first and last day counted; a pair is a range of days."""
    rows = ["episode_id | patient_id | level_of_care | start_day | end_day | end_latest_day"]
    people = ["patient_id | observed_from_day | observed_to_day"]
    for place, length in enumerate(lengths):
        first, last = length if isinstance(length, tuple) else (length, "")
        latest = last - 1 if last else ""
        rows.append(f"e{place:03} | p{place:03} | {level} | 0 | {first - 1} | {latest}")
        people.append(f"p{place:03} | -100 | 4000")
    return staged(episodes="\n".join(rows), patients="\n".join(people), **more)


def stays_of(*lengths, **more):
    return built(register(*lengths, **more), "stay_lengths", study=REGISTER)


READ = (
    *("analysis_set", "outcome_set_by_choice", "retention_set", "retention_at", "readmission", "index_attendance"),
    *("screen_weeks", "attrition_flow", "control_outcomes", "last_care_scores", "ever_started", "known_deaths"),
)  # what analyses read of every study
THIRTY = [*[10] * 12, *[(31, 45)] * 6, *[(61, 90)] * 6, *[(121, 180)] * 6]


@pytest.fixture(scope="module")
def in_care():
    """Thirty people who started in IOP: 12 left on day 10, 6 each within three ranges of days."""
    con = built(register(*THIRTY), *READ, study=REGISTER)
    assert con.execute("SELECT count(*) FROM analysis_set").fetchall() == [(30,)]
    return asked(retention, con, REGISTER)


def test_a_length_of_stay_counts_its_first_and_its_last_day_and_a_range_has_two_ends(tmp_path):
    mapping = """
        [episodes."export.txt"]
        start_day = "=0"
        stay = { column = "LOS", values = { 31 = "31-45" } }
        """
    cells = ["1", "30", "31", "46 to 60 days", "0", "long", ""]
    text = "LOS|x\n" + "".join(f"{cell}|x\n" for cell in cells)
    [(_, rows)] = made_rows(tmp_path, mapping, export__txt=text.encode())
    assert [(row["end_day"], row["end_latest_day"]) for row in rows] == [
        ("0", None),
        ("29", None),
        ("30", "44"),
        ("45", "59"),
        ("0", None),
        ("long", None),
        (None, None),
    ]


def test_a_length_of_stay_from_a_date_ends_on_a_date(tmp_path):
    mapping = '[episodes."export.txt"]\nstart = { column = "Admit", dates = "M/D/YYYY" }\nstay = "LOS"\n'
    text = "Admit|LOS\n1/30/2025|4\n2/1/2025|5-7\n"
    [(_, rows)] = made_rows(tmp_path, mapping, export__txt=text.encode())
    assert [(row["end_date"], row["end_latest_date"]) for row in rows] == [
        ("2025-02-02", None),
        ("2025-02-05", "2025-02-07"),
    ]


def test_who_is_in_care_is_told_on_the_days_between_ranges(in_care):
    told = {day: the(in_care, measure="survival", day=day).estimate for day in (30, 60, 90)}
    assert told == {30: pytest.approx(0.6), 60: pytest.approx(0.4), 90: pytest.approx(0.2)}


def test_a_median_within_a_range_is_told_as_the_range_and_has_no_number(in_care):
    row = the(in_care, measure="median_care_days")
    assert (row.estimate, row.low, row.high) == (None, None, None)
    assert row.reason.startswith("between 31 and 45 days")


def test_a_curve_has_no_point_within_a_range(in_care):
    days = [row.day for row in in_care if isinstance(row, CurvePoint) and row.state == "in care"]
    assert days == [0, 7, 14, 21, 28, 30, 45, 49, 56, 60, 90, 91, 98, 105, 112, 119, 120]


def test_stays_of_weeks_to_months_are_counted_where_no_range_crosses_their_bounds():
    rows = asked(stay_length, stays_of(20, (21, 30), (91, 120), (121, 180)), REGISTER, people=False)
    assert (claim(rows).estimate, claim(rows).n) == (0.5, 4)
    assert the(rows, measure="median_stay_days", outcome="").reason.startswith("between 21 and 30 days")


def test_a_range_across_their_bounds_is_refused():
    rows = asked(stay_length, stays_of(20, (100, 130)), REGISTER, people=False)
    assert (claim(rows).gate, claim(rows).reason) == ("withheld", ACROSS)


def test_an_end_within_a_range_belongs_to_no_week():
    rows = asked(stay_length, stays_of(20, (31, 45), (31, 45)), REGISTER, people=False)
    points = [row for row in rows if isinstance(row, FigurePoint)]
    assert [(point.x, point.n) for point in points if point.n] == [(3, 1)]


def test_what_follows_a_stay_is_not_asked_where_its_end_is_a_range_or_nothing_after_it_is_seen():
    seen = study_of(episodes={"washout_days": 0})
    drawn = register(5, (31, 45), level="RES")
    assert built(drawn, "readmission", study=seen).execute("SELECT stay_id FROM readmission").fetchall() == [("e000",)]
    assert built(drawn, "readmission", study=REGISTER).execute("SELECT * FROM readmission").fetchall() == []
    safety = "SELECT DISTINCT observable FROM safety_set"
    assert built(drawn, "safety_set", study=REGISTER).execute(safety).fetchall() == [(False,)]


EPISODES = """episode_id,patient_id,program_id,level_of_care,start_date,end_date,end_latest_date
    e1,p1,g1,IOP,2025-01-06,2025-02-05,2025-02-19"""


def test_a_day_within_a_range_is_refused_with_days_that_would_do(tmp_path):
    toml = '[study]\nname = "test"\n[retention]\ndays = [30, 40]\n'
    study = delivery(tmp_path, toml, only=["patients", "programs"], episodes=EPISODES)
    with pytest.raises(StructureError, match=r"in care on day 40 cannot be told.*choose among 30, 45"):
        ingested(study)


def test_ranges_beside_sessions_are_refused(tmp_path):
    study = delivery(tmp_path, only=["patients", "programs", "sessions"], episodes=EPISODES)
    with pytest.raises(StructureError, match="leave out the one or the other"):
        ingested(study)


def test_a_range_that_ends_before_it_begins_is_set_aside(tmp_path):
    study = delivery(
        tmp_path,
        only=["patients", "programs"],
        episodes=f"{EPISODES}\n    e2,p2,g1,IOP,2025-01-06,2025-02-05,2025-02-01",
    )
    con, report = ingested(study)
    assert con.execute("SELECT episode_id FROM staging.episodes").fetchall() == [("e1",)]
    assert any("latest day" in breach.sentence for breach in report.breaches)
