"""Several definitions of one idea side by side: does the order of the levels depend on which one is taken?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from pipeline.analysis.headline import Asking
from pipeline.measures.library import Measure, measures
from pipeline.results import ALL_LEVELS, Result, Verdict

APART = 0.01  # shares closer than 1 in 100 have no order
Idea = tuple[str, str, int | None]  # an idea, the scale it is about, and its day where a measure has several
SAME = "All of these definitions put the levels in the same order."


def ideas(asking: Asking) -> Iterator[Result]:
    """For each idea with two definitions or more, one row that says whether they agree on the order of the levels; no
    level is ranked."""
    library = {measure.id: measure for measure in measures()}
    shares: dict[Idea, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    least = asking.study.disclosure.threshold
    for row in asking.answers:
        whole = row.arm != ALL_LEVELS and not (row.site or row.period or row.payer or row.stratum)
        if (
            row.analysis == "measures"
            and whole
            and row.unit == "share"
            and row.estimate is not None
            and readable(row, least)
        ):
            for key in idea_of(library[row.measure], row):
                shares[key][row.measure][row.arm] = row.estimate
    for (idea, outcome, day), by_measure in shares.items():
        if len(by_measure) > 1:
            turned = changes({library[measure].title: by_arm for measure, by_arm in by_measure.items()})
            yield Result(
                question="M",
                analysis="definitions",
                measure=idea.replace(" ", "_"),
                outcome=outcome,
                day=day,
                target="observed",
                verdict=Verdict.DESCRIPTIVE,
                stratum="disagree" if turned else "agree",
                note=f"The order of the levels depends on the definition: {'; '.join(turned)}." if turned else SAME,
            )


def readable(row: Result, least: int) -> bool:
    """Whether the row will be shown: an order that only hidden numbers have is not told either."""
    return all(
        count is None or count == 0 or count >= least
        for count in (
            row.numerator,
            None if row.denominator is None or row.numerator is None else row.denominator - row.numerator,
        )
    )


def idea_of(measure: Measure, row: Result) -> list[Idea]:
    """Which table of definitions a rate stands in: its idea, scale and, where a measure is asked at several days, its
    day."""
    scale = row.outcome.split("_")[0].upper() or (measure.rule.instruments or ("",))[0]
    return [(measure.idea, scale, row.day if len(measure.rule.days) > 1 else None)]


def changes(by_title: dict[str, dict[str, float]]) -> list[str]:
    """Each pair of levels that two definitions order differently, with the first such two, in words."""
    said: dict[tuple[str, str], str] = {}
    for (one, here), (other, there) in combinations(by_title.items(), 2):
        for a, b in combinations([arm for arm in here if arm in there], 2):
            first, second = here[a] - here[b], there[a] - there[b]
            if first * second < 0 and min(abs(first), abs(second)) >= APART:
                said.setdefault((a, b), f"{a} and {b} change places between “{one}” and “{other}”")
    return list(said.values())
