"""Table 1 of the example study: a number, a share, and a category that is too small to show."""

from collections.abc import Iterator

from pipeline.analysis.described.table_one import ANALYSIS, FEW
from pipeline.results import Result

NUMBERS = {
    ("iop", "observed"): (15.6, 5.1),
    ("inpatient", "observed"): (18.4, 5.2),
    ("iop", "overlap"): (17.0, 4.9),
    ("inpatient", "overlap"): (17.0, 5.0),
}
SHARES = {
    ("iop", "observed"): 0.34,
    ("inpatient", "observed"): 0.41,
    ("iop", "overlap"): 0.38,
    ("inpatient", "overlap"): 0.37,
}
SIZES = {
    ("iop", "observed"): 668,
    ("inpatient", "observed"): 284,
    ("iop", "overlap"): 240.0,
    ("inpatient", "overlap"): 212.0,
}


def table_rows() -> Iterator[Result]:
    """Two groups, as they came and as weighted."""
    for (arm, target), (mean, spread) in NUMBERS.items():
        where = {
            "question": "C2",
            "analysis": ANALYSIS,
            "outcome": "phq9_day90",
            "day": 0,
            "arm": arm,
            "target": target,
            "estimator": "described",
        }
        size = SIZES[arm, target]
        if target == "observed":
            yield Result(**where, measure="people", unit="people", n=int(size))
        else:
            yield Result(**where, measure="effective_people", unit="people", estimate=size)
        yield Result(**where, measure="mean", unit="points", stratum="PHQ-9 at start", estimate=mean)
        yield Result(**where, measure="sd", unit="points", stratum="PHQ-9 at start", estimate=spread)
        yield Result(**where, measure="share", unit="share", stratum="Substance use", estimate=SHARES[arm, target])
        yield Result(**where, measure="share", unit="share", stratum="Race and ethnicity: HISP", reason=FEW)
