"""Answers of the example study to some of the fifteen questions: described, claimed, open, hidden, refused; the others
are not asked."""

from collections.abc import Iterator

from pipeline.analysis.headline import headline, naive_twin, refused
from pipeline.results import Result

NO_COSTS = "no costs are recorded; export costs.csv with one kind of amount and its price year"


def claim_rows() -> Iterator[Result]:
    """One headline row a question, and its careless count where there is one."""
    hours = headline(
        "C1",
        arm="iop",
        measure="attended_hours",
        unit="hours",
        target="observed",
        estimate=10.4,
        low=10.1,
        high=10.7,
        n=968,
        verdict="descriptive only",
        gate="passed",
    )
    yield hours
    yield naive_twin(
        hours,
        estimator="mean of scheduled hours",
        why="Hours on the schedule count the visits that were missed.",
        estimate=12.9,
        low=12.7,
        high=13.1,
        n=968,
    )
    yield refused(
        headline("C7", arm="iop", reference="inpatient", measure="cost_difference", day=180, unit="USD"),
        "descriptive only",
        NO_COSTS,
    )
    yield naive_twin(
        refused(
            headline("C7", arm="iop", reference="inpatient", measure="cost_difference", day=180, unit="USD"),
            "descriptive only",
            NO_COSTS,
        ),
        estimator="unadjusted",
        why="It counts the first stay only.",
    )
    yield headline(
        "C3",
        arm="iop",
        reference="outpatient",
        outcome="phq9_day90",
        measure="rmst_difference",
        unit="days",
        target="overlap",
        estimate=-6.2,
        low=-11.0,
        high=-1.4,
        n=640,
        n_reference=1301,
        verdict="better",
        gate="passed",
    )
    yield headline(
        "C10",
        arm="iop",
        stratum="trauma track",
        measure="remitted",
        unit="share",
        target="observed",
        estimate=0.5,
        numerator=6,
        denominator=12,
        n=12,
        verdict="exploratory",
        gate="passed",
    )
