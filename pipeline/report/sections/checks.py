"""Every kind of check of every comparison, passed or failed, and what outcomes that no care can change say of hidden
differences."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pipeline.report.four_sentences import in_order
from pipeline.report.fragment import Fragment, ids, section, table, text
from pipeline.report.numbers import HIDDEN, percent, plain, points
from pipeline.report.released import Released
from pipeline.report.sections.answers import heads, whom
from pipeline.report.sentences.generic import noun_of
from pipeline.results import Diagnostic, Result

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
    "strategy_overlap",
    "max_person_share",
)
WHOLE = ("sites", "clusters", "observed_n", "followed_n", "effective_size", "controls")
GROUPS = {
    "Sites": ("shared_sites", "sites", "clusters", "icc", "design_effect"),
    "Recorded": ("recorded", "recorded_gap"),
    "Measured": ("observed_share", "observed_n", "followed_n", "observation_weight"),
    "Overlap": ("overlap", "strategy_overlap"),
    "Balance": ("balance", "balance_expanded", "variance_ratio"),
    "Effective people": ("effective_size", "max_person_share", "largest_weight", "strategy_weight"),
    "Control outcomes": ("controls", "negative_controls"),
    "Computed": ("estimable",),
}
LIMITS = ("sites", "clusters", "icc", "design_effect", "balance_expanded", "controls")  # told, and withhold nothing
ALWAYS = {"icc": "ICC", "design_effect": "design effect"}  # asked for by reviewers, passed or not
NOT_CHECKS = ("control_outcome", "baseline")


def gate_lines(released: Released) -> Fragment:
    """One row a comparison, one column a kind of check: passed, or what failed with its value and its line."""
    found: dict[str, list[Diagnostic]] = defaultdict(list)
    for d in released.tables.diagnostics:
        if d.check not in NOT_CHECKS:
            found[d.result_id].append(d)
    rows = [row for row in heads(released) if row.result_id in found]
    known = {check for checks in GROUPS.values() for check in checks}
    asked = {d.check for row in rows for d in found[row.result_id]}
    groups = {name: checks for name, checks in GROUPS.items() if asked & set(checks)}
    groups |= {"Others": tuple(sorted(asked - known))} if asked - known else {}
    body = [
        [
            f"{text(whom(row))}<small>{text(noun_of(released.study, row))}</small>",
            *(passing([d for d in found[row.result_id] if d.check in checks], row) for checks in groups.values()),
        ]
        for row in rows
    ]
    note = (
        "PASS: every line of that kind is kept. FAIL: the comparison is withheld for it. Told: a line is not kept that"
        " withholds nothing; it limits what is said (few sites, few control outcomes, squares and products). Every"
        ' line with its value: <a href="tables/diagnostics.csv">diagnostics.csv</a>.'
    )
    inner = table("Checks of every comparison", ["Comparison", *groups], body, kind="steps dense gate") if body else ""
    return Fragment(section("Checks", inner, note=note), ids(rows))


def passing(lines: Sequence[Diagnostic], row: Result) -> str:
    """PASS, or what failed; a dash where nothing of the kind was looked at."""
    if not lines:
        return "–"
    failed: dict[str, dict[str, list[Diagnostic]]] = {}
    for line in lines:
        if not line.passed:
            word = "FAIL" if row.gate == "withheld" and line.check not in LIMITS else "Told"
            failed.setdefault(word, {}).setdefault(line.check, []).append(line)
    marks = [
        f'<span class="nc">{word}</span><small>{text(listed_checks(failed[word]))}</small>' for word in sorted(failed)
    ] or ['<span class="ok">PASS</span>']
    beside = [f"{ALWAYS[d.check]} {value(d.check, d.after)}" for d in lines if d.check in ALWAYS and d.passed]
    return "".join(marks) + (f"<small>{', '.join(beside)}</small>" if beside else "")


def listed_checks(failed: Mapping[str, Sequence[Diagnostic]]) -> str:
    """'Measured, least 31% (line 80%); People measured 12 (line 30)'."""
    return "; ".join(f"{CHECKS.get(check, check.replace('_', ' '))} {worst(some)}" for check, some in failed.items())


def worst(lines: Sequence[Diagnostic]) -> str:
    """'31% (line 80%)': the value farthest beyond its line."""
    check = lines[0].check
    values = [d.after for d in lines if isinstance(d.after, float)]
    shown = written(check, (min if check in LEAST else max)(values)) if values else HIDDEN
    threshold = next((d.threshold for d in lines if isinstance(d.threshold, float)), None)
    return shown if threshold is None else f"{shown} (line {written(check, threshold)})"


def written(check: str, value: float) -> str:
    if check in SHARES:
        return percent(value)
    return plain(value, 0 if check in WHOLE else 2)


def value(check: str, number: object) -> str:
    return "–" if number is None else text(written(check, number) if isinstance(number, float) else HIDDEN)


def controls(released: Released) -> Fragment:
    """Control outcomes of the first comparison before and after weighting, and the error they show."""
    rows = in_order(released)
    lines = [d for d in released.tables.diagnostics if rows and d.result_id == rows[0].result_id]
    body = [[text(d.covariate), value("", d.before), value("", d.after)] for d in lines if d.check == "control_outcome"]
    error = next((d for d in lines if d.check == "negative_controls" and isinstance(d.after, float)), None)
    title = "Outcomes that no level of care can change"
    if not body:
        words = (
            "Not assessed: no such outcomes are in the records. They enter through followups"
            " (<code>control_outcome</code>, <code>value</code>); ten are needed."
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
