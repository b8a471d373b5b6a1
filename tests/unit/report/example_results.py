"""A small study with every kind of result: a contrast that passed, one that is open, one withheld, curves, flows and
small groups."""

import json
from collections.abc import Iterator
from math import sqrt
from pathlib import Path

import duckdb

from pipeline.results import RESULT_TABLES, AttritionStep, CurvePoint, Diagnostic, FigurePoint, Result, table_columns
from pipeline.study_toml.file import load_study
from tests.unit.report.example_claims import claim_rows
from tests.unit.report.example_figures import figure_rows
from tests.unit.report.example_measures import measure_rows
from tests.unit.report.example_table_one import table_rows

DESCRIPTIVE = "descriptive only"
STARTS = {"outpatient": 1874, "iop": 968, "php": 131, "inpatient": 412}
START_SCORE = {"outpatient": 13.1, "iop": 15.6, "php": 17.2, "inpatient": 18.4}
CHANGE = {"outpatient": 3.9, "iop": 5.4, "php": 6.1, "inpatient": 7.2}
LEAVING = {"outpatient": 0.0052, "iop": 0.0035, "php": 0.0042, "inpatient": 0.0039}
ENDINGS = {
    "completed": 0.40,
    "transferred": 0.13,
    "dropped out": 0.37,
    "ended by program": 0.05,
    "died": 0.002,
    "other or unknown": 0.048,
}
NO_COMPARABLE, STILL_DIFFERS = "no comparable patients", "Suicide risk still differs between the groups after weighting"
SENTENCE = "Holds for these sites only: too few of them offer both levels to speak for others."
STUDY_TOML = """[study]
name = "example"
synthetic = true
[arms]
outpatient = ["OP"]
iop = ["IOP"]
php = ["PHP"]
inpatient = ["RES", "IP"]
[[outcomes]]
name = "phq9_day90"
margin = 1.0
comparator_effect = 2.0
"""
NO_SCORES_TOML = """outcomes = []
[study]
name = "noscores"
regime = "relative-days"
[arms]
outpatient = ["OP"]
inpatient = ["IP"]
[comparison]
contrasts = [["outpatient", "inpatient"]]
primary = ["outpatient", "inpatient", "retained_day90"]
"""


def share(part: int, whole: int, **where: object) -> Result:
    p = part / whole
    middle, half = (
        (p + 1.92 / whole) / (1 + 3.84 / whole),
        1.96 * sqrt(p * (1 - p) / whole + 0.96 / whole**2) / (1 + 3.84 / whole),
    )
    base = {"question": "M", "analysis": "scorecard", "unit": "share", "target": "observed", "verdict": DESCRIPTIVE}
    return Result(
        **(base | where),
        estimate=p,
        low=middle - half,
        high=middle + half,
        n=whole,
        numerator=part,
        denominator=whole,
        events=part,
    )


def scorecard(arm: str, scores: bool) -> Iterator[Result]:
    n = STARTS[arm]
    where = {"question": "M", "analysis": "scorecard", "arm": arm, "target": "observed", "verdict": DESCRIPTIVE}
    yield Result(**where, measure="starts", unit="people", n=n)
    if scores:
        placed = where | {"outcome": "phq9_day90", "day": 90}
        measured = round(n * 0.71)
        yield share(round(n * START_SCORE[arm] / 120), n, arm=arm, measure="high_risk", note="by CSSRS")
        yield Result(
            **(placed | {"day": 0}),
            measure="baseline_mean",
            unit="points",
            n=n - 4,
            estimate=START_SCORE[arm],
            se=0.2,
            low=START_SCORE[arm] - 0.4,
            high=START_SCORE[arm] + 0.4,
        )
        yield share(measured, n, **placed, measure="observed")
        yield Result(
            **placed,
            measure="mean_change",
            unit="points",
            n=measured,
            estimate=CHANGE[arm],
            raw_estimate=-CHANGE[arm],
            se=0.25,
            low=CHANGE[arm] - 0.5,
            high=CHANGE[arm] + 0.5,
        )
        yield share(round(measured * CHANGE[arm] / 13), measured, **placed, measure="reliably_improved")
        yield share(round(measured * 0.07), measured, **placed, measure="reliably_deteriorated")
    for day in (30, 60, 90):
        still = round(n * (1 - LEAVING[arm]) ** day)
        yield share(still, n, **where, measure="retained", day=day)
        yield share(round(still * 0.8), n, **where, measure="retained", day=day, stratum="level started")
        yield share(round((n - still) * 0.5), n, **where, measure="dropped_out", day=day)
    if arm == "inpatient":
        yield share(44, 301, **where, measure="readmitted", day=30, population="stays")


