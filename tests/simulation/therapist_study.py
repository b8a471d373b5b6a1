"""How often limits hold the truth where people of one therapist do alike: of a difference, by whom they count; and of
how much of the variance lies between therapists.

python -m tests.simulation.therapist_study [--studies 1000]     rewrites therapists.csv and therapist_share.csv
"""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np

from pipeline.stats.variance_share import share_between
from pipeline.stats.weighting.arm_means import difference
from pipeline.stats.weighting.effects import augmented_means

TABLE = Path(__file__).with_name("therapists.csv")
SHARES = Path(__file__).with_name("therapist_share.csv")
SHARE_CELLS = tuple(product((6, 10, 20), (1, 4), (0.0, 0.05, 0.15)))  # therapists, busiest over least busy, ICC
EACH = 12  # measured people of a therapist, on average
SPREAD, UNMEASURED = 5.5, 0.2  # SD of improvement among people alike, and who has no score on the day


@dataclass(frozen=True)
class Program:
    """One site: people and therapists at each of two levels, how alike one therapist's people are, and how unequally
    people are dealt out (the busiest therapist sees so many times as many as the least busy)."""

    people: tuple[int, int]
    therapists: tuple[int, int]
    icc: float
    busiest: float
    covariates: int


PROGRAMS = (
    Program((200, 200), (8, 8), 0.05, 1, 6),
    Program((200, 200), (8, 8), 0.0, 1, 6),
    Program((200, 200), (5, 5), 0.05, 1, 6),
    Program((200, 200), (5, 12), 0.05, 4, 6),
    Program((400, 400), (8, 8), 0.05, 4, 12),
    Program((400, 400), (10, 10), 0.10, 3, 12),
    Program((100, 100), (6, 6), 0.05, 2, 6),
    Program((300, 120), (14, 6), 0.05, 2, 8),
    Program((250, 250), (20, 20), 0.05, 4, 8),
)


@dataclass(frozen=True)
class Row:
    """Share of studies whose 95 % limits hold the true 0, counting people and counting therapists, and the median width
    of the latter over that of the former."""

    people: str
    therapists: str
    icc: float
    busiest: float
    studies: int
    counting_people: float
    counting_therapists: float
    wider: float


def drawn(program: Program, seed: int) -> tuple[np.ndarray, ...]:
    """Outcome, arm, therapist and covariates of one study in which the levels do the same; sicker people start at the
    second more often at the same therapists."""
    r = np.random.default_rng([seed, *program.people, *program.therapists])
    arm = np.repeat([0, 1], program.people)
    busy = [np.linspace(1, program.busiest, g) for g in program.therapists]
    who = np.concatenate(
        [
            a * 1000 + r.choice(g, n, p=share / share.sum())
            for a, (n, g, share) in enumerate(zip(program.people, program.therapists, busy, strict=True))
        ]
    )
    x = r.normal(size=(len(arm), program.covariates)) + 0.3 * arm[:, None]
    place = np.unique(who, return_inverse=True)[1]
    own = np.sqrt(program.icc) * r.normal(size=place.max() + 1)[place]
    y = x[:, :2] @ [1.0, 0.5] + SPREAD * (own + np.sqrt(1 - program.icc) * r.normal(size=len(arm)))
    y[r.random(len(arm)) < UNMEASURED] = np.nan
    return y, arm, who, x


def limits(program: Program, seed: int) -> Iterator[tuple[bool, float]]:
    """Whether the limits hold 0, and how wide they are: counting people, then counting therapists."""
    y, arm, who, x = drawn(program, seed)
    for cluster in (None, who):
        found = difference(augmented_means(y, arm, x, inference="person", cluster=cluster))
        yield found.low <= 0 <= found.high, found.high - found.low


def row_of(program: Program, studies: int) -> Row:
    """The program's studies, summed up."""
    found = np.array([list(limits(program, seed)) for seed in range(studies)])
    return Row(
        " and ".join(map(str, program.people)),
        " and ".join(map(str, program.therapists)),
        program.icc,
        program.busiest,
        studies,
        *(round(float(share), 4) for share in found[:, :, 0].mean(axis=0)),
        round(float(np.median(found[:, 1, 1] / found[:, 0, 1])), 2),
    )


@dataclass(frozen=True)
class ShareRow:
    """Share of studies whose 95 % limits hold the true share of variance between therapists, and their median width."""

    therapists: int
    busiest: float
    icc: float
    studies: int
    held: float
    width: float


def share_limits(therapists: int, busiest: float, icc: float, seed: int) -> tuple[bool, float]:
    """Whether the limits hold the true share, and how wide they are."""
    r = np.random.default_rng([seed, therapists, round(busiest)])
    busy = np.linspace(1, busiest, therapists)
    drawn_at = r.choice(therapists, therapists * (EACH - 1), p=busy / busy.sum())
    who = np.concatenate([np.arange(therapists), drawn_at])
    x, own = r.normal(size=(who.size, 2)), np.sqrt(icc) * r.normal(size=therapists)[who]
    y = x @ [1.0, 0.5] + SPREAD * (own + np.sqrt(1 - icc) * r.normal(size=who.size))
    found = share_between(y, who, np.zeros(who.size), x)
    return found.low <= icc <= found.high, found.high - found.low


def share_row(therapists: int, busiest: float, icc: float, studies: int) -> ShareRow:
    """The studies of a cell, summed up."""
    held, width = zip(*(share_limits(therapists, busiest, icc, seed) for seed in range(studies)), strict=True)
    return ShareRow(
        therapists, busiest, icc, studies, round(float(np.mean(held)), 4), round(float(np.median(width)), 3)
    )


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.simulation.therapist_study")
    asked.add_argument("--studies", type=int, default=1000)
    studies = asked.parse_args().studies
    write(SHARES, [asdict(share_row(*cell, studies)) for cell in SHARE_CELLS])
    write(TABLE, [asdict(row_of(program, studies)) for program in PROGRAMS])


def write(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
