"""Small drawn studies for the quality page: members of measures by quarter, counted, released and told."""

import re
from types import MappingProxyType, SimpleNamespace

import duckdb

from pipeline.analysis.described.measures import counted_rows, definition_rows
from pipeline.analysis.headline import Asking
from pipeline.report.disclosure.gate import Tables, release
from pipeline.report.edition import edition
from pipeline.report.released import Released
from pipeline.report.watching.look_first import look_first
from pipeline.results import Result
from pipeline.warehouse.build import table_queries
from tests.unit.analysis.made_records import study

COLUMNS = (
    "measure STRING, instrument_id STRING, at_day INTEGER, arm STRING, site STRING, payer STRING, race_ethnicity STRING,"
    " period STRING, month STRING, period_too_late STRING, month_too_late STRING, observable BOOLEAN, in_denominator BOOLEAN,"
    " events INTEGER, chances INTEGER"
)
SCORES = "CREATE TABLE measure_scores AS SELECT * FROM (VALUES ('PHQ9', 90, 60, 120, 5.0), ('GAD7', 90, 60, 120, 5.0))"
NAMES = " AS scores(instrument_id, at_day, window_from, window_to, followup_score)"
QUARTERS = tuple(f"{year}Q{quarter}" for year in (2024, 2025) for quarter in (1, 2, 3, 4))
ARM = "outpatient"


def quarters(*counts, site="s1", **named):
    """One quarter after another: (how many counted, of how many)."""
    first = len(QUARTERS) - len(counts)
    return [
        {"period": QUARTERS[first + i], "counted": counted, "asked": asked, "site": site} | named
        for i, (counted, asked) in enumerate(counts)
    ]


def drawn(folder, parts, *, measure, scale="", day=0, visits=1):
    """The released study of one measure at one level.

    parts: quarters of people; visits: chances that each person had, of which the counted ones are spread evenly.
    """
    con = duckdb.connect()
    con.execute(f"CREATE TABLE measure_members ({COLUMNS})")
    con.execute(f"CREATE VIEW measure_cells AS {table_queries()['measure_cells']}")
    con.execute(SCORES + NAMES)
    for part in parts:
        con.execute(
            "INSERT INTO measure_members SELECT $measure, $scale, $day, $arm, $site, 'medicaid', 'WHITE', $period, NULL,"
            " '9999', NULL, TRUE, TRUE, CASE WHEN $visits = 1 THEN CASE WHEN i < $counted THEN 1 ELSE 0 END"
            " ELSE (i + 1) * $counted * $visits // $asked - i * $counted * $visits // $asked END, $visits FROM RANGE($asked) AS people(i)",
            {"measure": measure, "scale": scale, "day": day, "arm": ARM, "visits": visits} | part,
        )
    own = study(folder)
    arms = tuple(dict.fromkeys(part.get("arm", ARM) for part in parts))
    asking = Asking(con, SimpleNamespace(arms=arms), own, [])
    card = {"question": "M", "analysis": "scorecard", "measure": "starts", "n": 5000, "unit": "people"}
    found = [*(Result(arm=arm, **card) for arm in arms), *counted_rows(asking), *definition_rows(asking)]
    tables = release(Tables(results=tuple(found)), own.disclosure)
    return Released(own, tables, MappingProxyType({"title": "drawn"}), "drawn")


def told(released, period=""):
    """What stands in Look here first, without its markup."""
    html = look_first(released, edition(released, period)).html
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()