def retention(arm: str) -> Iterator[Result | CurvePoint]:
    n, days = STARTS[arm], range(0, 181, 7)
    where = {
        "question": "C4",
        "analysis": "retention",
        "arm": arm,
        "target": "observed",
        "verdict": DESCRIPTIVE,
        "n": n,
    }
    placed = where | {"measure": "survival", "unit": "share", "estimator": "Kaplan-Meier"}

    def left(day: int) -> int:
        return n - round(n * (1 - LEAVING[arm]) ** day)

    for day in (30, 60, 90):
        row = Result(
            **placed,
            day=day,
            estimate=1 - left(day) / n,
            se=0.01,
            low=0.97 - left(day) / n,
            high=1 - 0.97 * left(day) / n,
            events=left(day),
        )
        yield row
    for day in days:
        s = 1 - left(day) / n
        yield CurvePoint(
            result_id=row.result_id,
            arm=arm,
            state="in care",
            day=day,
            estimate=s,
            low=max(0, s - 1.96 * sqrt(s * (1 - s) / n)),
            high=min(1, s + 1.96 * sqrt(s * (1 - s) / n)),
            at_risk=n - left(max(day - 1, 0)),
            events=left(day),
        )
    yield Result(
        **where,
        measure="median_care_days",
        unit="days",
        estimator="Kaplan-Meier",
        estimate=168.0,
        low=160.0,
        high=175.0,
    )
    for state, part in ENDINGS.items():
        row = Result(
            **where,
            measure="cumulative_incidence",
            unit="share",
            estimator="Aalen-Johansen",
            stratum=state,
            day=90,
            estimate=part * left(90) / n,
            se=0.01,
            low=0.9 * part * left(90) / n,
            high=1.1 * part * left(90) / n,
            events=round(part * left(90)),
        )
        yield row
        for day in days:
            yield CurvePoint(
                result_id=row.result_id,
                arm=arm,
                state=state,
                day=day,
                estimate=part * left(day) / n,
                at_risk=n - left(max(day - 1, 0)),
                events=round(part * left(day)),
            )


def contrast(
    outcome: str, arm: str, reference: str, numbers: tuple[float, ...], verdict: str, naive: tuple[float, ...]
) -> Iterator[Result]:
    score = outcome.startswith("phq9")
    estimate, low, high = numbers
    row = Result(
        question="C2" if score else "C4",
        analysis="like_for_like",
        outcome=outcome,
        day=90,
        arm=arm,
        reference=reference,
        measure="difference" if score else "risk_difference",
        unit="points" if score else "share",
        target="overlap",
        estimator="augmented",
        margin=1.0 if score else None,
        gate="passed",
        verdict=verdict,
        note=SENTENCE,
        estimate=estimate,
        raw_estimate=-estimate if score else estimate,
        se=(high - low) / 3.92,
        low=low,
        high=high,
        n=round(STARTS[arm] * 0.69),
        n_reference=round(STARTS[reference] * 0.69),
        ess=211.4,
        population=f"people who could have started in either {arm} or {reference}",
    )
    yield row
    yield Result(
        question=row.question,
        analysis="as_observed",
        outcome=outcome,
        day=90,
        arm=arm,
        reference=reference,
        measure=row.measure,
        unit=row.unit,
        target="observed",
        estimator="unadjusted",
        verdict=DESCRIPTIVE,
        twin_of=row.result_id,
        estimate=naive[0],
        raw_estimate=-naive[0],
        low=naive[1],
        high=naive[2],
        n=round(STARTS[arm] * 0.71),
        n_reference=round(STARTS[reference] * 0.71),
    )
    aside = {
        "question": row.question,
        "analysis": "sensitivity",
        "outcome": outcome,
        "day": 90,
        "arm": arm,
        "reference": reference,
        "twin_of": row.result_id,
        "target": "overlap",
        "estimator": "augmented",
    }
    yield Result(
        **aside,
        measure="detectable_difference",
        unit=row.unit,
        estimate=(high - low) * 0.71,
        note="with a chance of 80 %",
    )
    if score:
        yield Result(**aside, measure="e_value", unit="risk ratio", estimate=1.46, low=1.0)
        yield Result(**aside, measure="strongest_measured", unit="risk ratio", estimate=1.31, stratum="baseline_score")


