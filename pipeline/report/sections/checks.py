"""Every line of the gate for every comparison, and what outcomes that no care can change say of hidden differences."""

from collections import defaultdict
from collections.abc import Sequence

from pipeline.report.four_sentences import in_order
from pipeline.report.fragment import Fragment, ids, section, table, text
from pipeline.report.numbers import HIDDEN, percent, plain, points
from pipeline.report.released import Released
from pipeline.report.sections.answers import heads, whom
from pipeline.report.sentences.generic import noun_of
from pipeline.results import Diagnostic

CHECKS = {
    "shared_sites": "People at sites with both levels",
    "sites": "Sites with both levels",
    "clusters": "Programs or therapists counted, least",
    "icc": "Alike within one of them (ICC)",
    "design_effect": "Design effect",
    "recorded": "Recorded, least",
    "recorded_gap": "Recorded, gap",
    "observed_share": "Measured, least",
    "observed_n": "People measured",
    "observation_weight": "Weight cut off",
    "overlap": "Overlap, least",
    "max_person_share": "One person's share",
    "balance": "Difference left",
    "balance_expanded": "… of squares and products",
    "variance_ratio": "Variance ratio",
    "effective_size": "Effective people",
    "controls": "Control outcomes",
    "negative_controls": "Hidden error",
    "estimable": "Could be computed",
}
LEAST = (
    "shared_sites",
    "sites",
    "clusters",
    "recorded",
    "observed_share",
    "observed_n",
    "overlap",
    "effective_size",
    "controls",
)
SHARES = (
    "shared_sites",
    "recorded",
    "recorded_gap",
    "observed_share",
    "observation_weight",
    "overlap",
    "max_person_share",
)
WHOLE = ("sites", "clusters", "observed_n", "effective_size", "controls")
NOT_CHECKS = ("control_outcome", "baseline")


def gate_lines(released: Released) -> Fragment:
    """One row a comparison, one column a check: its worst value, and whether it passed."""
    found: dict[str, dict[str, list[Diagnostic]]] = defaultdict(lambda: defaultdict(list))
    for d in released.tables.diagnostics:
        if d.check not in NOT_CHECKS:
            found[d.result_id][d.check].append(d)
    rows = [row for row in heads(released) if row.result_id in found]
    known = [*CHECKS, *sorted({check for row in rows for check in found[row.result_id]} - set(CHECKS))]
    checks = [check for check in known if any(check in found[row.result_id] for row in rows)]
    body = [
        [
            f"{text(whom(row))}<small>{text(noun_of(released.study, row))}</small>",
            *(worst(found[row.result_id].get(check, [])) for check in checks),
        ]
        for row in rows
    ]
    head = ["Comparison", *(text(CHECKS.get(check, check.replace("_", " "))) for check in checks)]
    note = (
        "Each cell holds the worst value of a check in either group and, under it, the line it must keep. A comparison"
        " that fails one is withheld; fewer than ten control outcomes, or few sites, are printed as a limit instead."
    )
    inner = table("Every check of every comparison", head, body, kind="steps dense gate") if body else ""
    return Fragment(section("Checks", inner + first_lines(released), note=note), ids(rows))


def worst(lines: Sequence[Diagnostic]) -> str:
    """The value nearest to failing or beyond, its line, and a word where it fails."""
    if not lines:
        return "–"
    check = lines[0].check
    values = [d.after for d in lines if isinstance(d.after, float)]
    shown = (
        written(check, (min if check in LEAST else max)(values)) if values else HIDDEN if check != "estimable" else "no"
    )
    threshold = next((d.threshold for d in lines if isinstance(d.threshold, float)), None)
    line = f"<small>line {written(check, threshold)}</small>" if threshold is not None else ""
    return text(shown) + line + ("" if all(d.passed for d in lines) else '<small class="nc">fails</small>')


def written(check: str, value: float) -> str:
    if check in SHARES:
        return percent(value)
    return plain(value, 0 if check in WHOLE else 2)


def first_lines(released: Released) -> str:
    """Every single line of the first comparison, folded."""
    rows = in_order(released)
    lines = [
        d
        for d in released.tables.diagnostics
        if rows and d.result_id == rows[0].result_id and d.check not in NOT_CHECKS
    ]
    if not lines:
        return ""
    body = [
        [
            text(d.covariate),
            text(CHECKS.get(d.check, d.check)),
            text(d.arm or "both"),
            value(d.check, d.before),
            value(d.check, d.after),
            passed(d),
        ]
        for d in lines
    ]
    head = ["What", "Check", "Group", "Before", "After", "Passed"]
    title = f"Every line of the first comparison ({len(lines)})"
    return f"<details><summary>{title}</summary>{table(title, head, body, kind='steps dense')}</details>"


def value(check: str, number: object) -> str:
    return "–" if number is None else text(written(check, number) if isinstance(number, float) else HIDDEN)


def passed(line: Diagnostic) -> str:
    return "yes" if line.passed else '<span class="nc">no</span>'


def controls(released: Released) -> Fragment:
    """Control outcomes of the first comparison before and after weighting, and the error they show."""
    rows = in_order(released)
    lines = [d for d in released.tables.diagnostics if rows and d.result_id == rows[0].result_id]
    body = [[text(d.covariate), value("", d.before), value("", d.after)] for d in lines if d.check == "control_outcome"]
    error = next((d for d in lines if d.check == "negative_controls" and isinstance(d.after, float)), None)
    title = "Outcomes that no level of care can change"
    if not body:
        words = (
            "Not assessed: no such outcomes are in the records. They enter through followups (control_outcome, value);"
            " ten are needed."
        )
        return Fragment(section(title, f"<p>{words}</p>"))
    judged = (
        f" Together they show a hidden error of {points(error.after, 2)} (log risk ratio; the line is"
        f" {plain(error.threshold or 0, 2)})."
        if error
        else " Too few of them can be used to judge the error; ten are needed."
    )
    note = f"Log risk ratios between the groups of the first comparison. After weighting they should be near 0.{judged}"
    return Fragment(
        section(title, table(title, ["Outcome", "As they came", "Weighted"], body, kind="steps dense"), note=note),
        ids(rows[:1]),
    )
