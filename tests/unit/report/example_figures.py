"""Marks of the example study's figures: curves, bands and cells, some of them of few people; a claim that nobody could
be compared for."""

from collections.abc import Iterator
from dataclasses import replace

from pipeline.analysis.headline import headline
from pipeline.results import CurvePoint, FigurePoint, Result, Verdict

NOBODY = "nobody in one of the arms is like these people"
DESCRIBED = {"target": "observed", "verdict": "descriptive only", "gate": "passed"}
STRATEGIES = ("IOP within 14 days", "no IOP within 14 days")


def figure_rows() -> Iterator[object]:
    """The answers that have figures, and their marks."""
    yield from sooner_marks("C3.claim.phq9_day90.iop-vs-outpatient.rmst_difference.overlap")
    yield from hours_marks("C1.claim.iop.hours_per_week.observed")
    yield from step_down()
    yield from tapering()
    yield from severity()
    yield from measured()
    yield from lasting()
    yield from stays()
    yield from placements()


def hours_marks(result_id: str) -> Iterator[FigurePoint]:
    for week, (n, attended) in enumerate(((968, 10.4), (700, 9.8), (5, 3.3), (300, 9.1)), start=1):
        for series, hours in (("attended", attended), ("scheduled", attended + 2.0)):
            yield FigurePoint(result_id=result_id, figure="dose_by_week", series=series, x=float(week), y=hours, n=n)
            yield FigurePoint(
                result_id=result_id,
                figure="dose_by_period",
                series=series,
                x=float(week),
                y=hours,
                n=n + 50,
                label=f"2025Q{week}",
            )
    for site, weeks in (
        ("s01", {"below": 400, "within": 600, "above": 0}),
        ("s02", {"below": 90, "within": 160, "above": 4}),
    ):
        for band, n in weeks.items():
            yield FigurePoint(
                result_id=result_id, figure="dose_by_site", series=site, y=n / sum(weeks.values()), n=n, label=band
            )


def sooner_marks(result_id: str) -> Iterator[CurvePoint | FigurePoint]:
    for arm, n, pace in (("iop", 640, 0.012), ("outpatient", 1301, 0.009)):
        for day in (14, 28, 42, 56):
            share = pace * day
            yield CurvePoint(
                result_id=result_id,
                arm=arm,
                state="first reliable improvement",
                day=day,
                estimate=share,
                low=share - 0.03,
                high=share + 0.03,
                at_risk=n,
                events=round(n * share),
            )
        for week, people in ((2.0, 300), (4.0, 4), (6.0, 260), (8.0, 240)):
            yield FigurePoint(
                result_id=result_id,
                figure="trajectory_week",
                series=arm,
                x=week,
                y=0.8 * week,
                low=0.7 * week,
                high=0.9 * week,
                n=people,
            )
            yield FigurePoint(
                result_id=result_id,
                figure="trajectory_hours",
                series=arm,
                x=3.0 * week,
                y=0.8 * week,
                low=0.7 * week,
                high=0.9 * week,
                n=people,
            )


def step_down() -> Iterator[Result | CurvePoint]:
    arm, reference = STRATEGIES
    placed = {
        "outcome": "readmitted_day30",
        "day": 30,
        "unit": "share",
        "target": "combined",
        "estimator": "clone-censor-weight",
    }
    yield headline(
        "C6",
        **placed,
        arm=arm,
        reference=reference,
        measure="risk_difference",
        estimate=0.02,
        low=-0.03,
        high=0.06,
        n=578,
        n_reference=1285,
        verdict="inconclusive",
        gate="passed",
    )
    for one, pace in ((arm, 0.003), (reference, 0.0029)):
        row = Result(
            question="C6",
            analysis="strategies",
            measure="risk",
            **placed | {"outcome": "readmitted_day90", "day": 90},
            arm=one,
            estimate=90 * pace,
            low=85 * pace,
            high=95 * pace,
            n=1863,
            events=round(1863 * 90 * pace),
        )
        yield row
        for day in range(0, 85, 7):
            yield CurvePoint(
                result_id=row.result_id,
                arm=one,
                state="readmitted",
                day=day,
                estimate=day * pace,
                low=0.9 * day * pace,
                high=1.1 * day * pace,
                at_risk=1863,
                events=0 if day == 35 else round(1863 * day * pace),
            )


def tapering() -> Iterator[Result | FigurePoint]:
    row = headline(
        "C8",
        outcome="phq9_day90",
        arm="iop",
        measure="lower_next_week_difference",
        unit="weeks in 100",
        **DESCRIBED,
        estimate=1.2,
        low=-0.4,
        high=2.8,
        n=900,
    )
    yield row
    for group, people in (
        ("improved in weeks 1 and 2", (400, 300, 7)),
        ("not reliably improved in the stay", (500, 380, 200)),
    ):
        for week, n in enumerate(people, start=1):
            yield FigurePoint(
                result_id=row.result_id, figure="dose_response", series=group, x=float(week), y=10.0 - week, n=n
            )