def refused(outcome: str, arm: str, reference: str, verdict: str, reason: str) -> Iterator[Result]:
    score = outcome.startswith("phq9")
    row = Result(
        question="C2" if score else "C4",
        analysis="like_for_like",
        outcome=outcome,
        day=90,
        arm=arm,
        reference=reference,
        measure="difference" if score else "risk_difference",
        unit="points" if score else "share",
        target="overlap",
        estimator="augmented",
        gate="withheld",
        verdict=verdict,
        reason=reason,
    )
    yield row
    yield Result(
        question=row.question,
        analysis="as_observed",
        outcome=outcome,
        day=90,
        arm=arm,
        reference=reference,
        measure=row.measure,
        unit=row.unit,
        target="observed",
        estimator="unadjusted",
        verdict=verdict,
        gate="withheld",
        reason=reason,
        twin_of=row.result_id,
    )


def diagnostics(result_id: str, arms: tuple[str, str]) -> Iterator[Diagnostic]:
    for label, before, after in (
        ("PHQ-9 at start", 0.62, 0.01),
        ("Suicide risk", 0.55, 0.03),
        ("Function", 0.41, 0.02),
        ("Age", 0.12, 0.05),
        ("Medicaid", 0.22, 0.04),
        ("Substance use", 0.31, 0.06),
        ("Site 3", 0.18, 0.02),
    ):
        yield Diagnostic(
            result_id=result_id,
            check="balance",
            covariate=label,
            before=before,
            after=after,
            threshold=0.2,
            passed=True,
        )
    for arm in arms:
        yield Diagnostic(
            result_id=result_id,
            check="observed_share",
            arm=arm,
            covariate="share with the outcome measured",
            after=0.71,
            threshold=0.2,
            passed=True,
        )
        yield Diagnostic(
            result_id=result_id,
            check="overlap",
            arm=arm,
            covariate="share who could plausibly have started at the other level",
            after=0.56,
            threshold=0.2,
            passed=True,
        )
        yield Diagnostic(
            result_id=result_id,
            check="effective_size",
            arm=arm,
            covariate="effective sample after all weights",
            after=211.4,
            threshold=30.0,
            passed=True,
        )
    yield Diagnostic(
        result_id=result_id, check="sites", covariate="sites with both levels", after=5.0, threshold=6.0, passed=False
    )


def points(arms: tuple[str, ...], overlap_of: str) -> Iterator[FigurePoint]:
    for arm in arms:
        n = STARTS[arm]
        parts = {"Completed": 0.4, "Left early": 0.35, "Stepped down": 0.12, "Stepped up": 0.06, "Still in care": 0.05}
        for label, part in parts.items():
            yield FigurePoint(figure="pathways", series=arm, n=round(n * part), label=label)
        yield FigurePoint(
            figure="pathways", series=arm, n=n - sum(round(n * p) for p in parts.values()), label="Not known"
        )
        quarters = [round(n * p) for p in (0.26, 0.23, 0.27)]
        for period, count in zip(("2025Q1", "2025Q2", "2025Q3", "2025Q4"), [*quarters, n - sum(quarters)], strict=True):
            yield FigurePoint(figure="quarter_starts", series=arm, y=float(count), n=count, label=period)
    for arm, tilt in (("iop", -1), ("inpatient", 1)) if overlap_of else ():
        shares = [0.05, 0.08, 0.12, 0.15, 0.16, 0.15, 0.12, 0.09, 0.06, 0.02][::tilt]
        for i, y in enumerate(shares):
            yield FigurePoint(
                result_id=overlap_of, figure="overlap", series=arm, x=0.05 + 0.1 * i, y=y, n=round(600 * y)
            )
    for table, read, quarantined, duplicates in (
        ("patients", 4012, 0, 0),
        ("sessions", 81234, 154, 61),
        ("assessments", 23011, 23, 7),
    ):
        for label, n in (
            ("read", read),
            ("kept", read - quarantined - duplicates),
            ("quarantined", quarantined),
            ("duplicates", duplicates),
            ("forgotten", 0),
        ):
            yield FigurePoint(figure="data_quality", series=table, n=n, label=label)
    yield FigurePoint(figure="breach_error", series="sessions", n=154, label="the patient is not in patients")
    yield FigurePoint(figure="breach_warning", series="assessments", n=9, label="the score lies outside the scale")


def attrition(arms: tuple[str, ...]) -> Iterator[AttritionStep]:
    total = sum(STARTS[arm] for arm in arms)
    yield AttritionStep(
        analysis="all people", step=0, sentence="people with any record", n_left=total + 641, n_removed=0
    )
    yield AttritionStep(
        analysis="all people",
        step=1,
        sentence="left out: no attended service at a compared level",
        n_left=total + 400,
        n_removed=241,
    )
    for arm in arms:
        yield AttritionStep(
            analysis="all people",
            step=2,
            sentence="left out: treated in the 60 days before",
            arm=arm,
            n_left=STARTS[arm] + 7 * (arm == "php"),
            n_removed=400 // len(arms),
        )
        yield AttritionStep(
            analysis="all people",
            step=3,
            sentence="left out: under 12 years old",
            arm=arm,
            n_left=STARTS[arm],
            n_removed=7 * (arm == "php"),
        )


