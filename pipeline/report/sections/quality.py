"""The data-quality page: what arrived, what was set aside and why, who is in the comparison, and what is recorded of
them."""

import re
from collections import defaultdict
from collections.abc import Iterable

from pipeline.report.again import drawn_again
from pipeline.report.figures.starts import starts_figure
from pipeline.report.four_sentences import in_order
from pipeline.report.fragment import Fragment, figure, ids, section, table, text
from pipeline.report.names import arm_label
from pipeline.report.numbers import count, percent
from pipeline.report.released import Released
from pipeline.report.sections.scorecard import NOT_ASKED
from pipeline.report.sentences.strata import read
from pipeline.report.words import spelled
from pipeline.results import AttritionStep, Diagnostic, Result

ARRIVED = {
    "read": "Rows read",
    "kept": "Kept",
    "quarantined": "Set aside",
    "duplicates": "Repeated",
    "forgotten": "Withdrawn people",
}
SEVERITIES = {
    "breach_quarantine": "set aside",
    "breach_repeat": "the first row kept",
    "breach_cell": "row kept, cell left out",
    "breach_warning": "kept, with a warning",
}
EVERYBODY = "all people"
OF_WHOM = (
    "What is recorded at the start is counted of everybody who started at the two levels and was followed long enough,"
    " with a score or without; how care ended, of those who left; the outcome measured, of those whom the first"
    " comparison asks."
)


def arrived(released: Released) -> Fragment:
    """Rows by table: read = kept + set aside + repeated + withdrawn."""
    rows: dict[str, dict[str, object]] = defaultdict(dict)
    for point in released.tables.points:
        if point.figure == "data_quality":
            rows[point.series][point.label] = point.n
    head = ["Table", *ARRIVED.values()]
    body = [[text(name), *(text(count(cells.get(label))) for label in ARRIVED)] for name, cells in rows.items()]
    return Fragment(
        section(
            "What arrived",
            table("Rows by table", head, body) if body else "",
            note=(
                "Rows that break a rule are set aside in quarantine, never mended by guessing. Counts of small groups"
                " are hidden here; <code>carelevels check</code> prints them where the records are kept."
            ),
        )
    )


def breaches(released: Released) -> Fragment:
    """Each broken rule in words, with how many rows broke it."""
    found = [point for point in released.tables.points if point.figure.startswith("breach")]
    body = [
        [
            text(point.series),
            columns_marked(text(point.label)),
            text(SEVERITIES.get(point.figure, point.figure.removeprefix("breach_"))),
            text(count(point.n)),
        ]
        for point in found
    ]
    inner = (
        table("Rules that rows broke", ["Table", "Rows that", "What happened", "Rows"], body, kind="prose")
        if body
        else "<p>No row broke a rule.</p>"
    )
    return Fragment(section("What was set aside, and why", inner))


def columns_marked(words: str) -> str:
    """Names of columns and codes in a rule, set apart as what they are."""
    return re.sub(r"\b[a-z][a-z0-9]*_[a-z0-9_]+\b", r"<code>\g<0></code>", words)


def flow(released: Released) -> Fragment:
    """From everybody with a record to the people compared."""
    return Fragment(
        section("Who is in the comparison", flow_table(released, EVERYBODY, "From everybody to the people compared"))
    )


def steps_of(released: Released, analysis: str) -> list[tuple[str, dict[str, AttritionStep]]]:
    """The steps of one flow in order, each with its numbers by level."""
    found: dict[tuple[int, str], dict[str, AttritionStep]] = defaultdict(dict)
    for step in released.tables.attrition:
        if step.analysis == analysis:
            found[step.step, step.sentence][step.arm] = step
    return [(words, by_arm) for (_, words), by_arm in found.items()]


