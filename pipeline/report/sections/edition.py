"""The quality page: what each measure counts, how it was this period and before, what is published, and who it holds
for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.report.disclosure.held_back import is_held_back
from pipeline.report.disclosure.suppressed import HELD_BACK, Within, is_suppressed
from pipeline.report.edition import MEASURES, TOO_EARLY, Edition, before
from pipeline.report.fragment import Fragment, ids, section, table, text
from pipeline.report.names import arm_label, category, scale
from pipeline.report.numbers import HIDDEN, count, percent, plain
from pipeline.report.released import Released
from pipeline.report.words import WAITING_LIST
from pipeline.results import Result
from pipeline.study import main_outcome

ORDER = (
    "retention",
    "engagement",
    "attendance",
    "follow-up after 24-hour care",
    "readmission",
    "measured at the start",
    "measured again",
    "reliable improvement",
    "reliable deterioration",
    "recovery",
    "reliable recovery",
    "response",
    "remission",
    "effect size",
)
CHANGES = ("reliable improvement", "recovery", "reliable recovery", "response", "remission", "effect size")
UNADJUSTED = "As observed: not adjusted for who starts where, so rows do not compare levels or sites."
NO_MEASURES = "No measure was counted for this study; run: carelevels run with records of services, stays or scores."
HOW_TO_READ = (
    "Each cell: the rate in {period} over its likely range and its counts; below, the period before and all periods"
    " together. A measure is counted for the people who started in a period, once all of them can be followed for long"
    " enough: until then it says too early."
)
READ_WHOLE = "Each cell: the rate over its likely range and its counts, for everybody who started."
REASONS = {
    TOO_EARLY: "too early",
    "too few": "too few",
    "hardly anybody": "hardly measured",
}  # how a reason begins, in a cell
Key = tuple[str, str, int | None]  # measure, outcome, day
Said = dict[str, dict[str, str]]  # measure, what is said of it, in which words


def definitions(released: Released) -> Said:
    """What the measure library says of each measure: title, idea, numerator, …"""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in released.rows(analysis="measure_definition"):
        found[row.measure][row.stratum] = row.note
        found[row.measure]["version"] = row.measure_version
    return found


def rates(released: Released, edition: Edition) -> Fragment:
    """One table for each idea, its definitions side by side: each level's rate, range and counts, the period before,
    what is published."""
    said, rows = definitions(released), released.rows(analysis=MEASURES)
    known = {(*key_of(row), row.site, row.period): row for row in rows if not row.payer and not row.stratum}
    arms = [arm for arm in released.arms if any(row.arm == arm and row.site == edition.site for row in rows)]
    by_idea: dict[str, list[Key]] = defaultdict(list)
    for key in dict.fromkeys(key_of(row)[:3] for row in rows if row.site == edition.site):
        by_idea[said.get(key[0], {}).get("idea", "")].append(key)
    tables, used = "", []
    for idea in sorted(by_idea, key=lambda one: (place_of(one), one)):
        keys = sorted(
            by_idea[idea], key=lambda one: not any((*one, arm, edition.site, edition.period) in known for arm in arms)
        )
        made, shown = idea_table(
            released, edition, idea, {key: [beside(known, key, arm, edition) for arm in arms] for key in keys}, arms
        )
        tables += made
        used += shown
    note = f"{HOW_TO_READ.format(period=edition.period) if edition.period else READ_WHOLE} {UNADJUSTED}"
    return Fragment(
        section("Measures", tables or f"<p>{text(NO_MEASURES)}</p>", note=note if tables else ""), ids(used)
    )


def idea_table(
    released: Released,
    edition: Edition,
    idea: str,
    measured: Mapping[Key, Sequence[Sequence[Result | None]]],
    arms: Sequence[str],
) -> tuple[str, list[Result]]:
    """The definitions of one idea with a row each, those that could not be counted in a line below, and the rows that
    are shown."""
    said, body, used = definitions(released), [], []
    silent: dict[str, list[str]] = defaultdict(list)
    for key, cells in measured.items():
        if (why := not_counted(cells)) is not None:
            silent[why].append(", ".join(part for part in named(released, said, *key) if part))
            continue
        figures = published(released, key[0], key[2])
        used += [row for cell in cells for row in cell if row] + figures
        body.append(
            [title(released, said, *key), *(level_cell(cell, edition) for cell in cells), published_cell(figures)]
        )
    name = f"{idea[:1].upper()}{idea[1:]}"
    made = table(name, head(arms), body, kind="steps dense measures") if body else ""
    notes = [WAITING_LIST] if idea in CHANGES and body else []
    notes += [f"Not counted, because {why}: {'; '.join(titles)}." for why, titles in silent.items()]
    return f"<h3>{text(name)}</h3>{made}" + "".join(f'<p class="note">{text(note)}</p>' for note in notes), used


def not_counted(cells: Iterable[Sequence[Result | None]]) -> str | None:
    """The one reason why a measure has no number at any level; None where it has one, or where one is hidden or only
    too early."""
    rows = [row for cell in cells for row in cell if row is not None]
    reasons = {row.reason.rstrip(".") for row in rows}
    silent = all(
        row.estimate is None and row.reason and not row.reason.startswith((TOO_EARLY, "too few")) for row in rows
    )
    return reasons.pop() if rows and silent and len(reasons) == 1 else None


def place_of(idea: str) -> int:
    """Where an idea stands on the page; unknown ones last."""
    return ORDER.index(idea) if idea in ORDER else len(ORDER)


def head(arms: Iterable[str]) -> list[str]:
    return ["Measure", *(text(arm_label(arm)) for arm in arms), "Published"]


def beside(known: Mapping[tuple[Any, ...], Result], key: Key, arm: str, edition: Edition) -> tuple[Result | None, ...]:
    """This period; then, where there is a period, the one before and all of them; on a site's page, all sites in this
    period."""
    sought = [(edition.site, edition.period)]
    sought += [(edition.site, before(edition.period)), (edition.site, "")] if edition.period else []
    sought += [("", edition.period)] if edition.site else []
    return tuple(known.get((*key, arm, site, period)) for site, period in sought)


def level_cell(rows: Sequence[Result | None], edition: Edition) -> str:
    """A rate with its range and counts, and under it what stands beside it."""
    names = ([before(edition.period), "all periods"] if edition.period else []) + (
        ["all sites"] if edition.site else []
    )
    others = "".join(
        f"<small>{name}: {short(row)}</small>" for name, row in zip(names, rows[1:], strict=True) if row is not None
    )
    first = rows[0]
    return (
        rate(first)
        + (f"<small>{counted(first)}</small>" if first and isinstance(first.estimate, float | Within) else "")
        + others
    )


def published_cell(rows: Sequence[Result]) -> str:
    """Published figures of the same measure, with whom they are about."""
    return (
        "".join(f"<small><b>{short(row)}</b> {text(f'{row.population} ({row.note})')}</small>" for row in rows) or "–"
    )


def key_of(row: Result) -> tuple[str, str, int | None, str]:
    return row.measure, row.outcome, row.day, row.arm


def title(released: Released, said: Said, measure: str, outcome: str, day: int | None) -> str:
    """'Still in care, at any level of care' over 'day 90, version 1'."""
    words, under = named(released, said, measure, outcome, day)
    return text(words) + (f"<small>{text(under)}</small>" if under else "")


def named(released: Released, said: Said, measure: str, outcome: str, day: int | None) -> tuple[str, str]:
    """The measure's title, and its scale, day and version."""
    of = said.get(measure, {})
    words = of.get("title", measure.replace("_", " "))
    parts = [
        scale(released.study, outcome)[0] if outcome else "",
        f"day {day}" if day and f"day {day}" not in words else "",
    ]
    parts += [f"version {of['version']}"] if of.get("version") else []
    return words, ", ".join(part for part in parts if part)


