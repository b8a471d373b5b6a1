"""The answers of the pipeline beside the truth, over many seeds of every scenario: what it claims, withholds and
covers.

python -m tests.simulation.truth_study [--workers 2] [--seeds 200] [--until HH:MM] [--scenario NAME ...]     runs
what is missing, every scenario of a seed before the next seed, until all is done or the clock says so, and rewrites truth.csv
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from pandas.util import hash_pandas_object

from pipeline.analysis.cohort import Records, people_asked
from pipeline.analysis.comparison.adjusted import answered, unadjusted
from pipeline.analysis.comparison.attempt import attempt
from pipeline.analysis.comparison.like_for_like import base_row
from pipeline.analysis.comparison.naive_twins import UNADJUSTED
from pipeline.analysis.contrasts import Contrast, contrasts
from pipeline.analysis.gate import Refused
from pipeline.analysis.headline import Asking
from pipeline.analysis.questions.tracks import tracks
from pipeline.analysis.standing import Begun, Standing, at_its_level, begun, levels_of, said_after
from pipeline.choices.asked import ComparisonChoices
from pipeline.results import Result
from pipeline.stats.estimate import LEVEL, wald
from pipeline.stats.robustness.noninferiority import judge
from pipeline.stats.weighting.arm_means import difference
from pipeline.study import Study
from pipeline.synthetic.scenarios import SCENARIOS, Scenario
from pipeline.synthetic.truth.answers import stored_truths
from pipeline.synthetic.truth.contrasts import TrueContrast
from tests.simulation.resumed import add_runs, carried_out, code_of, read_runs, write_table
from tests.simulation.truth_records import records_of, study_of, tracks_table

HERE = Path(__file__).parent
TABLE = HERE / "truth.csv"
RUNS = HERE / "truth_runs.csv"  # single studies: kept by git no more than by the suite, it can be made again
PEOPLE, SEEDS = 12_000, 200
PEOPLE_OF = {"therapists": 2_400}  # of one site
BETTER = {"better"}
WORSE = {"worse", "worse, by less than the margin", "worse by more than the margin"}
NOT_WORSE = "not worse by more than the margin"
NULL = 1e-9
SHARED: dict[object, tuple["Answer", Standing | None]] = {}  # about leaving care, of people who were drawn before
UNASKED = ("C3", "C6", "C7", "C13")  # they take minutes: taken to be answered and to show nothing, which costs most
WITH_A_TRUTH = ComparisonChoices().contrasts  # truths.csv holds these


@dataclass(frozen=True)
class Answer:
    """What one study said of one contrast; numbers are nan where it is withheld."""

    scenario: str
    seed: int
    question: str
    outcome: str
    arm: str
    reference: str
    role: str
    gate: str
    verdict: str
    estimate: float
    se: float
    low: float
    high: float
    margin: float
    naive: float
    code: str = ""


def answers(scenario: Scenario, seed: int, people: int = 0) -> list[Answer]:
    """The primary and confirmatory contrasts of one study, and the tracks, read at levels that share one error."""
    study = study_of(scenario)
    records, drawn, _ = records_of(scenario, people or people_of(scenario.name), seed)
    asked = [
        unread(contrast, records, study, scenario, seed)
        for contrast in contrasts(study)
        if contrast.role != "exploratory" and (contrast.arm, contrast.reference) in WITH_A_TRUTH
    ]
    con = duckdb.connect()
    con.register("trauma_tracks", tracks_table(drawn))
    rows = tracks(Asking(con, records, study, []))  # type: ignore[arg-type]
    asked.append(Unread(begun(rows), "primary" if study.comparison.primary[0] not in study.arms else "confirmatory"))
    stand = {str(i): one.standing for i, one in enumerate(asked) if one.standing is not None}
    levels = levels_of(stand | {code: Standing(question=code, estimate=0, se=1, df=np.inf) for code in UNASKED})
    found = [one.read(scenario, seed, levels.get(str(i), LEVEL)) for i, one in enumerate(asked)]
    con.close()
    return found


def people_of(scenario: str) -> int:
    """How many come in one study of a scenario."""
    return PEOPLE_OF.get(scenario, PEOPLE)


@dataclass(frozen=True)
class Unread:
    """One contrast asked up to its level; of leaving care, which many scenarios share, the answer read alone."""

    begun: Begun | Answer
    role: str
    standing_alone: Standing | None = None

    @property
    def standing(self) -> Standing | None:
        return self.standing_alone if isinstance(self.begun, Answer) else self.begun.standing

    def read(self, scenario: Scenario, seed: int, level: float) -> Answer:
        """What the study says of it at this level; all are known of whom it is asked whether they left."""
        if not isinstance(self.begun, Answer):
            return read(scenario, seed, lazily(self.begun, level), self.role)
        one, stands = replace(self.begun, scenario=scenario.name), self.standing_alone
        if stands is None:
            return one
        found = wald(one.estimate, one.se, df=stands.df, level=level)
        return replace(one, low=found.low, high=found.high, verdict=judge(-found.high, -found.low))


def lazily(family: Begun, level: float) -> Iterator[Any]:
    """What a family says, read at this level, no further than it is listened to: sensitivity rows take longest."""
    yield from family.said
    if family.standing is not None:
        yield from said_after(family.rest, level)


def unread(contrast: Contrast, records: Records, study: Study, scenario: Scenario, seed: int) -> Unread:
    """One contrast up to its level; of leaving care, which many scenarios share, it is asked once."""
    if contrast.endpoint.source is not None:
        return Unread(begun(one_way(contrast, records, study)), contrast.role)
    frames = (records.people, records.care_at, records.scores[["outcome", "baseline_score"]])
    key = contrast, *(int(hash_pandas_object(one, index=False).sum()) for one in frames)
    if key not in SHARED:
        alone = begun(one_way(contrast, records, study))
        SHARED[key] = read(scenario, seed, lazily(alone, LEVEL), contrast.role), alone.standing
    answer, standing = SHARED[key]
    return Unread(answer, contrast.role, standing)


def one_way(contrast: Contrast, records: Records, study: Study) -> Iterator[Any]:
    """The contrast's row and its unadjusted twin without the other ways to make it, which take minutes and can only
    take a claim away."""
    row = base_row(contrast, study)
    people, _ = people_asked(records, contrast.endpoint, contrast.arms)
    tried = attempt(people, contrast.arms, study, contrast.endpoint, row.result_id, records.controls)
    if isinstance(tried, Refused):
        yield from UNADJUSTED.refused(row, tried.reason, tried.verdict)
        return
    contrast = yield from at_its_level(contrast, difference(tried.fitted.means, 1, 0))
    _, row = answered(contrast, tried.fitted, row, study)
    yield row
    yield unadjusted(tried.fitted, contrast.endpoint, row, UNADJUSTED)


def read(scenario: Scenario, seed: int, rows: Iterator[Any], role: str) -> Answer:
    """The contrast's row and its unadjusted twin, which come first: what comes after, in other ways, is not asked
    for."""
    results = (one for one in rows if isinstance(one, Result))
    row = next(one for one in results if one.analysis in ("like_for_like", "claim") and one.reference)
    twin = next(one for one in results if one.twin_of == row.result_id and one.estimator == "unadjusted")

    def shown(value: float | None) -> float:
        return float("nan") if value is None else float(value)

    return Answer(
        scenario.name,
        seed,
        row.question,
        row.outcome,
        row.arm,
        row.reference,
        role,
        row.gate,
        row.verdict,
        shown(row.estimate),
        shown(row.se),
        shown(row.low),
        shown(row.high),
        shown(row.margin),
        shown(twin.estimate),
    )


@dataclass(frozen=True)
class Tally:
    """What many studies said of one contrast, beside its truth.

    withheld           share of studies that carry no number
    abstains           share of studies that carry no number, or whose words say that the question is open
    bias, sd, mean_se  of the estimates shown; bias_error is the Monte-Carlo error of bias
    covered            share of the limits shown that hold the truth
    claims             share of the answers shown that says better or worse; not_worse that the margin is kept
    within_margin      share of the answers shown whose range alone keeps the margin, whatever those not measured did
    contradictions     studies whose words contradict the truth: a direction at a true null, the wrong direction, or
                       *not worse* at a true difference of the margin or beyond it
    naive_in_band      share of the unadjusted twins shown that lie in the scenario's band
    """

    scenario: str
    question: str
    outcome: str
    arm: str
    reference: str
    role: str
    identified: bool
    truth: float
    studies: int
    withheld: float
    abstains: float
    bias: float
    bias_error: float
    sd: float
    mean_se: float
    covered: float
    claims: float
    not_worse: float
    within_margin: float
    contradictions: int
    naive: float
    naive_in_band: float
    date: str
    people: int
    code: str


def tally(found: list[Answer], people: int = 0) -> Tally:
    """One row of the table from the studies of one contrast."""
    first, truth = found[0], stored(found[0])
    people = people or people_of(first.scenario)
    value = number(truth["value"])
    shown = [one for one in found if one.gate == "passed"]
    error = np.array([one.estimate - value for one in shown])
    harm = first.outcome.startswith("dropped_out")
    band = naive_band(truth, people)
    sd = float(error.std(ddof=1)) if len(error) > 1 else float("nan")
    return Tally(
        first.scenario,
        first.question,
        first.outcome,
        first.arm,
        first.reference,
        first.role,
        truth["identified"] == "true",
        value,
        len(found),
        1 - len(shown) / len(found),
        mean([one.gate != "passed" or one.verdict.startswith("inconclusive") for one in found]),
        mean(error),
        sd / max(len(error), 1) ** 0.5,
        sd,
        mean([one.se for one in shown]),
        mean([one.low <= value <= one.high for one in shown]),
        mean([one.verdict in BETTER | WORSE for one in shown]),
        mean([one.verdict == NOT_WORSE for one in shown]),
        mean([one.low > -one.margin for one in shown if one.margin == one.margin]),
        sum(contradicts(one.verdict, -value if harm else value, one.margin) for one in shown),
        mean([one.naive for one in shown]),
        mean([band[0] <= one.naive <= band[1] for one in shown]),
        datetime.now(UTC).date().isoformat(),
        people,
        first.code,
    )


def stored(one: Answer) -> dict[str, str]:
    """The contrast's row of truths.csv."""
    scenario = SCENARIOS[one.scenario]
    measure = "risk_difference" if one.outcome.startswith("dropped_out") else "difference"
    return stored_truths(scenario)[TrueContrast(one.question, one.outcome, one.arm, one.reference, measure)]


