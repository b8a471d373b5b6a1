"""Every comparison by every way it was made, what it would take to overturn it, and all else that was asked."""

from math import isfinite

from pipeline.report.again import again
from pipeline.report.compatible import compatible, with_borrowing
from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.figures.retention import similar_figure
from pipeline.report.figures.specification import specification_figure
from pipeline.report.fragment import Fragment, figure, ids, section, table, text
from pipeline.report.names import arm_label, arm_phrase, confounder
from pipeline.report.numbers import HIDDEN, count, p_value, plain
from pipeline.report.released import Released
from pipeline.report.sections.charts import grid
from pipeline.report.sections.research.unmeasured import MEASURES, unmeasured
from pipeline.report.sentences.generic import NOUNS, amount, between, figure_of, noun_of, subject
from pipeline.report.words import reason
from pipeline.results import BORROWED, COMPATIBLE, Result

HEADS = ("like_for_like", "claim", "staying_on")
OVERTURN = {
    "detectable_difference": "Could have shown",
    "e_value": "Hidden factor",
    "e_value_to_margin": "… to the margin",
    "strongest_measured": "Strongest measured",
    "tipping_point": "Unmeasured differ by",
}
PACE = (
    *("hazard_ratio", "rmst_difference"),  # beside how many left early: how fast, and after how many days
    "course_test",  # beside how many stayed: whether at one pace
)
THICK_AND_THIN = (
    "Thick: similar people, weighted, with 95% limits. Thin: everybody at the level, as observed. Exploratory."
)
TALLY = ("other_analyses", "other_analyses_agree")
HEAD = ["Comparison", "Made how", "Number (range)", "Level of the range, df", "Standard error", "People", "Reads"]
TARGETS = {
    "combined": "everybody at either level",
    "matching": "people with a match",
    "overlap": "overlap",
    "observed": "as observed",
}
BY_GROUP = ("severity", "tracks", "by_site")  # effects by severity, suicide risk, track and site


def heads(released: Released) -> list[Result]:
    """The rows that answer something: like-for-like contrasts and claims, in stored order by question."""
    rows = [
        row for row in released.tables.results if row.analysis in HEADS and (row.reference or row.analysis == "claim")
    ]
    rows = [row for row in rows if row.analysis == "claim" or row.measure in ("difference", "risk_difference")]
    return sorted(rows, key=lambda row: int(row.question[1:]) if row.question[1:].isdigit() else 99)


def comparisons(released: Released) -> Fragment:
    """One table for each thing asked: the answer and the simple counts; below it, drawn, the answer under every other
    choice."""
    groups: dict[str, list[Result]] = {}
    for row in heads(released):
        groups.setdefault(f"{row.question}: {noun_of(released.study, row)}", []).append(row)
    used: list[Result] = []
    tables = ""
    for place, (title, rows) in enumerate(groups.items()):
        first = [one for row in rows for one in (row, *careless(released, row), *paces(released, row))]
        ways = [one for row in rows for one in varied(released, row)]
        used += [*first, *ways]
        body = [line(released, one) for one in first]
        tables += f"<h3>{text(title)}</h3>{table(title, HEAD, body, kind='steps dense ways')}"
        drawn = figure(
            "Made in every other way",
            "Filled: reads the same. Hollow: reads otherwise. Every number stands in results.csv, column varied.",
            specification_figure(released, rows, f"ways-{place}"),
        )
        tables += f'<div class="narrow">{drawn}</div>' if drawn else ""
        courses = [
            figure(f"Still in care: {whom(row)}", THICK_AND_THIN, similar_figure(released, row, f"stays-{place}-{i}"))
            for i, row in enumerate(rows)
        ]
        used += [one for row in rows for one in released.rows(analysis="staying", twin_of=row.result_id)]
        tables += grid([one for one in courses if one])
    note = (
        "In bold: the answer. Below it, simple counts of the same records, and of leaving early its pace, a hint. Where"
        " an answer is withheld, its simple counts are withheld too, and it was made in no other way."
    )
    return Fragment(section("Every comparison, every way it was made", tables, note=note), ids(used))


