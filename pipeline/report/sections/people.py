"""Who was compared: from everybody to the two groups, who they were at the start, and how alike they became."""

import re
from collections import defaultdict
from collections.abc import Sequence

from pipeline.report.drawing.flow import flow_figure
from pipeline.report.figures.balance import balance_figure
from pipeline.report.figures.overlap import overlap_figure
from pipeline.report.four_sentences import in_order
from pipeline.report.fragment import Fragment, figure, ids, section, table, text
from pipeline.report.names import NOT_IN_MODEL, arm_label, arm_phrase, scale
from pipeline.report.numbers import HIDDEN, count, percent, plain
from pipeline.report.released import Released
from pipeline.report.sections.charts import grid
from pipeline.report.sections.judged import TITLE, judged
from pipeline.report.sections.quality import EVERYBODY, flow_table, steps_of
from pipeline.report.sentences.generic import noun_of
from pipeline.report.sentences.strata import read
from pipeline.results import Diagnostic, Result


def attrition(released: Released) -> Fragment:
    """Everybody's flow, the first comparison's drawn, and every comparison's own steps in a row each."""
    names = [name for name in dict.fromkeys(step.analysis for step in released.tables.attrition) if name != EVERYBODY]
    everybody = flow_table(released, EVERYBODY, "From everybody to the people compared")
    first = next(iter(in_order(released)), None)
    steps = steps_of(released, flow_name(first, names)) if first is not None else []
    made = figure(
        "The first comparison, step by step",
        "Nobody is left out for having no later score.",
        flow_figure(released, steps),
    )
    drawn = f'<div class="narrow">{made}</div>' if made else ""
    own = "".join(
        f"<h3>{text(said(released, name))}</h3>{flow_table(released, name, said(released, name))}" for name in names
    )
    more = f"<details><summary>The steps of each comparison ({len(names)})</summary>{own}</details>" if own else ""
    return Fragment(section("Who is in the comparisons", everybody + drawn + more))


def flow_name(row: Result, names: Sequence[str]) -> str:
    """The name of a comparison's flow, which names its two levels in either order."""
    pairs = (f"{row.arm} and {row.reference}", f"{row.reference} and {row.arm}")
    return next((name for name in names if name in {f"{row.outcome}: {pair}" for pair in pairs}), "")


def said(released: Released, analysis: str) -> str:
    """'PHQ-9 at day 90: inpatient care and IOP' as a heading; flows that are no outcome's keep their name."""
    told = ": ".join(named_part(released, part) for part in analysis.split(": "))
    return f"{told[:1].upper()}{told[1:]}"


def named_part(released: Released, part: str) -> str:
    """Levels as sentences call them, or an outcome in words."""
    arms = part.split(" and ")
    if all(arm in released.study.arms for arm in arms):
        return " and ".join(arm_phrase(arm) for arm in arms)
    return named_outcome(released, part)


def named_outcome(released: Released, name: str) -> str:
    """An outcome's id in words."""
    base, _, later = name.partition(", day ")
    score = next((one for one in released.study.outcomes if one.name == base.removeprefix("reliable_")), None)
    if score is not None:
        reliable = "reliably better on the " if name.startswith("reliable_") else ""
        return f"{reliable}{scale(released.study, score.name)[0]} at day {later or score.day}"
    words = name.replace("_", " ").replace("dropped out", "left early").replace("retained", "still in care")
    return re.sub(r" day ?(\d+)", r" at day \1", words)


def table_one(released: Released) -> Fragment:
    """For each comparison of the first outcome each group as it came and as weighted, with the standardized difference
    beside both; the first comparison's open, the others' folded."""
    rows = released.rows(analysis="table_1")
    first = next(iter(in_order(released)), None)
    if not rows or first is None:
        return Fragment("")
    made = {pair: one_table(released, [row for row in rows if row.varied == pair], first) for pair in pairs_of(rows)}
    note = (
        "Numbers: mean (standard deviation). Shares are rounded to steps of at least"
        f" {released.study.disclosure.threshold} people; what is small at one level is taken together or hidden."
        f" Differences are in standard deviations (guide: under {plain(released.study.gate.max_smd)}), of every"
        " category; a dash: not told, since a category beside it rests on few people."
    )
    folded = "".join(
        f"<details><summary>{text(said(released, pair))}</summary>{inner}</details>"
        for pair, inner in made.items()
        if pair
    )
    return Fragment(section("Table 1: who they were at the start", made.get("", "") + folded, note=note), ids((first,)))


def pairs_of(rows: Sequence[Result]) -> list[str]:
    """The comparisons that have a table: '' for the first, then each named by its levels."""
    return list(dict.fromkeys(row.varied for row in rows))


