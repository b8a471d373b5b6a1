"""Questions that need whole records (sooner, stepping down, cost, lasting) beside the truth: drawn to files, ingested,
built and asked as a program's own would be.

python -m tests.simulation.question_study [--workers 2] [--seeds 200] [--until HH:MM]     runs what is missing, every world of a
seed before the next seed, and rewrites questions.csv
"""

import argparse
import contextlib
import io
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from importlib import import_module
from pathlib import Path

import duckdb
import numpy as np

from pipeline.__main__ import main as carelevels
from pipeline.analysis.asking.families import own_row
from pipeline.analysis.asking.unanswerable import Ask, to_the_end
from pipeline.analysis.cohort import read_records
from pipeline.analysis.headline import Asking
from pipeline.analysis.standing import Standing, begun, levels_of
from pipeline.choices.asked import Schedule
from pipeline.command.codes import DONE, QUARANTINED
from pipeline.measures.library import instruments
from pipeline.questions import declared
from pipeline.results import Analysis, Result
from pipeline.stats.estimate import LEVEL, wald
from pipeline.store import WAREHOUSE
from pipeline.study import Study
from pipeline.study_toml.file import load_study
from pipeline.synthetic.output.run import synthesize
from pipeline.synthetic.population import draw
from pipeline.synthetic.records.scores import VISIT_NOISE, progress
from pipeline.synthetic.scenarios import SCENARIOS
from pipeline.synthetic.truth.answers import stored_truths
from pipeline.synthetic.truth.contrasts import TrueContrast
from pipeline.synthetic.world import IOP
from pipeline.warehouse.build import VIEW, build_order, build_table, define, prepare, table_queries
from tests.simulation.resumed import add_runs, carried_out, code_of, read_runs, write_table
from tests.simulation.truth_study import BETTER, NULL, UNASKED, WORSE, contradicts, lazily, mean, naive_band, number

HERE = Path(__file__).parent
TABLE, RUNS = HERE / "questions.csv", HERE / "questions_runs.csv"
SEEDS, PEOPLE = 200, {"default": 3_000, "null": 3_000, "immortal_time": 6_000}  # those who leave 24-hour care are few
WORLDS = {"default": ("C3", "C7", "C13"), "null": ("C3", "C13"), "immortal_time": ("C6",)}  # what each has a truth for
PARTS = {"C3": "speed", "C6": "step_down", "C7": "cost", "C13": "durability"}
SHARING = ("C2", "C4", "C10")  # what is not asked here is taken to be answered and to show nothing, which costs most
LESS_IS_BETTER = ("C6", "C7")
MANY = 200_000  # people of whom a truth is drawn
NO_BAND = ("C3",)  # its stored naive answer takes every planned score as taken; here people leave before theirs
UNREAD = ("measure", "patient_weeks", "modality", "taper", "placements", "satisfaction", "stay_lengths", "dose_weeks")
FILES = ("ingest", "warehouse")  # here answers follow from these rooms too


@dataclass(frozen=True)
class Single:
    """What one study said of one question; numbers are nan where it is withheld."""

    scenario: str
    seed: int
    question: str
    outcome: str
    arm: str
    reference: str
    measure: str
    target: str
    day: int
    gate: str
    verdict: str
    estimate: float
    se: float
    margin: float
    naive: float
    df: float
    code: str = ""


def answers(world: str, seed: int, people: int = 0) -> list[Single]:
    """What one study says of each question that its world has a truth for, read at levels that share one error."""
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where) / "study"
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            synthesize(folder, people or PEOPLE[world], world, seed)
            if carelevels(["ingest", str(folder)]) not in (DONE, QUARANTINED):
                raise RuntimeError(f"ingest of {world}, seed {seed}, stopped; synthesize it and look")
        study = load_study(folder)
        with duckdb.connect(str(folder / WAREHOUSE), config={"threads": 1}) as con:
            build(con, study)
            return list(asked(con, study, world, seed))


