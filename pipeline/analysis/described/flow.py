"""Who is here and where people went: attrition in sentences, care pathways, and what arrived in the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pipeline.analysis.cohort import MIN_STARTS
from pipeline.analysis.headline import Asking
from pipeline.endings import IN_CARE, pathway_of
from pipeline.results import AttritionStep, FigurePoint

ALL = "all people"
MOVED = {
    "step_down": "Stepped down",
    "step_up": "Stepped up",
    "lateral": "Moved to other care",
    "transfer": "Moved to other care",
}


def overall_attrition(asking: Asking) -> Iterator[AttritionStep]:
    """From everybody with a record to the people compared, one reason a step."""
    records = asking.records
    for row in records.flow.itertuples():
        yield AttritionStep(
            analysis=ALL,
            step=int(row.step),
            sentence=str(row.sentence),
            arm=str(row.arm or ""),
            n_left=int(row.n_left),
            n_removed=int(row.n_removed),
        )
    last = int(records.flow["step"].max()) if len(records.flow) else 0
    present = records.flow[records.flow["step"] == last].set_index("arm")["n_left"]
    for arm in asking.study.arms:
        if arm not in records.arms:
            there = int(present.get(arm, 0))
            yield AttritionStep(
                analysis=ALL,
                step=last + 1,
                sentence=f"left out: {arm} has fewer than {MIN_STARTS} starts",
                arm=arm,
                n_left=0,
                n_removed=there,
            )


def pathways(asking: Asking) -> Iterator[FigurePoint]:
    """What followed each person's index episode within the chain window: the next level, or how it ended."""
    counted = asking.warehouse.execute(
        """
        SELECT a.arm, t.kind, e.ending, r.state, COUNT(*)
        FROM analysis_set AS a
        LEFT JOIN transitions AS t ON t.episode_id = a.episode_id
        LEFT JOIN endings AS e ON e.episode_id = a.episode_id
        LEFT JOIN retention_set AS r ON r.episode_id = a.episode_id
        WHERE list_contains(?, a.arm) GROUP BY ALL""",
        [list(asking.records.arms)],
    ).fetchall()
    people: Counter[tuple[str, str]] = Counter()
    for arm, kind, ending, state, n in counted:
        people[arm, destination(kind, ending, state)] += n
    for (arm, label), n in sorted(people.items()):
        yield FigurePoint(figure="pathways", series=arm, n=n, label=label)


def destination(kind: object, ending: object, state: object) -> str:
    """Where a person went after the index episode: the move wins over the recorded ending; still in care is said as
    such."""
    if kind in MOVED:
        return MOVED[str(kind)]
    if state == IN_CARE:
        return "Still in care"
    return "Not known" if ending in (None, "unknown") else pathway_of(str(ending))


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
            yield FigurePoint(figure="data_quality", series=str(table), n=int(n or 0), label=label)
    for table, severity, sentence, n in con.execute("""
            SELECT "table", severity, sentence, SUM("count") FROM staging.breaches
            GROUP BY "table", severity, sentence ORDER BY 1, 2, 3""").fetchall():
        yield FigurePoint(figure=f"breach_{severity}", series=str(table), n=int(n), label=str(sentence))