def flow_table(released: Released, analysis: str, caption: str) -> str:
    """One reason a step, one column a level or a group of the comparison; empty where the analysis counted none."""
    steps = steps_of(released, analysis)
    there = dict.fromkeys(arm for _, found in steps for arm in found)
    columns = [arm for arm in dict.fromkeys(("", *released.study.arms, *there)) if arm in there]
    body = [[text(sentence(words)), *(left(found.get(arm)) for arm in columns)] for words, found in steps]
    head = ["Step", *(text(arm_label(arm)) if arm else "Everybody" for arm in columns)]
    when = drawn_again(released, [step for _, found in steps for step in found.values()])
    note = f'<p class="note">{text(when.strip())}</p>' if when else ""
    return table(caption, head, body, kind="steps") + note if body else ""


def left(step: AttritionStep | None) -> str:
    """How many people are left, over how many were left out."""
    if step is None:
        return ""
    return text(count(step.n_left)) + (
        f"<small>{text(count(step.n_removed))} left out</small>" if step.n_removed != 0 else ""
    )


def sentence(words: str) -> str:
    """A step or a measure as a line of its own, scales by their names."""
    told = spelled(read(words))
    return told[:1].upper() + told[1:]


def recorded(released: Released) -> Fragment:
    """How often each core measure was recorded of everybody who started, and the outcome measured again of those whom
    the first comparison is about."""
    rows = in_order(released)[:1]
    everybody = [one for row in rows for one in asked_of_everybody(released, row)]
    found = [d for d in lines_of(released, everybody) if d.check == "recorded"]
    found += [d for d in lines_of(released, rows) if d.check == "observed_share" or not (found or everybody)]
    arms = [arm for arm in released.arms if any(d.arm == arm for d in found)]
    by_measure: dict[str, dict[str, Diagnostic]] = defaultdict(dict)
    for d in found:
        by_measure[d.covariate][d.arm] = d
    body = [
        [text(sentence(name)), *(told(of.get(arm)) for arm in arms), text(percent(next(iter(of.values())).threshold))]
        for name, of in by_measure.items()
    ]
    head = ["Measure", *(text(arm_label(arm)) for arm in arms), "Needed"]
    return Fragment(
        section("What is recorded", table("What is recorded", head, body) if body else "", note=OF_WHOM),
        ids([*rows, *everybody]) if body else (),
    )


def asked_of_everybody(released: Released, row: Result) -> list[Result]:
    """The comparison of the same two levels that asks for no score at the start; none where it looked at nobody."""
    leaving = [
        one
        for one in released.rows(analysis=row.analysis, arm=row.arm, reference=row.reference)
        if one.outcome.startswith("dropped_out")
    ]
    return [one for one in leaving if any(d.check == "recorded" for d in lines_of(released, [one]))]


def lines_of(released: Released, rows: Iterable[Result]) -> list[Diagnostic]:
    """What was looked at of these rows."""
    wanted = {row.result_id for row in rows}
    return [d for d in released.tables.diagnostics if d.result_id in wanted]


def told(found: Diagnostic | None) -> str:
    """A share recorded, and whether it is too small."""
    return (
        NOT_ASKED
        if found is None
        else text(percent(found.after)) + ("" if found.passed else '<small class="nc">too few</small>')
    )


def unknown(released: Released) -> Fragment:
    """Where care ended without a known reason."""
    found = [
        p
        for p in released.tables.points
        if p.figure == "pathways" and p.label == "Not known" and p.series in released.arms
    ]
    starts = {row.arm: row for row in released.rows(analysis="scorecard", measure="starts")}
    found.sort(key=lambda p: released.arms.index(p.series))
    body = [
        [text(arm_label(p.series)), text(count(starts[p.series].n)), text(count(p.n))]
        for p in found
        if p.series in starts
    ]
    inner = table("Stays whose ending is not known", ["Level", "People", "Ending not known"], body) if body else ""
    return Fragment(section("Endings that are not known", inner), ids(starts.values()) if body else ())


def when(released: Released) -> Fragment:
    """Starts by period."""
    card = figure(
        "People starting in each period, by level",
        "As recorded; a drop at the end often means that records arrive late.",
        starts_figure(released),
    )
    return Fragment(section("When people started", f'<div class="grid">{card}</div>' if card else ""))
