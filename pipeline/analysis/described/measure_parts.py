"""How the people of a measure are divided: by level, site, payer, race or ethnicity and period, among them the twelve
months to the end of a quarter.

Twelve months are four quarters that are all complete, for each measure its own latest ones: a 30-day measure is known
for a later quarter than a 90-day one.  Where the days have no calendar there are no quarters, and everybody stays
together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.periods import Grain, grain_of, half_named, quarter_named, quarter_number, twelve_months_to
from pipeline.results import ALL_LEVELS

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

YEAR = (  # of a quarter; a recorded year is a period of its own
    "CASE WHEN LENGTH(period) > 4 THEN SUBSTRING(period, 1, 4) END"
)
COUNTED = """
SELECT measure, instrument_id, at_day, arm, {by}, {complete} AS complete,
       {sums}
FROM measure_cells
GROUP BY ALL ORDER BY ALL
"""
ASKED = ["measure", "instrument_id", "at_day"]
SUMS = ["people", "events", "chances", "events_squared", "events_chances", "chances_squared"]
QUARTERS = "BOOL_AND(period_complete)"
# How the people of an arm are divided: the columns of each division, and when a part of it is complete.
DIVISIONS: dict[str, tuple[dict[str, str], str]] = {
    "all": ({}, "TRUE"),
    "period": ({"period": "period"}, QUARTERS),
    "year": ({"period": YEAR}, QUARTERS),
    "month": ({"period": "month"}, "BOOL_AND(month_complete)"),
    "site": ({"site": "site"}, "TRUE"),
    "payer": ({"payer": "payer"}, "TRUE"),
    "race_ethnicity": ({"stratum": "race_ethnicity"}, "TRUE"),
}
PARTS = ("site", "payer", "race_ethnicity")  # told of the latest twelve months, and of everybody where there are none


def counted(con: duckdb.DuckDBPyConnection, *divisions: str) -> pd.DataFrame:
    """Counts of every measure and arm, divided in these ways together; a part that nobody named is left out."""
    columns = {name: of for one in divisions for name, of in DIVISIONS[one][0].items()}
    complete = DIVISIONS[divisions[0]][1]
    sums = ", ".join(f"SUM({name}) AS {name}" for name in SUMS)
    by = ", ".join([f"{column} AS {name}" for name, column in columns.items()] or ["TRUE AS everybody"])
    frame = con.execute(COUNTED.format(by=by, complete=complete, sums=sums)).df()
    return frame.dropna(subset=list(columns))


def columns_of(division: str) -> list[str]:
    """The columns that name a part of a division."""
    return list(DIVISIONS[division][0])


def whole_quarters(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of quarters that are complete, with each quarter's number, and the first and last of its measure."""
    quarters = frame[frame["complete"].astype(bool) & frame["period"].map(grain_of).eq(Grain.QUARTER)].copy()
    quarters["number"] = quarters["period"].map(quarter_number).astype("int64")
    spans = quarters.groupby(ASKED)["number"]
    return quarters.assign(first=spans.transform("min"), last=spans.transform("max"))


def latest_year(quarters: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Counts of the twelve months to the end of the latest complete quarter of each measure with four; by: what else
    divides them.

    Only the latest: two rolling years that overlap would tell the difference of the two quarters that they do not
    share.
    """
    held = quarters[(quarters["number"] > quarters["last"] - 4) & (quarters["last"] - quarters["first"] >= 3)]
    found = held.groupby([*ASKED, "arm", *by, "last"], as_index=False)[SUMS].sum()
    named = [twelve_months_to(quarter_named(int(last))) for last in found["last"]]
    return found.assign(period=named, complete=True)


def halves(quarters: pd.DataFrame) -> pd.DataFrame:
    """Counts of each half-year both of whose quarters are complete."""
    inside = (quarters["number"] // 2 * 2 >= quarters["first"]) & (quarters["number"] // 2 * 2 + 1 <= quarters["last"])
    found = quarters[inside].assign(half=[half_named(int(n)) for n in quarters["number"][inside]])
    summed = found.groupby([*ASKED, "arm", "half"], as_index=False)[SUMS].sum()
    return summed.assign(period=summed["half"], complete=True)


def all_levels(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The same counts of all levels together."""
    return frame.groupby([*ASKED, *by], as_index=False)[SUMS].sum().assign(arm=ALL_LEVELS, complete=True)
