"""The true answers: truths.csv holds each scenario's population values; a study's truth.json adds its own sample's.

`python -m pipeline.synthetic.truth.answers` draws the populations anew and rewrites truths.csv.
"""

import csv
import json
import math
from collections.abc import Mapping
from dataclasses import astuple, fields, replace
from pathlib import Path

import numpy as np

from pipeline.synthetic.population import Draw, draw
from pipeline.synthetic.scenarios import SCENARIOS, Scenario
from pipeline.synthetic.truth.contrasts import Moments, TrueContrast, added, moments_of
from pipeline.synthetic.truth.spending import cost_moments
from pipeline.synthetic.truth.traps import trap_moments

TABLE = Path(__file__).parent / "truths.csv"
POPULATION, CHUNK, POPULATION_SEED = 1_000_000, 100_000, 90
BAND = 3.0  # standard errors around the naive population value
COLUMNS = (
    "scenario",
    *(f.name for f in fields(TrueContrast)),
    "value",
    "error",
    "identified",
    "naive_low",
    "naive_high",
    "naive_variance",
)
SCORES_NOT_IDENTIFIED = ("mnar", "relapse_unseen")  # no record can tell how those without a score did


def population_moments(scenario: Scenario, n: int, seed: int = POPULATION_SEED) -> dict[TrueContrast, Moments]:
    """Every truth of a scenario over n people, drawn in chunks; of therapists as they are on average."""
    scenario = replace(scenario, own_therapists=False)
    seeds = np.random.SeedSequence([seed, scenario.world_seed]).spawn(math.ceil(n / CHUNK))
    sizes = [min(CHUNK, n - i * CHUNK) for i in range(len(seeds))]
    return added(
        draw_moments(draw(size, np.random.default_rng(child), scenario))
        for size, child in zip(sizes, seeds, strict=True)
    )


def draw_moments(drawn: Draw, eligible: np.ndarray | None = None) -> dict[TrueContrast, Moments]:
    """The standing contrasts of a draw, and its scenario's own trap where it has one."""
    return moments_of(drawn, eligible) | cost_moments(drawn, eligible) | trap_moments(drawn, eligible)


def identified(scenario: Scenario, question: TrueContrast) -> bool:
    """False where the right answer is a refusal: level and site are one, nobody is comparable, or scores are missing
    for a cause."""
    if question.target not in ("overlap", "combined") or (scenario.one_level_sites and question.arm == "iop"):
        return False
    return not (scenario.name in SCORES_NOT_IDENTIFIED and question.question in ("C2", "C3", "C10", "C13"))


def truth_rows(scenario: Scenario, moments: Mapping[TrueContrast, Moments]) -> list[dict[str, str]]:
    """truths.csv rows of one scenario, numbers with 12 significant digits."""
    rows = []
    for question, sums in moments.items():
        low, high = sums.naive_values(question.is_ratio)
        numbers = (sums.value, sums.error, low, high, sums.naive_variance(question.is_ratio))
        value, error, low_text, high_text, variance = ("" if math.isnan(x) else f"{x:.12g}" for x in numbers)
        cells = (
            scenario.name,
            *map(str, astuple(question)),
            value,
            error,
            str(identified(scenario, question)).lower(),
            low_text,
            high_text,
            variance,
        )
        rows.append(dict(zip(COLUMNS, cells, strict=True)))
    return rows


def stored_truths(scenario: Scenario) -> dict[TrueContrast, dict[str, str]]:
    """The rows of truths.csv of one scenario, by question."""
    with open(TABLE, encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["scenario"] == scenario.name]
    names = [f.name for f in fields(TrueContrast) if f.name != "day"]
    return {TrueContrast(**{name: row[name] for name in names}, day=int(row["day"])): row for row in rows}


def truth_of(drawn: Draw, new_user: np.ndarray) -> list[dict[str, object]]:
    """truth.json of a study: population value, the sample's own, and the band in which the naive comparison falls."""
    sample = draw_moments(drawn, new_user)
    return [
        entry(question, row, sample[question], drawn.level.size)
        for question, row in stored_truths(drawn.scenario).items()
    ]


def entry(question: TrueContrast, row: Mapping[str, str], sample: Moments, n: int) -> dict[str, object]:
    """One row of truth.json, as docs/interface.md declares it."""
    half = BAND * math.sqrt(float(row["naive_variance"]) / n)
    return {
        "question": question.question,
        "outcome": question.outcome,
        "day": question.day,
        "arm": question.arm,
        "reference": question.reference,
        "measure": question.measure,
        "target": question.target,
        "value": number(row["value"]),
        "sample_value": None if math.isnan(sample.value) else round(sample.value, 6),
        "identified": row["identified"] == "true",
        "naive_low": round(float(row["naive_low"]) - half, 6),
        "naive_high": round(float(row["naive_high"]) + half, 6),
    }


def number(text: str) -> float | None:
    """A stored number; None where there is none."""
    return round(float(text), 6) if text else None


def write_truth(path: Path, truths: list[dict[str, object]]) -> None:
    """truth.json, one row a line."""
    path.write_text("[\n" + ",\n".join(json.dumps(row) for row in truths) + "\n]\n", encoding="utf-8")


def main() -> None:
    """Draws every scenario's population, then rewrites truths.csv."""
    rows = [
        row for scenario in SCENARIOS.values() for row in truth_rows(scenario, population_moments(scenario, POPULATION))
    ]
    with open(TABLE, "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
