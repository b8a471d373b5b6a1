"""Whose heads a row counts: groups of people that lie one inside another must not differ by few where both are
shown."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence

from pipeline.counting import Heads
from pipeline.questions import counting_of
from pipeline.report.disclosure.earlier import Counts, changed_by_few
from pipeline.report.disclosure.measure_sums import MEASURES, ON_SCORECARD
from pipeline.report.disclosure.rates.axes import Cell
from pipeline.results import COUNTS, AttritionStep, CurvePoint, FigurePoint, Result

SAME_OUTCOME = {
    "retained": "retained_day{day}",
    "dropped_out": "dropped_out_day{day}",
    "reliably_improved": "reliable_{outcome}",
}
MEASURED_AGAIN = ("assessed_again", "observed")  # those in it are the head count of others
Whose = tuple[str, ...]  # an arm, and site, payer, period
Crowded = set[tuple[Whose, int]]  # head counts that are not shown


def is_small(count: int | None, threshold: float) -> bool:
    return count is not None and 0 < count < threshold


def heads(row: Result) -> Iterator[tuple[Whose, int]]:
    """Whose heads a row counts, by arm and site, payer, period, and how many, as far as it says so."""
    count = row.n if row.n is not None else row.denominator
    if count is not None:
        yield (row.arm, row.site, row.payer, row.period), count
    if row.reference and row.n_reference is not None:
        yield (row.reference, row.site, row.payer, row.period), row.n_reference


def is_crowded(row: Result, crowded: Crowded) -> bool:
    """Whether a row counts heads that are not shown: what is hidden in one table is hidden in all."""
    return any(head in crowded for head in heads(row))


def crowded_columns(row: Result, crowded: Crowded) -> tuple[tuple[str, ...], int]:
    """The columns of counts that a row loses, of one arm or of both, and the smallest head count among them."""
    sides = {row.arm: ("n", "denominator", "events", "numerator"), row.reference: ("n_reference", "events_reference")}
    lost = {arm: n for (arm, *place), n in heads(row) if ((arm, *place), n) in crowded}
    return tuple(name for arm in lost for name in sides[arm]), min(lost.values())


def heads_of(rows: Iterable[Result], names: Container[str]) -> Crowded:
    """The head counts of these rows, by name."""
    return {head for row in rows if row.result_id in names for head in heads(row)}


def heads_changed(rows: Iterable[Result], before: Counts, threshold: int) -> Crowded:
    """The head counts that differ by few from what their row last showed, and those measured again: wherever else they
    stand, they would tell of those few too."""
    found: Crowded = set()
    for row in rows:
        then = dict(zip(COUNTS, before.get(row.result_id, ()), strict=False))
        last = {row.reference: then.get("n_reference"), row.arm: then.get("denominator" if row.n is None else "n")}
        told = [(head, last[head[0][0]]) for head in heads(row)]
        if row.measure in MEASURED_AGAIN and row.numerator is not None:
            told += [((whose, row.numerator), then.get("numerator")) for whose, _ in heads(row)]
        found |= {head for head, old in told if old is not None and is_small(abs(head[1] - old), threshold)}
    return found


def marks_changed(rows: Iterable[AttritionStep | CurvePoint], before: Counts, threshold: int) -> Crowded:
    """The head counts of a flow, or at risk on a curve, that differ by few from what was last shown there."""
    few = ((row, set(changed_by_few(row, before, threshold))) for row in rows)
    return {((row.arm, "", "", ""), getattr(row, name)) for row, names in few for name in names & {"n_left", "at_risk"}}


def nests(row: Result) -> tuple[str, ...]:
    """Groups of people that lie one inside another, so that the difference of two head counts counts people.

    by time: those whose records reach far enough; by score: those measured at the start, then again; all within those
    who started.
    """
    outcome, counting = row.outcome.removeprefix("reliable_"), counting_of(row.question)
    if row.analysis == MEASURES:
        of = (
            [f"{outcome} at start", f"{outcome} due"]
            if outcome
            else [row.population.split()[0].replace("people", "time")]
        )
        return tuple(f"{one} {row.stratum}".rstrip() for one in of)
    if row.measure == "readmitted":
        return ("stays",)
    if counting is None or (counting.heads is Heads.NESTED and row.outcome != "days"):
        return (f"people of {row.question}",)
    if row.outcome.startswith("cost_"):
        return ("cost over time",)
    if row.measure in ("baseline_mean", "not_improvable"):
        return (f"{outcome} at start",)
    if row.measure == "observed":
        return ("time", f"{outcome} due")
    if row.measure in ("in_remission", "not_in_remission", "remission_unknown", *counting.within):
        return ("time",)
    if row.measure in (
        "retained",
        "dropped_out",
        "survival",
        "median_care_days",
        "cumulative_incidence",
        *counting.grows,
    ) or outcome.startswith(("retained", "dropped_out")):
        return ("time",)
    if row.reference or row.measure in (
        "mean_change",
        "reliably_improved",
        "reliably_deteriorated",
        "adjusted_mean",
        "adjusted_share",
    ):
        return (f"{outcome} at start", f"{outcome} due")
    return (f"{row.measure} {outcome} {row.day} {row.stratum}",)


def happened(row: Result) -> Iterator[tuple[Whose, int, int]]:
    """Of whom a row says how many had one yes-or-no outcome, how many did and how many did not; the same on scorecard
    and contrast."""
    parts: tuple[tuple[str, int | None, int | None], ...] = ()
    name = row.outcome
    if row.numerator is not None and not row.stratum and row.measure in SAME_OUTCOME:
        name = SAME_OUTCOME[row.measure].format(outcome=row.outcome, day=row.day)
        parts = ((row.arm, row.numerator, row.denominator),)
    elif row.numerator is None and row.outcome.startswith(("retained", "dropped_out", "reliable_")):
        parts = ((row.arm, row.events, row.n), (row.reference, row.events_reference, row.n_reference))
    for arm, some, everybody in parts:
        if some is not None and everybody is not None:
            yield (arm, name, str(row.day), row.site, row.payer, row.period), some, everybody - some


def close_events(rows: Sequence[Result], hidden: set[str], threshold: int) -> set[str]:
    """Rows of contrasts whose numbers of events would count, beside those of a larger or smaller group, the few who are
    in only one; or that rest on some of an arm's sites where a site's own number is hidden: with the other sites' they
    would give it back.
    """
    shown: dict[Whose, set[tuple[int, int]]] = {}
    close, broken = (
        set(),
        {at_site(row) for row in rows if row.analysis == MEASURES and row.site and row.result_id in hidden},
    )
    for row in rows:
        told = list(happened(row)) if row.result_id not in hidden else []
        if row.numerator is None and any(
            telling(one, shown.get(whose, set()), whose[:2] in broken, threshold) for whose, *one in told
        ):
            close.add(row.result_id)
            continue
        for whose, some, others in told:
            shown.setdefault(whose, set()).add((some, others))
    return close


def at_site(row: Result) -> tuple[str, str]:
    """Arm and outcome of a site's rate in the measure library, the outcome as contrasts name it; nothing they know for
    the others."""
    named = {ON_SCORECARD[measure, ""]: name for measure, name in SAME_OUTCOME.items() if (measure, "") in ON_SCORECARD}
    return row.arm, named.get(row.measure, "").format(outcome=row.outcome, day=row.day)


def close_steps(steps: Sequence[AttritionStep], rows: Iterable[Result], crowded: Crowded, threshold: int) -> set[Cell]:
    """Those left after a step, where they differ by few from a head count of a group of the same arm around or inside
    theirs, or are a head count that rows do not show.

    rows  as they leave, their counts not yet rounded
    """
    told = heads_told(rows)
    return {
        ("n_left", place)
        for place, step in enumerate(steps)
        if any(
            is_small(abs(step.n_left - count), threshold)
            for nest in flow_nests(step)
            for count in told.get((step.arm, nest), ())
        )
        or (step.step and ((step.arm, "", "", ""), step.n_left) in crowded)
    }


def heads_told(rows: Iterable[Result]) -> dict[tuple[str, str], set[int]]:
    """The head counts that rows tell of whole arms, by arm and nest."""
    told: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in rows:
        for (arm, *part), count in heads(row):
            if isinstance(count, int) and not any(part):
                for nest in nests(row):
                    told[arm, nest].add(count)
    return told


def flow_nests(step: AttritionStep) -> tuple[str, ...]:
    """The nests of people that a flow leads into: by time, and those measured on its scale at the start and again; or
    those with costs."""
    if not step.step:
        return ()  # everybody who started
    name = step.analysis.removeprefix("mix of services: ").split(":")[0].split(",")[0].removeprefix("reliable_")
    if name.startswith("cost_"):
        return ("cost over time",)
    own = counting_of(name)
    if own is not None and own.heads is Heads.NESTED:
        return (f"people of {name}",)
    return ("time", f"{name} at start", f"{name} due")


def telling(one: Sequence[int], shown: set[tuple[int, int]], is_broken: bool, threshold: int) -> bool:
    """Whether how many had the outcome, and had not, tells of few beside what is shown of a group around or inside this
    one."""
    if tuple(one) in shown:
        return False
    return is_broken or any(is_small(abs(a - b), threshold) for other in shown for a, b in zip(one, other, strict=True))


def started(rows: Iterable[Result]) -> dict[str, int]:
    """How many people started in each arm: the one head count that is always shown."""
    return {
        row.arm: row.n
        for row in rows
        if row.measure == "starts" and row.n is not None and not (row.site or row.payer or row.period)
    }


def started_by_period(points: Iterable[FigurePoint]) -> dict[tuple[str, str], int]:
    """How many people started in each arm and period, as the figure of starts shows."""
    return {
        (point.series, point.label): point.n
        for point in points
        if point.figure == "quarter_starts" and point.n is not None
    }
