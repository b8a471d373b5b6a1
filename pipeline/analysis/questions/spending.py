"""What C7 reads: amounts by person and span of days, for how long they are known, and why they may not be added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.analysis.cohort import Records, count_arms, with_first_baseline
from pipeline.analysis.headline import Asking
from pipeline.results import AttritionStep
from pipeline.study import Study, main_outcome

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Spending:
    """Costs of the people of the analysis set, or why there are none.

    people    one row per episode_id: linked, known_days, died, possible_days, index_amount
    amounts   (people, spans) what was spent in each span of days
    ends      (spans,) the day each span closes on
    currency  as in the records; words for pages
    about     kind, perspective and price year of the amounts, in words
    refusal   why nothing can be added up; empty where it can
    """

    people: pd.DataFrame
    amounts: pd.DataFrame
    ends: Array
    currency: str
    about: str
    refusal: str


def read_spending(asking: Asking) -> Spending:
    """The cost tables of the warehouse."""
    con, study = asking.warehouse, asking.study
    people = con.execute(
        "SELECT episode_id, linked, known_days, died, possible_days, index_amount FROM cost_set ORDER BY episode_id"
    ).df()
    long = con.execute("SELECT episode_id, ends, amount FROM cost_days ORDER BY episode_id, ends").df()
    ends = np.array(
        [row[0] for row in con.execute("SELECT ends FROM cost_interval ORDER BY ends").fetchall()], dtype=np.int64
    )
    amounts = long.pivot(index="episode_id", columns="ends", values="amount").reindex(columns=ends).fillna(0.0)
    used = con.execute(
        "SELECT DISTINCT amount_kind, currency FROM cost_kinds WHERE used ORDER BY amount_kind"
    ).fetchall()
    years = con.execute("SELECT MAX(price_year) FROM cost_kinds WHERE used").fetchall()[0][0]
    refusal = not_added_up(con, study)
    currency = str(used[0][1]) if used else study.cost.currency or "currency"
    about = (
        f"amounts {SAID[used[0][0]]}, from the view of the {study.cost.perspective}, at prices of "
        f"{study.cost.price_year or years}"
        if used
        else ""
    )
    return Spending(people, amounts, ends, currency, about, refusal)


SAID = {
    "paid": "paid",
    "allowed": "allowed",
    "charge": "charged",
    "cost": "that care cost to produce",
    "standard_price": "at standard prices",
}


def not_added_up(con: duckdb.DuckDBPyConnection, study: Study) -> str:
    """Which choice or which records would let costs be added up; empty where they are."""
    chosen = study.cost
    if con.execute("SELECT COUNT(*) FROM cost_kinds WHERE used").fetchall()[0][0]:
        return ""
    asked = con.execute(
        """SELECT COUNT(DISTINCT amount_kind), COUNT(DISTINCT currency), COUNT(DISTINCT price_year), COUNT(*)
                           FROM cost_kinds WHERE asked"""
    ).fetchall()[0]
    there = con.execute("SELECT COUNT(*) FROM cost_kinds").fetchall()[0][0]
    if not there:
        return "no costs are in the records; export what was paid for each service as costs.csv"
    if not asked[3]:
        return (
            f"none of the amounts in the records is as study.toml [cost] asks (perspective {chosen.perspective}"
            + (f", amount_kind {chosen.amount_kind}" if chosen.amount_kind else "")
            + (f", currency {chosen.currency}" if chosen.currency else "")
            + "); change the choice or export those amounts"
        )
    if asked[0] > 1:
        return (
            "amounts of different kinds (such as paid and charged) are never added up; name one in study.toml [cost]"
            " amount_kind"
        )
    if asked[1] > 1:
        return "amounts in different currencies are never added up; name one in study.toml [cost] currency"
    return (
        f"{years_of(con)}, and amounts of different price years are added up only at the prices of one: give study.toml"
        " [cost] price_year and a price_index with the level of each of these years, such as the yearly averages of the"
        " consumer price index for medical care (in the United States by the Bureau of Labor Statistics) or the"
        " deflator of personal health care (Centers for Medicare & Medicaid Services)"
    )


def years_of(con: duckdb.DuckDBPyConnection) -> str:
    """Of which price years the amounts are."""
    found = con.execute("SELECT DISTINCT price_year FROM cost_kinds WHERE asked ORDER BY price_year").fetchall()
    word = "year" if len(found) == 1 else "years"
    return f"the amounts are of the price {word} {' and '.join(str(year) for (year,) in found)}"


@dataclass(frozen=True, slots=True)
class SpendingOf:
    """The people of one comparison of cost over one period.

    people  frame with outcome: the cost over the period where it is known to its end, missing elsewhere
    money   (n, spans) amounts within the period; ends (spans,)
    last    (n,) last day with known costs; died (n,)
    effect  (n,) 1 where reliably improved on the study's main outcome, nan where not observed; None where there is no
            outcome
    """

    people: pd.DataFrame
    money: Array
    ends: Array
    last: Array
    died: Array
    effect: Array | None
    steps: tuple[AttritionStep, ...]


def people_of(records: Records, spending: Spending, study: Study, arms: tuple[str, ...], days: int) -> SpendingOf:
    """Everybody who started at one of the two levels early enough for the period to end within the data, with a score
    at the start where the study has one; nobody is left out for leaving early, for spending nothing, or for leaving the
    records."""
    everybody = records.people[records.people["arm"].isin(arms)]
    label = f"cost_day{days}: {' and '.join(arms)}"
    steps = count_arms(everybody, arms, label, 0, "people who started at one of these levels", None)
    possible = everybody["episode_id"].map(spending.people.set_index("episode_id")["possible_days"])
    too_late = (possible < days).fillna(False).astype(bool)  # nobody, where days have no common calendar
    frame = everybody[~too_late]
    steps += count_arms(
        frame, arms, label, 1, f"left out: they started less than {days} days before the data end", everybody
    )
    effect = None
    scale = main_outcome(study)
    if scale is not None:
        outcome = records.scores[records.scores["outcome"] == records.main_outcome].set_index("episode_id")
        before = with_first_baseline(frame, records)
        frame = before[before["baseline_score"].notna()].reset_index(drop=True)
        sentence = f"left out: no {scale.instrument} score was taken at the start"
        steps += count_arms(frame, arms, label, 2, sentence, before)
        improved = outcome["reliably_improved"].astype("Float64").where(outcome["observed"].fillna(False).astype(bool))
        effect = frame["episode_id"].map(improved).astype("float64").to_numpy()
    known = spending.people.set_index("episode_id").reindex(frame["episode_id"])
    ends = spending.ends[spending.ends <= days]
    money = spending.amounts.reindex(frame["episode_id"])[list(ends)].fillna(0.0).to_numpy(dtype=np.float64)
    last = known["known_days"].fillna(0).to_numpy(dtype=np.float64)
    died = known["died"].fillna(False).to_numpy(dtype=bool)
    total = np.where(died | (last >= days), money.sum(axis=1), np.nan)
    index_amount = known["index_amount"].to_numpy(dtype=np.float64)
    return SpendingOf(
        frame.assign(outcome=total, index_amount=index_amount), money, ends, last, died, effect, tuple(steps)
    )