def naive_band(truth: dict[str, str], people: int) -> tuple[float, float]:
    """Where the unadjusted comparison of a study of this size falls: the population's own, and three standard errors of
    sampling."""
    half = 3 * (number(truth["naive_variance"]) / people) ** 0.5
    return number(truth["naive_low"]) - half, number(truth["naive_high"]) + half


def number(text: str) -> float:
    """A stored number; nan where nobody could be compared, so that there is none."""
    return float(text) if text else float("nan")


def contradicts(verdict: str, better_by: float, margin: float | None) -> bool:
    """Whether a verdict contradicts a true difference in improvement."""
    if verdict in BETTER:
        return better_by < NULL
    if verdict in WORSE:
        return better_by > -NULL
    return verdict == NOT_WORSE and margin is not None and better_by <= -margin


def mean(values: object) -> float:
    numbers = np.asarray(values, dtype=float)
    return float(numbers.mean()) if numbers.size else float("nan")


def by_contrast(found: list[Answer]) -> dict[tuple[str, ...], list[Answer]]:
    groups: dict[tuple[str, ...], list[Answer]] = {}
    for one in found:
        groups.setdefault((one.scenario, one.question, one.outcome, one.arm, one.reference), []).append(one)
    return groups


def one_seed(code: str, task: tuple[int, list[str]]) -> list[Answer]:
    """Every scenario of a seed, which mostly share their people."""
    seed, names = task
    SHARED.clear()
    return [replace(one, code=code) for name in names for one in answers(SCENARIOS[name], seed)]


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.simulation.truth_study")
    asked.add_argument("--seeds", type=int, default=SEEDS)
    asked.add_argument("--workers", type=int, default=1, help="processes; the table is the same")
    asked.add_argument("--until", default="", help="HH:MM at which it stops")
    asked.add_argument("--scenario", nargs="*", default=list(SCENARIOS))
    asked.add_argument(
        "--runs", type=Path, default=RUNS, help="where single studies are kept, so that it can be stopped and resumed"
    )
    asked.add_argument("--table", type=Path, default=TABLE)
    given, code = asked.parse_args(), code_of()
    found = read_runs(Answer, given.runs, code)
    done = {(one.scenario, one.seed) for one in found}
    tasks = [
        (seed, [name for name in given.scenario if (name, seed) not in done]) for seed in range(1, given.seeds + 1)
    ]
    began, due = time.perf_counter(), [task for task in tasks if task[1]]
    for new in carried_out(partial(one_seed, code), due, workers=given.workers, until=given.until):
        add_runs(given.runs, new)  # a seed is whole or not there
        found += new
        print(f"seed {new[0].seed}: {time.perf_counter() - began:.0f} s", flush=True)
    write_table(given.table, [tally(group) for group in by_contrast(found).values()])


if __name__ == "__main__":
    main()