def one_table(released: Released, rows: Sequence[Result], first: Result) -> str:
    """Table 1 of one comparison."""
    arms = [arm for arm in released.study.arms if any(row.arm == arm for row in rows)]
    targets = list(dict.fromkeys(row.target for row in rows))
    cells = {(row.arm, row.target, row.stratum, row.measure): row for row in rows}
    smd = differences_of(released, arms, first)
    head = ["At the start"]
    for target in targets:
        shown = "as they came" if target == "observed" else "weighted"
        head += [
            *(f"{text(arm_label(arm))}<small>{shown}</small>" for arm in arms),
            f"Difference<small>{shown}, in SD</small>",
        ]
    body = [size_line(arms, targets, cells)]
    for stratum in dict.fromkeys(row.stratum for row in rows if row.stratum):
        line = [text(read(stratum))]
        for target in targets:
            line += [value(cells, arm, target, stratum) for arm in arms] + [
                difference(smd.get(stratum), target == "observed")
            ]
        body.append(line)
    names = " and ".join(arm_phrase(arm) for arm in arms)
    return table(f"Table 1, {names}: people at the start, as they came and as weighted", head, body, kind="steps dense")


def differences_of(released: Released, arms: Sequence[str], first: Result) -> dict[str, Diagnostic]:
    """The standardized differences of the comparison of these arms in the first outcome, by what they are of."""
    row = next(
        (one for one in in_order(released) if one.outcome == first.outcome and {one.arm, one.reference} == set(arms)),
        first,
    )
    return {
        d.covariate.removesuffix(NOT_IN_MODEL): d
        for d in released.tables.diagnostics
        if d.result_id == row.result_id and d.check in ("balance", "baseline")
    }


def size_line(arms: list[str], targets: list[str], cells: dict[tuple[str, str, str, str], Result]) -> list[str]:
    line = ["People<small>weighted: how many they count as</small>"]
    for target in targets:
        for arm in arms:
            people, effective = cells.get((arm, target, "", "people")), cells.get((arm, target, "", "effective_people"))
            line.append(text(count(people.n) if people and people.n is not None else effective_size(effective)))
        line.append("–")
    return line


def effective_size(row: Result | None) -> str:
    return plain(row.estimate, 0) if row is not None and isinstance(row.estimate, float) else HIDDEN


def value(cells: dict[tuple[str, str, str, str], Result], arm: str, target: str, stratum: str) -> str:
    """'18.5 (5.0)' for a number, '32%' for a share."""
    mean, sd, share = (cells.get((arm, target, stratum, measure)) for measure in ("mean", "sd", "share"))
    if mean is not None and isinstance(mean.estimate, float):
        spread = f" ({plain(sd.estimate)})" if sd is not None and isinstance(sd.estimate, float) else ""
        return text(plain(mean.estimate) + spread)
    return text(percent(share.estimate) if share is not None and isinstance(share.estimate, float) else HIDDEN)


def difference(found: Diagnostic | None, before: bool) -> str:
    """The standardized difference before or after weighting."""
    number = None if found is None else found.before if before else found.after
    return text(plain(number, 2)) if isinstance(number, float) else "–"


def balance_and_overlap(released: Released) -> Fragment:
    """Balance and overlap of each comparison of the first outcome."""
    rows = in_order(released)
    cards = []
    for place, row in enumerate([one for one in rows if one.outcome == rows[0].outcome]):
        names = f"{arm_label(row.arm)} and {arm_phrase(row.reference)}"
        cards += [
            figure(
                f"{names}: how alike",
                "Largest differences at the start.",
                balance_figure(released, row, f"balance-{place}"),
            ),
            figure(
                f"{names}: overlap",
                "Where both have height, people can be compared.",
                overlap_figure(released, row, f"overlap-{place}"),
            ),
        ]
    return Fragment(section("Balance and overlap", grid(cards)), ids(rows[:1]))


def measured(released: Released) -> Fragment:
    """How many of each group have the outcome, comparison by comparison; a reliable change has the people of its
    score."""
    rows = [row for row in in_order(released) if not row.outcome.startswith("reliable_")]
    lines: dict[tuple[str, str], list[Diagnostic]] = defaultdict(list)
    for d in released.tables.diagnostics:
        if d.check in SHOWN and d.arm:
            lines[d.result_id, d.check].append(d)
    body = [
        [
            f"{text(pair(row))}<small>{text(noun_of(released.study, row))}</small>",
            *(told(lines.get((row.result_id, check), [])) for check in SHOWN),
        ]
        for row in rows
        if any((row.result_id, check) in lines for check in SHOWN)
    ]
    inner = (
        table("Outcomes that were measured", ["Comparison", *SHOWN.values()], body, kind="steps dense") if body else ""
    )
    note = (
        "Nobody is left out for having no follow-up score: those measured stand in for similar people who were not."
        " Rows under “Every comparison” fill missing scores in, and shift them, where the analysis could."
    )
    scales, shown = judged(released)
    missing = section("Missing outcomes, by group", inner, note=note)
    return Fragment(f"{missing}{section(TITLE, scales)}", ids([*rows, *shown]))


SHOWN = {"observed_share": "Measured", "observed_n": "People measured", "observation_weight": "Weight that was cut off"}


def told(lines: list[Diagnostic]) -> str:
    """'IOP 68%, inpatient 59%'."""
    return text(", ".join(f"{arm_label(d.arm)} {number(d)}" for d in lines)) if lines else "–"


def number(found: Diagnostic) -> str:
    if not isinstance(found.after, float):
        return HIDDEN
    return plain(found.after, 0) if found.check == "observed_n" else percent(found.after)


def pair(row: Result) -> str:
    return f"{arm_label(row.arm)} vs {arm_phrase(row.reference)}"
