"""Every definition of the measure library: its rates at each level, what is published, and what it counts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.periods import Grain, grain_of
from pipeline.report.again import again
from pipeline.report.definitions import Key, counted, definitions, published, rate, short, titled
from pipeline.report.disclosure.suppressed import Within
from pipeline.report.edition import MEASURES, TOO_EARLY, Edition
from pipeline.report.fragment import Fragment, ids, section, table, text
from pipeline.report.names import arm_label
from pipeline.report.released import Released
from pipeline.report.watching.measured import beside_harm
from pipeline.report.words import WAITING_LIST
from pipeline.results import ALL_LEVELS, Result

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
HOW_TO_READ = (
    "Each cell: the rate of {when} over its likely range and its counts; below it the period of this page. A measure is"
    " counted for the people who started in a period, once all of them can be followed for long enough."
)


def every_definition(released: Released, edition: Edition) -> Fragment:
    """One folded table for each idea, its definitions side by side: each level's rate, range and counts, the period of
    the page, what is published."""
    said = definitions(released)
    rows = [row for row in released.rows(analysis=MEASURES) if row.arm != ALL_LEVELS]
    known = {(*key_of(row), row.site, row.period): row for row in rows if not row.payer and not row.stratum}
    arms = [arm for arm in released.arms if any(row.arm == arm and row.site == edition.site for row in rows)]
    by_idea: dict[str, list[Key]] = defaultdict(list)
    for key in dict.fromkeys(key_of(row)[:3] for row in rows if row.site == edition.site):
        by_idea[said.get(key[0], {}).get("idea", "")].append(key)
    tables, used = "", []
    for idea in sorted(by_idea, key=lambda one: (place_of(one), one)):
        cells = {key: [beside(released, known, key, arm, edition) for arm in arms] for key in by_idea[idea]}
        made, shown = idea_table(released, edition, idea, cells, arms)
        changes = idea in CHANGES and bool(shown) and WAITING_LIST not in tables  # said once
        tables += made + (f'<p class="note">{WAITING_LIST}</p>' if changes else "")
        used += shown
    folded = f"<details><summary>{len(known_keys(by_idea))} definitions, by level</summary>{tables}</details>"
    when = "the last 12 months" if any(grain_of(row.period) is Grain.ROLLING for row in used) else "all periods"
    note = f"{HOW_TO_READ.format(when=when)} {UNADJUSTED}"
    return Fragment(section("Every definition", folded if tables else "", note=note if tables else ""), ids(used))


def known_keys(by_idea: Mapping[str, Sequence[Key]]) -> list[Key]:
    return [key for keys in by_idea.values() for key in keys]


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
            silent[why].append(", ".join(part for part in titled(released, said, *key) if part))
            continue
        figures = published(released, key[0], key[2])
        used += [row for cell in cells for row in cell if row] + figures
        body.append(
            [title(released, *key), *(level_cell(released, cell, edition) for cell in cells), published_cell(figures)]
        )
    name = f"{idea[:1].upper()}{idea[1:]}"
    made = table(name, head(arms), body, kind="steps dense measures") if body else ""
    notes = [f"Not counted, because {why}: {'; '.join(titles)}." for why, titles in silent.items()]
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


def beside(
    released: Released, known: Mapping[tuple[Any, ...], Result], key: Key, arm: str, edition: Edition
) -> tuple[Result | None, ...]:
    """The last twelve months, or all periods where there are none; the period of the page; on a site's page, all sites
    in the same twelve months."""
    measure, outcome, day = key
    of = {"measure": measure, "outcome": outcome, "day": day, "arm": arm, "site": edition.site}
    every = released.rows(analysis=MEASURES, payer="", stratum="", **of)
    rolling = sorted(row.period for row in every if grain_of(row.period) is Grain.ROLLING)
    sought = [(edition.site, rolling[-1] if rolling else ""), ("", rolling[-1] if rolling else "")]
    if not edition.site:
        sought[1] = ("", edition.period)
    rows = (known.get((*key, arm, *one)) for one in sought)
    return tuple(beside_harm(released, row) if row is not None else None for row in rows)


def level_cell(released: Released, rows: Sequence[Result | None], edition: Edition) -> str:
    """A rate with its range and counts, and under it what stands beside it."""
    first, other = rows
    name = "all sites" if edition.site else edition.period
    other = None if other is first else other
    return (
        rate(first)
        + (f"<small>{counted(first)}</small>" if first and isinstance(first.estimate, float | Within) else "")
        + again(released, first)
        + (f"<small>{text(name)}: {short(other)}</small>" if other is not None and name else "")
        + again(released, other)
    )


def published_cell(rows: Sequence[Result]) -> str:
    """Published figures of the same measure, with whom they are about; where they come from once."""
    by_source: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_source[row.note].append(f"<b>{short(row)}</b> {text(row.population)}")
    return "".join(f"<small>{'; '.join(told)} ({text(note)})</small>" for note, told in by_source.items()) or "–"


def key_of(row: Result) -> tuple[str, str, int | None, str]:
    return row.measure, row.outcome, row.day, row.arm


def title(released: Released, measure: str, outcome: str, day: int | None) -> str:
    """'Still in care, at any level of care' over 'day 90'."""
    words, under = titled(released, definitions(released), measure, outcome, day)
    return text(words) + (f"<small>{text(under)}</small>" if under else "")


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