def rows(scores: bool) -> list[object]:
    arms = tuple(STARTS) if scores else ("outpatient", "inpatient")
    made: list[object] = [row for arm in arms for row in scorecard(arm, scores)] + [
        row for arm in arms for row in retention(arm)
    ]
    overlap_of = ""
    if scores:
        asked = [
            *contrast(
                "phq9_day90",
                "iop",
                "inpatient",
                (-0.16, -0.71, 0.39),
                "not worse by more than the margin",
                (-1.8, -2.4, -1.2),
            ),
            *contrast("phq9_day90", "iop", "outpatient", (0.42, -0.31, 1.15), "inconclusive", (1.5, 1.1, 1.9)),
            *contrast("retained_day90", "iop", "inpatient", (0.051, 0.008, 0.094), "exploratory", (0.03, -0.02, 0.08)),
            *contrast(
                "dropped_out_day90", "iop", "outpatient", (-0.061, -0.11, -0.012), "better", (-0.08, -0.12, -0.04)
            ),
            *refused("reliable_phq9_day90", "iop", "inpatient", NO_COMPARABLE, STILL_DIFFERS),
            *refused("retained_day90", "iop", "outpatient", NO_COMPARABLE, STILL_DIFFERS),
        ]
        asked += claim_rows()
        overlap_of = asked[0].result_id
        made += [*asked, *figure_rows(), *table_rows(), *measure_rows(), *diagnostics(overlap_of, ("iop", "inpatient"))]
    else:
        for outcome in ("dropped_out_day90", "retained_day90"):
            made += refused(
                outcome,
                "outpatient",
                "inpatient",
                DESCRIPTIVE,
                "level and site cannot be separated: too few people were treated at "
                "sites that offer both levels (at least 20 % are needed)",
            )
    return [*made, *attrition(arms), *points(arms, overlap_of)]


def write_example(folder: Path, scores: bool = True) -> Path:
    """A study folder with study.toml and results.duckdb as the analysis would leave it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(STUDY_TOML if scores else NO_SCORES_TOML)
    (folder / "results.duckdb").unlink(missing_ok=True)
    made = rows(scores)
    con = duckdb.connect(str(folder / "results.duckdb"))
    for name, kind in RESULT_TABLES.items():
        columns = table_columns(kind)
        declared = ", ".join(f'"{column}" {sql}' for column, sql in columns.items())
        con.execute(f"CREATE TABLE {name} ({declared})")
        kept = [[getattr(row, column) for column in columns] for row in made if isinstance(row, kind)]
        if kept:
            one = f"({', '.join('?' * len(columns))})"  # one statement: a row at a time takes seconds
            con.execute(
                f"INSERT INTO {name} VALUES {', '.join([one] * len(kept))}", [value for row in kept for value in row]
            )
    study = load_study(folder)
    manifest = {
        "study_name": study.name,
        "title": study.study.title,
        "regime": study.study.regime,
        "synthetic": study.study.synthetic,
        "calendar": scores,
        "data_from": "2025-01-01" if scores else "",
        "data_to": "2026-06-30" if scores else "",
        "study_json": study.as_json(),
        "study_hash": "5d" * 32,
        "inputs_hash": "a1" * 32,
        "code_version": "0.1.0",
        "code_hash": "c0" * 32,
        "schema_version": 1,
        "seed": 20260101,
        "packages": json.dumps({"duckdb": "2.0", "numpy": "2.3"}),
        "started": "2026-07-02T08:00:00Z",
        "seconds": json.dumps({"ingest": 1.0}),
        "frozen": "2026-06-30" if scores else "",
        "amendments": 0,
        "as_frozen": scores,
        "before_outcomes": scores,
        "sites": 12,
        "episodes": 3385,
        "rows_read": 108257,
        "rows_quarantined": 177,
    }
    con.execute(f"CREATE TABLE manifest ({', '.join(f'{k} {sql_type(v)}' for k, v in manifest.items())})")
    con.execute(f"INSERT INTO manifest VALUES ({', '.join('?' * len(manifest))})", list(manifest.values()))
    con.close()
    return folder


def sql_type(value: object) -> str:
    return {bool: "BOOLEAN", int: "BIGINT"}.get(type(value), "VARCHAR")