def build(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    """The tables that these questions read, and none of the others."""
    prepare(con, study)
    queries = {name: sql for name, sql in table_queries().items() if not name.startswith(UNREAD)}
    for name in build_order(con, queries):
        if VIEW.search(queries[name]):
            define(con, "VIEW", name, queries[name])
        else:
            build_table(con, name, queries[name])


def asked(con: duckdb.DuckDBPyConnection, study: Study, world: str, seed: int) -> Iterator[Single]:
    """Each question up to its level, then at it."""
    asking = Asking(con, read_records(con, study), study, [])
    found = {code: begun(family(code)(asking)) for code in WORLDS[world]}
    stand = {code: one.standing for code, one in found.items() if one.standing is not None}
    others = [code for code in (*SHARING, *UNASKED) if code not in found]
    nothing = {code: Standing(question=code, estimate=0, se=1, df=np.inf) for code in others}
    levels = levels_of(stand | nothing)
    for code, one in found.items():
        df = stand[code].df if code in stand else float("nan")
        yield headline_of(lazily(one, levels.get(code, LEVEL)), world, seed, df)


def family(code: str) -> Ask:
    """The function that answers a question, as `analyze` asks it."""
    part = PARTS[code]
    question = declared(code)
    if question is None:
        raise KeyError(code)
    return to_the_end(getattr(import_module(f"pipeline.analysis.questions.{part}"), part), own_row(question, part))


def headline_of(rows: Iterator[object], world: str, seed: int, df: float) -> Single:
    """The claim's own row and the naive one beside it, which come first: what comes after is not asked for."""
    results = (one for one in rows if isinstance(one, Result))
    row = next(one for one in results if one.analysis == Analysis.CLAIM)
    naive = next(one for one in results if one.twin_of == row.result_id and one.analysis == Analysis.AS_OBSERVED)

    def shown(value: float | None) -> float:
        return float("nan") if value is None else float(value)

    named = (row.question, row.outcome, row.arm, row.reference, row.measure, row.target, row.day or 0)
    numbers = (row.estimate, row.se, row.margin, naive.estimate, df)
    return Single(world, seed, *named, row.gate, row.verdict, *map(shown, numbers))


@dataclass(frozen=True)
class Tally:
    """What many studies said of one question, beside its truth; columns as in truth_study.Tally, but that covered is of
    limits at 95 %, whatever the level of the claim."""

    scenario: str
    question: str
    outcome: str
    arm: str
    reference: str
    measure: str
    day: int
    truth: float
    studies: int
    withheld: float
    bias: float
    bias_error: float
    sd: float
    mean_se: float
    covered: float
    claims: float
    contradictions: int
    naive: float
    naive_in_band: float
    date: str
    people: int
    code: str


def tally(found: list[Single]) -> Tally:
    """One row of the table from the studies of one question."""
    first, truth = found[0], stored(found[0])
    people = PEOPLE[first.scenario]
    value, band = number(truth["value"]), naive_band(truth, people)
    if first.question == "C3":
        value = first_borne_out(first.scenario)
    shown = [one for one in found if one.gate == "passed"]
    error = np.array([one.estimate - value for one in shown])
    sd = float(error.std(ddof=1)) if len(error) > 1 else float("nan")
    better = -value if first.question in LESS_IS_BETTER else value
    named = (first.scenario, first.question, first.outcome, first.arm, first.reference, first.measure, first.day)
    return Tally(
        *named,
        truth=value,
        studies=len(found),
        withheld=1 - len(shown) / len(found),
        bias=mean(error),
        bias_error=sd / max(len(error), 1) ** 0.5,
        sd=sd,
        mean_se=mean([one.se for one in shown]),
        covered=mean([holds(one, value) for one in shown]),
        claims=mean([one.verdict in BETTER | WORSE for one in shown]),
        contradictions=sum(contradicts(one.verdict, better, one.margin) for one in shown),
        naive=mean([one.naive for one in shown]),
        naive_in_band=mean([band[0] <= one.naive <= band[1] for one in shown if one.question not in NO_BAND]),
        date=datetime.now(UTC).date().isoformat(),
        people=people,
        code=first.code,
    )


def holds(one: Single, value: float) -> bool:
    """Whether 95 % limits of this answer hold the truth."""
    found = wald(one.estimate, one.se, df=one.df)
    return found.low <= value <= found.high


def stored(one: Single) -> dict[str, str]:
    """The question's row of truths.csv."""
    key = TrueContrast(one.question, one.outcome, one.arm, one.reference, one.measure, one.target, one.day)
    return stored_truths(SCENARIOS[one.scenario])[key]


@cache
def first_borne_out(world: str) -> float:
    """The truth of C3 as it is asked: everybody scored on every mark of the schedule, with the error of a visit, and
    found better at one mark by its day and at the next; truths.csv holds who is better on the day itself."""
    chosen, scenario = Schedule(), SCENARIOS[world]
    rng = np.random.default_rng([scenario.world_seed, chosen.day])
    drawn, least = draw(MANY, rng, scenario), float(instruments()["PHQ9"]["rci_default"])
    marks = np.arange(chosen.every_days, chosen.day + chosen.every_days + 1, chosen.every_days)
    share = {}
    for level in (IOP, 0):
        change = (drawn.people.phq9 - drawn.scores.phq9[:, level])[:, None]
        noise = VISIT_NOISE * rng.normal(size=(MANY, marks.size))
        better = np.rint(change * progress(marks, np.array(scenario.settle[level])) + noise) >= least
        share[level] = (better[:, :-1] & better[:, 1:]).any(axis=1)
    chances = drawn.chances[:, IOP], drawn.chances[:, 0]
    overlap = chances[0] * chances[1] / np.maximum(chances[0] + chances[1], NULL)
    return float(overlap @ (share[IOP].astype(float) - share[0]) / overlap.sum())


def one_seed(code: str, task: tuple[int, list[str]]) -> list[Single]:
    """Every world of a seed that is missing."""
    seed, worlds = task
    return [replace(one, code=code) for world in worlds for one in answers(world, seed)]


def by_question(found: list[Single]) -> dict[tuple[str, str], list[Single]]:
    groups: dict[tuple[str, str], list[Single]] = {}
    for one in found:
        groups.setdefault((one.scenario, one.question), []).append(one)
    return groups


def main() -> None:
    given, code = arguments(), code_of(*FILES)
    found = read_runs(Single, given.runs, code)
    done = {(one.scenario, one.seed) for one in found}
    tasks = [(seed, [name for name in WORLDS if (name, seed) not in done]) for seed in range(1, given.seeds + 1)]
    began, due = time.perf_counter(), [task for task in tasks if task[1]]
    for new in carried_out(partial(one_seed, code), due, workers=given.workers, until=given.until):
        add_runs(given.runs, new)
        found += new
        print(f"seed {new[0].seed}: {time.perf_counter() - began:.0f} s", flush=True)
    write_table(given.table, [tally(group) for group in by_question(found).values()])


def arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m tests.simulation.question_study")
    asked.add_argument("--seeds", type=int, default=SEEDS)
    asked.add_argument("--workers", type=int, default=1, help="processes; the table is the same")
    asked.add_argument("--until", default="", help="HH:MM at which it stops")
    asked.add_argument(
        "--runs", type=Path, default=RUNS, help="where single studies are kept, so that it can be resumed"
    )
    asked.add_argument("--table", type=Path, default=TABLE)
    return asked.parse_args()


if __name__ == "__main__":
    main()
