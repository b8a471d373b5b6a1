"""Who is here and where people went: attrition in sentences, care pathways, and what arrived in the files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.analysis.cohort import MIN_STARTS, Records
from pipeline.analysis.headline import Asking
from pipeline.results import AttritionStep, FigurePoint
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb

ALL = "all people"
ENDED = {
    "completed": "Completed",
    "transferred": "Moved to other care",
    "dropped_out": "Left early",
    "ama": "Left early",
    "terminated": "Ended by the program",
    "died": "Ended for another reason",
}
OTHERWISE = "Ended for another reason"
MOVED = {
    "step_down": "Stepped down",
    "step_up": "Stepped up",
    "lateral": "Moved to other care",
    "transfer": "Moved to other care",
}


def overall_attrition(records: Records, study: Study) -> Iterator[AttritionStep]:
    """From everybody with a record to the people compared, one reason a step."""
    for row in records.flow.itertuples():
        yield AttritionStep(
            ALL, int(row.step), str(row.sentence), str(row.arm or ""), int(row.n_left), int(row.n_removed)
        )
    last = int(records.flow["step"].max()) if len(records.flow) else 0
    present = records.flow[records.flow["step"] == last].set_index("arm")["n_left"]
    for arm in study.arms:
        if arm not in records.arms:
            there = int(present.get(arm, 0))
            yield AttritionStep(ALL, last + 1, f"left out: {arm} has fewer than {MIN_STARTS} starts", arm, 0, there)


def pathways(con: duckdb.DuckDBPyConnection, records: Records) -> Iterator[FigurePoint]:
    """What followed each person's index episode within the chain window: the next level, or how it ended."""
    frame = con.execute("""
        SELECT a.episode_id, t.kind, e.ending, r.state
        FROM analysis_set AS a
        LEFT JOIN transitions AS t ON t.episode_id = a.episode_id
        LEFT JOIN endings AS e ON e.episode_id = a.episode_id
        LEFT JOIN retention_set AS r ON r.episode_id = a.episode_id""").df()
    frame = frame[frame["episode_id"].isin(records.people["episode_id"])]
    frame["arm"] = frame["episode_id"].map(records.people.set_index("episode_id")["arm"])
    frame["label"] = [
        destination(kind, ending, state)
        for kind, ending, state in zip(frame["kind"], frame["ending"], frame["state"], strict=True)
    ]
    for (arm, label), people in frame.groupby(["arm", "label"], sort=True):
        yield FigurePoint("", "pathways", str(arm), None, None, None, None, len(people), str(label))


def destination(kind: object, ending: object, state: object) -> str:
    """Where a person went after the index episode: the move wins over the recorded ending; still in care is said as
    such."""
    if kind in MOVED:
        return MOVED[str(kind)]
    if state == "in_care":
        return "Still in care"
    if ending in ENDED:
        return ENDED[str(ending)]
    return "Not known" if ending in (None, "unknown") or ending != ending else OTHERWISE


def quality_points(asking: Asking) -> Iterator[FigurePoint]:
    """Counts of what arrived, was kept and was set aside, by table; breaches in words; never a row."""
    con = asking.warehouse
    for table, read, kept, quarantined, duplicates, forgotten in con.execute("""
            SELECT "table", SUM(read), SUM(kept), SUM(quarantined), SUM(duplicates), SUM(forgotten)
            FROM staging.files GROUP BY "table" ORDER BY "table" """).fetchall():
        counts = {
            "read": read,
            "kept": kept,
            "quarantined": quarantined,
            "duplicates": duplicates,
            "forgotten": forgotten,
        }
        for label, n in counts.items():
            yield FigurePoint("", "data_quality", str(table), None, None, None, None, int(n or 0), label)
    for table, severity, sentence, n in con.execute("""
            SELECT "table", severity, sentence, SUM("count") FROM staging.breaches
            GROUP BY "table", severity, sentence ORDER BY 1, 2, 3""").fetchall():
        yield FigurePoint("", f"breach_{severity}", str(table), None, None, None, None, int(n), str(sentence))