def severity() -> Iterator[Result | FigurePoint]:
    row = headline(
        "C11",
        outcome="phq9_day90",
        day=90,
        arm="iop",
        reference="inpatient",
        measure="difference",
        unit="points",
        stratum="high suicide risk and psychosis",
        target="overlap",
    ).refused(Verdict.NO_COMPARABLE, NOBODY)
    yield row
    for score in range(12):
        if score < 4 or score == 7:
            yield FigurePoint(
                result_id=row.result_id,
                figure="effect_curve",
                series="no comparators",
                x=float(score),
                label="no comparators",
            )
            continue
        for series, half in (("each score", 1.0), ("whole curve", 1.6)):
            y = 0.1 * score - 0.5
            yield FigurePoint(
                result_id=row.result_id,
                figure="effect_curve",
                series=series,
                x=float(score),
                y=y,
                low=y - half,
                high=y + half,
                label="compared",
            )
    for arm, many in (("iop", 120), ("inpatient", 40)):
        for risk, share, n in (("no suicide risk", 0.6, many), ("high suicide risk", 0.1, 3)):
            for band, label in enumerate(("below 10", "of 10 or more")):
                yield FigurePoint(
                    result_id=row.result_id,
                    figure="positivity",
                    series=arm,
                    x=float(band),
                    y=share,
                    n=n,
                    label=f"{risk}; a PHQ9 {label} at the start",
                )


def measured() -> Iterator[Result | FigurePoint]:
    row = headline(
        "C12",
        outcome="phq9_day90",
        day=90,
        measure="measured_every_14_days",
        unit="share",
        **DESCRIBED,
        estimate=0.6,
        low=0.58,
        high=0.62,
        n=3000,
        events=1800,
        numerator=1800,
        denominator=3000,
    )
    yield row
    for month in range(1, 9):
        n = 12 if month == 5 else 100
        share = 11 / 12 if month == 5 else 0.6 + 0.01 * (month % 3)
        yield FigurePoint(
            result_id=row.result_id,
            figure="measured_iop",
            series="share",
            x=float(month),
            y=share,
            low=0.5,
            high=0.7,
            n=n,
            label=f"2025-0{month}",
        )
    yield FigurePoint(result_id=row.result_id, figure="measured_iop", series="center", y=0.61, label="first 8 periods")


def lasting() -> Iterator[Result]:
    placed = {"outcome": "phq9_day90", "unit": "share", "target": "observed", "verdict": "descriptive only"}
    yield headline(
        "C13",
        outcome="phq9_day90",
        day=180,
        arm="iop",
        reference="inpatient",
        measure="difference",
        unit="points",
        target="overlap",
        estimate=-0.4,
        low=-1.3,
        high=0.5,
        n=600,
        n_reference=260,
        verdict="inconclusive",
        gate="passed",
    )
    for arm, parts in (("iop", (160, 480, 328)), ("php", (21, 60, 50)), ("inpatient", (60, 200, 152))):
        first = Result(question="C13", analysis="durability", arm=arm, day=90, measure="in_remission", **placed)
        counts = zip(("in_remission", "not_in_remission", "remission_unknown"), parts, strict=True)
        for measure, n in counts:
            yield replace(
                first, measure=measure, numerator=n, denominator=sum(parts), n=sum(parts), estimate=n / sum(parts)
            )
        later = (57, 26, 77) if arm == "iop" else (parts[0] - 15, 3, 12)
        for measure, n in zip(("still_recovered", "relapsed", "recovery_unknown"), later, strict=True):
            yield replace(
                first,
                measure=measure,
                day=180,
                numerator=n,
                denominator=parts[0],
                n=parts[0],
                estimate=n / parts[0],
                twin_of=first.result_id,
            )


def stays() -> Iterator[Result | CurvePoint | FigurePoint]:
    where = {"arm": "iop", "stratum": "IOP"} | DESCRIBED
    yield headline(
        "C14",
        **where,
        measure="stays_of_weeks_to_months",
        day=120,
        unit="share",
        estimate=0.8,
        low=0.79,
        high=0.82,
        n=968,
    )
    row = Result(
        question="C14",
        analysis="stay_length",
        **where,
        measure="median_stay_days",
        unit="days",
        estimator="Kaplan-Meier",
        estimate=30.0,
        low=29.0,
        high=31.0,
        n=968,
    )
    yield row
    ended = (0, 100, 200, 300, 500, 700, 940, 944, 968)
    for week, events in enumerate(ended):
        left = 1 - events / 968
        yield CurvePoint(
            result_id=row.result_id,
            arm="iop",
            state="in care",
            day=7 * week,
            estimate=left,
            low=0.98 * left,
            high=min(1.0, 1.02 * left),
            at_risk=968 - events,
            events=events,
        )
        if week:
            n = events - ended[week - 1]
            yield FigurePoint(
                result_id=row.result_id,
                figure="stay_length",
                series="IOP",
                x=float(week),
                y=n / 968,
                n=n,
                label=f"week {week}",
            )


def placements() -> Iterator[Result | FigurePoint]:
    yield headline(
        "C15",
        outcome="phq9_day90",
        day=90,
        arm="as recommended",
        reference="less than recommended",
        measure="difference",
        unit="points",
        target="overlap",
        estimate=0.5,
        low=-0.1,
        high=1.1,
        n=900,
        n_reference=300,
        verdict="exploratory",
        gate="passed",
    )
    found = {"OP": {"OP": 800, "IOP": 90}, "IOP": {"OP": 120, "IOP": 700, "PHP": 60}, "PHP": {"IOP": 40, "PHP": 80}}
    for recommended, people in found.items():
        for received, n in people.items():
            yield FigurePoint(
                figure="placement_matrix", series=recommended, y=round(n / sum(people.values()), 2), n=n, label=received
            )