def published(released: Released, measure: str, day: int | None) -> list[Result]:
    """The published figures of a measure, of any day where they name none."""
    return [row for row in released.rows(analysis="benchmark", measure=measure) if row.day in (None, day)]


def counted(row: Result) -> str:
    """'834 of 1,000'."""
    if any(is_suppressed(one) and not isinstance(one, Within) for one in (row.numerator, row.denominator, row.n)):
        return f"counts {HIDDEN}"
    if row.numerator is None or row.denominator is None:
        return text(count(row.n)) if row.n is not None else "–"
    return text(f"{count(row.numerator)} of {count(row.denominator)}")


def rate(row: Result | None) -> str:
    """'83%' over its range; in its place why there is none."""
    if row is None or not isinstance(row.estimate, float | Within):
        return short(row)
    span = ""
    if isinstance(row.low, float) and isinstance(row.high, float):
        span = f"<small>{text(f'{written(row, row.low)} to {written(row, row.high)}')}</small>"
    return f"<b>{short(row)}</b>{span}"


def short(row: Result | None) -> str:
    """The rate alone; 'too early', 'too few', 'hidden' or a dash where it was not counted."""
    if row is None:
        return "–"
    if isinstance(row.estimate, Within):
        return text(percent(row.estimate))
    if is_suppressed(row.estimate):
        return text(HELD_BACK if is_held_back(row) else HIDDEN)
    if isinstance(row.estimate, float):
        return text(written(row, row.estimate))
    reason = next(
        (words for start, words in REASONS.items() if row.reason.startswith(start)), row.reason or "not known"
    )
    return f'<span class="none">{text(reason)}</span>'


