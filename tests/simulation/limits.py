"""Where an estimator misses its lines in the simulation, and what keeps such a number from a page: a line of the gate
or a docstring."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """A cell that misses: why, and the gate's line that closes it, or the function whose docstring says so and in which
    words.

    estimators  empty: all of the cell
    gate        a key of analysis.gate.LINES; every answer of the cell fails it
    said_by     "module.function" of pipeline.stats; words  what its docstring says
    """

    cell: str
    why: str
    estimators: tuple[str, ...] = ()
    gate: str = ""
    said_by: str = ""
    words: str = ""


FEW_PER_SITE = "no site, or hardly any, has ten observed people in every arm: level and site cannot be separated"
SMALL_SITES = "With fewer than ten people per site and arm"

LIMITS = (
    *(
        Limit(f"means, n 500, 12 sites, 3 arms, {lean}, counted sites", FEW_PER_SITE, gate="shared_sites")
        for lean in ("strong indication", "balanced")
    ),
    *(
        Limit(f"means, n {people}, 60 sites, {arms} arms, {lean}, counted sites", FEW_PER_SITE, gate="shared_sites")
        for people, arms in ((500, 2), (500, 3), (2000, 3))
        for lean in ("strong indication", "balanced")
    ),
    *(
        Limit(
            f"means, n 500, 60 sites, {arms} arms, strong indication, every site",
            "eight people a site do not tell sites apart",
            said_by="effects.augmented_means",
            words=SMALL_SITES,
        )
        for arms in (2, 3)
    ),
    Limit(
        "means, n 2000, 60 sites, 3 arms, strong indication, every site",
        "seven people per site and arm do not tell sites apart",
        ("augmented", "outcome model"),
        said_by="effects.augmented_means",
        words=SMALL_SITES,
    ),
)

NOT_RUN: tuple[str, ...] = ()  # cells of the grid that nobody has had the time to run