def careless(released: Released, row: Result) -> list[Result]:
    """The simple counts beside an answer; none beside a withheld one, which they would stand for."""
    return [] if row.gate == "withheld" else list(released.rows(analysis="as_observed", twin_of=row.result_id))


def paces(released: Released, row: Result) -> list[Result]:
    """How fast people leave early, beside how many."""
    return [one for name in PACE for one in released.rows(analysis="sensitivity", measure=name, twin_of=row.result_id)]


def varied(released: Released, row: Result) -> list[Result]:
    """An answer under other choices, on its own scale or on another scale of effect."""
    beside = released.rows(twin_of=row.result_id, reference=row.reference)
    return [
        one
        for one in beside
        if one.analysis != "as_observed"
        and one.measure not in (*OVERTURN, *MEASURES, *TALLY, *PACE, *COMPATIBLE, *BORROWED)
    ]


def line(released: Released, row: Result) -> list[str]:
    return [
        text(whom(row)),
        text(how(row)),
        cell(row) + again(released, row),
        certainty_of(row),
        number(row.se),
        people(row),
        text(verdict(row)),
    ]


def certainty_of(row: Result) -> str:
    """'99.5%, 21 df': at which level the limits hold, and with how many degrees of freedom."""
    level = f"{plain(100 * row.level, 1).removesuffix('.0')}%" if isinstance(row.level, float) else ""
    df = f"{plain(row.df, 0)} df" if isinstance(row.df, float) and isfinite(row.df) else ""
    return text(", ".join(part for part in (level, df) if part)) or "–"


def whom(row: Result) -> str:
    if row.reference:
        return f"{arm_label(row.arm)} vs {arm_phrase(row.reference)}"
    return arm_label(row.arm) if row.arm else row.population or "everybody"


def how(row: Result) -> str:
    """'augmented, overlap', 'unadjusted', 'with another gap: 45 days'."""
    what = NOUNS[row.measure] if row.measure in PACE else ""
    made = ", ".join(part for part in (what, row.estimator, target(row.target)) if part)
    return f"{row.varied.replace('_', ' ')} ({made})" if row.varied else made


def target(name: str) -> str:
    """Whom an answer is about: 'people like those in IOP' for treated:iop."""
    if name.startswith("treated:"):
        return f"people like those in {arm_phrase(name.removeprefix('treated:'))}"
    return TARGETS.get(name, name)


def people(row: Result) -> str:
    if row.n is None:
        return "–"
    return text(
        f"{count(row.n)} / {count(row.n_reference)}" if row.reference and row.n_reference is not None else count(row.n)
    )


def number(value: object, whole: bool = False) -> str:
    if is_suppressed(value):
        return text(HIDDEN)
    return (
        "–"
        if not isinstance(value, float)
        else text(plain(value, 0 if whole or abs(value) >= 100 else 2 if abs(value) >= 0.1 else 3))
    )


def verdict(row: Result) -> str:
    if row.gate == "withheld":
        return f"withheld: {reason(row)}"
    return row.verdict if row.verdict and row.analysis != "as_observed" else "–"


def overturn(released: Released) -> Fragment:
    """What it would take for each like-for-like answer to read otherwise."""
    found = {
        row: {name: released.row(measure=name, twin_of=row.result_id) for name in OVERTURN} for row in heads(released)
    }
    found = {row: beside for row, beside in found.items() if any(beside.values())}
    asked = [name for name in OVERTURN if any(beside[name] for beside in found.values())]
    used = [one for row, beside in found.items() for one in (row, *beside.values())]
    body = [
        [
            f"{text(whom(row))}<small>{text(noun_of(released.study, row))}</small>",
            *(bent(beside[name]) for name in asked),
            agreeing(released, row),
        ]
        for row, beside in found.items()
    ]
    head = ["Comparison", *(OVERTURN[name] for name in asked), "Other ways that agree"]
    note = (
        "Could have shown: the difference this many people would have shown with a chance of 80%. Hidden factor:"
        " E-value, the risk ratio with both level and outcome that would explain the difference away; beside it the"
        " strongest measured factor. Unmeasured differ by: tipping point, in points on one group."
    )
    inner = table("What would overturn each answer", head, body, kind="steps dense") if body else ""
    more, rows = unmeasured(released, list(found))
    still, open_ids = left_open(released)
    shown = tuple(dict.fromkeys((*ids([*used, *rows]), *open_ids)))
    return Fragment(section("What would overturn an answer", inner + more + still, note=note), shown)