def written(row: Result, value: float) -> str:
    return percent(value) if row.unit == "share" else plain(value, 2)


def equity(released: Released, edition: Edition) -> Fragment:
    """Measures by payer and by race or ethnicity, over all periods; small groups are hidden, and nothing is
    adjusted."""
    if edition.site:
        return Fragment("")
    said, used, tables = definitions(released), [], ""
    scales = first_scales(released)
    for column, caption in (("payer", "By payer"), ("stratum", "By race or ethnicity")):
        rows = [
            row
            for row in released.rows(analysis=MEASURES, site="", period="")
            if getattr(row, column) and row.outcome in scales
        ]
        groups = list(dict.fromkeys(getattr(row, column) for row in rows))
        lines: dict[tuple[Any, ...], dict[str, Result]] = defaultdict(dict)
        for row in rows:
            lines[key_of(row)][getattr(row, column)] = row
        body = [
            [
                f"{text(arm_label(key[3]))}<small>{text(', '.join(named(released, said, *key[:3])))}</small>",
                *(short(of.get(one)) for one in groups),
            ]
            for key, of in lines.items()
        ]
        used += rows
        if body:
            made = table(
                caption, ["Level, measure", *(text(category(group)) for group in groups)], body, kind="steps dense"
            )
            tables += f"<details><summary>{caption} ({len(body)} rows)</summary>{made}</details>"
    note = (
        "All periods together, as observed, for the first scale of the study. A difference between groups is a reason"
        " to look."
    )
    return Fragment(section("Does it hold for everybody?", tables, note=note), ids(used))


def first_scales(released: Released) -> tuple[str, ...]:
    """No scale, and the study's main one under both its names; the others are in the tables folder."""
    scale = main_outcome(released.study)
    return ("",) if scale is None else ("", scale.name, scale.instrument)


def defined(released: Released) -> Fragment:
    """What each measure counts, in words, with its version and source."""
    items = ""
    for measure, said in definitions(released).items():
        facts = {
            "Numerator": said.get("numerator", ""),
            "Denominator": said.get("denominator", ""),
            "Left out": said.get("exclusions", ""),
            "Window": said.get("window", ""),
            "Source": said.get("source", ""),
            "In force from": said.get("effective_from", ""),
        }
        listing = "".join(f"<dt>{name}</dt><dd>{text(words)}</dd>" for name, words in facts.items() if words)
        version = f", version {said['version']}" if said.get("version") else ""
        items += (
            f'<div class="claim"><h3>{text(said.get("title", measure))}{text(version)}</h3><dl>{listing}</dl></div>'
        )
    inner = f"<details><summary>What each measure counts</summary>{items}</details>" if items else ""
    return Fragment(section("Definitions", inner))
