"""Whose minutes a column of visits holds: a draft says so only where its name or the missed visits do."""

from pathlib import Path

import duckdb
import pytest

from pipeline.ingest.drafting.column_lines import line_for
from pipeline.ingest.drafting.kinds import Kind
from pipeline.ingest.drafting.minutes import with_minutes_told
from pipeline.ingest.drafting.profiles import Profile
from pipeline.ingest.drafting.raw_groups import Group
from pipeline.ingest.files.views import Reading
from pipeline.ingest.layout import Layout
from pipeline.schema import TABLES


def column(called, cells):
    cells = [str(cell) for cell in cells]
    words = tuple((cell, cells.count(cell)) for cell in dict.fromkeys(cells) if cell)
    return Profile(called, len(cells), len(cells), len(words), words, tuple(cell for cell, _ in words), None, "")


def told(called, visits, **others):
    """Our columns of minutes as a draft has them, of visits as (status, minutes); others are columns found beside."""
    rows = ", ".join(f"('{status}', '{minutes}')" for status, minutes in visits)
    made = f'(SELECT * FROM (VALUES {rows}) AS read(Status, "{called}"))'
    columns = {
        "status": column("Status", [status for status, _ in visits]),
        "minutes_scheduled": column(called, [minutes for _, minutes in visits]),
        **others,
    }
    group = Group("", (Reading(None, Layout(Path("Visits.csv"), ("Status", called), made=made)),))
    kind = with_minutes_told(duckdb.connect(), group, Kind("sessions", 5.0, columns))
    return {
        ours: line_for(TABLES["sessions"].column(ours), found, "", 11).text()
        for ours, found in kind.columns.items()
        if ours != "status"
    }


def test_minutes_of_visits_that_did_not_happen_were_scheduled():
    assert list(told("Duration", [("Kept", 60), ("No Show", 60), ("Late Cancel", 45)])) == ["minutes_scheduled"]


def test_minutes_that_only_visits_that_took_place_have_were_attended():
    assert list(told("Duration", [("Kept", 52), ("No Show", 0), ("Cancelled by Client", "")])) == ["minutes_attended"]


@pytest.mark.parametrize("minutes", [("60", "45"), ("60 min", "45 min")])
def test_where_no_visit_was_missed_a_person_is_asked_which_minutes_they_are(minutes):
    [line] = told("Minutes", [("Kept", one) for one in minutes]).values()
    assert line.startswith("# minutes_scheduled = ")
    assert "scheduled, or minutes_attended?" in line


def test_a_column_called_scheduled_or_after_the_appointment_needs_no_visit_to_say_so():
    assert told("Scheduled Minutes", [("Kept", 60)])["minutes_scheduled"].startswith("minutes_scheduled = ")
    assert told("Appt Length", [("Kept", 60)])["minutes_scheduled"].startswith("minutes_scheduled = ")


def test_nobody_is_asked_whether_minutes_are_attended_where_another_column_holds_those():
    """The question's answer would have been a second line of the same name."""
    beside = told("Duration", [("Kept", 60)], minutes_attended=column("Minutes in session", [52]))
    assert [line.split(" ")[0] for line in beside.values()] == ["minutes_scheduled", "minutes_attended"]