def left_open(released: Released) -> tuple[str, tuple[str, ...]]:
    """What each answer without a verdict is compatible with, and each answer that borrows, in a sentence; and the ids
    of the rows behind them."""
    told = [(row, say(released, row)) for row in heads(released) for say in (compatible, with_borrowing)]
    told = [(row, one) for row, one in told if one.said]
    if not told:
        return "", ()
    items = "".join(
        f"<li><b>{text(whom(row))}</b> ({text(noun_of(released.study, row))}): {text(one.said)}</li>"
        for row, one in told
    )
    used = tuple(name for row, one in told for name in (row.result_id, *one.result_ids))
    return f"<h3>What answers leave open, and what borrowing would add</h3><ul>{items}</ul>", used


def agreeing(released: Released, row: Result) -> str:
    """'14 of 15', of the other ways an answer was made."""
    made, agree = (released.row(measure=name, twin_of=row.result_id) for name in TALLY)
    if made is None or agree is None or not isinstance(made.estimate, float) or not isinstance(agree.estimate, float):
        return "–"
    return text(f"{plain(agree.estimate, 0)} of {plain(made.estimate, 0)}")


def bent(row: Result | None) -> str:
    if row is None:
        return "–"
    factor = (
        f"<small>{text(confounder(row.stratum))}</small>" if row.measure == "strongest_measured" and row.stratum else ""
    )
    return text(figure_of(row)) + factor


def everything_else(released: Released) -> Fragment:
    """How many more rows each question has, and where they stand."""
    shown = {row.result_id for row in heads(released)}
    counted: dict[str, int] = {}
    for row in released.tables.results:
        if row.question[:1] == "C" and row.result_id not in shown:
            counted[row.question] = counted.get(row.question, 0) + 1
    if not counted:
        return Fragment("")
    told = ", ".join(f"{code} {many:,}" for code, many in sorted(counted.items(), key=lambda one: int(one[0][1:])))
    inner = (
        f"<p>Each question has more rows than answers (strata, curves, other ways): {text(told)}. They stand in"
        ' <a href="tables/results.csv">results.csv</a>, each with its sentence;'
        ' <a href="tables/codebook.csv">codebook.csv</a> says what each column means.</p>'
    )
    return Fragment(section("All else that was asked", inner))


def how_found(row: Result) -> str:
    """The estimator, and for a test what it says."""
    return f"{row.estimator}: {row.note}" if row.measure == "interaction" and row.note else row.estimator


def cell(row: Result) -> str:
    """The number over its range, in bold where it is an answer."""
    if row.gate == "withheld":
        return '<span class="none">withheld</span>'
    if row.estimate is None and isinstance(row.p, float):
        return text(p_value(row.p))
    if not isinstance(row.estimate, float):
        return text(figure_of(row))
    weight = "b" if row.analysis in HEADS else "span"
    span = f"<small>{text(between(row))}</small>" if between(row) else ""
    return f"<{weight}>{text(amount(row))}</{weight}>{span}"


def heterogeneity(released: Released) -> Fragment:
    """Whether the answer differs between groups of people: interaction tests, and effects where both groups exist."""
    rows = [row for row in released.tables.results if row.analysis in BY_GROUP or row.measure == "interaction"]
    if not rows:
        return Fragment(
            section(
                "Does the answer differ between people, or sites?",
                "<p>No analysis of subgroups was made for this study.</p>",
            )
        )
    head = ["What", "Number (range)", "People", "Verdict"]
    body = [
        [
            f"{text(subject(released.study, row))}<small>{text(how_found(row))}</small>",
            cell(row) + again(released, row),
            people(row),
            text(verdict(row)),
        ]
        for row in rows
    ]
    note = (
        "Judged by tests of interaction, never by one group being clear and another not. A group without comparators"
        " carries no number."
    )
    return Fragment(
        section(
            "Does the answer differ between people, or sites?",
            table("Effects by group", head, body, kind="steps dense"),
            note=note,
        ),
        ids(rows),
    )
