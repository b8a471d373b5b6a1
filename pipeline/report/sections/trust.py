"""'How far to trust this': other ways, a hidden factor, those not measured, control outcomes, and what is hidden."""

from collections.abc import Iterator
from dataclasses import fields
from operator import itemgetter

from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.four_sentences import in_order
from pipeline.report.fragment import Fragment, ids, section, text
from pipeline.report.names import arm_label, arm_phrase, confounder, outcome_label
from pipeline.report.numbers import percent, plain, plural, points
from pipeline.report.released import Released
from pipeline.report.sections.research.unmeasured import CEILING
from pipeline.report.sentences.controls import control_card
from pipeline.report.sentences.generic import beside_hidden_harm
from pipeline.report.words import pair, points_of
from pipeline.results import Diagnostic, Result

MOST = 4  # cards on one comparison: what else there is stands on the research page
NO_NUMBER = "No comparison gives a difference, so there is none to trust or to doubt: levels are shown as observed."
first = itemgetter(0)


def trust(released: Released) -> Fragment:
    """Five cards at most, each a number and what it means; none of a comparison that carries no number."""
    rows = in_order(released)
    told = next((row for row in rows if isinstance(row.estimate, float)), None)
    cards = comparison_cards(released, told) if told else []
    hidden = sum(is_hidden(released, row) for row in released.tables.results)
    cards.append((f"{hidden:,}", hidden_words(released)))
    inner = "".join(f"<div><b>{text(number)}</b><p>{text(words)}</p></div>" for number, words in cards)
    about = f"<p>{text(NO_NUMBER if told is None else about_words(released, told))}</p>" if rows else ""
    robust = [row for row in released.rows(analysis="sensitivity") if told and row.twin_of == told.result_id]
    return Fragment(section("How far to trust this", f'{about}<div class="cards">{inner}</div>'), ids([told, *robust]))


def about_words(released: Released, row: Result) -> str:
    """Which comparison the cards are about: the first one that has a number."""
    return f"{pair(row)}, {outcome_label(released.study, row)}:"


def is_hidden(released: Released, row: Result) -> bool:
    """Whether results.csv marks something of a row as suppressed."""
    return any(is_suppressed(getattr(row, one.name)) for one in fields(row)) or beside_hidden_harm(released, row)


def hidden_words(released: Released) -> str:
    """What the count of hidden results is of."""
    every, threshold = len(released.tables.results), released.study.disclosure.threshold
    return f"of {every:,} results have numbers hidden: groups under {threshold}, or what would give them away."


def found(released: Released, row: Result, check: str) -> list[tuple[float, Diagnostic]]:
    """What a check of a result found and may be shown, each number with its line."""
    return [
        (d.after, d)
        for d in released.tables.diagnostics
        if d.result_id == row.result_id and d.check == check and isinstance(d.after, float)
    ]


def comparison_cards(released: Released, row: Result) -> list[tuple[str, str]]:
    """What a comparison rests on: four cards at most, the most telling first."""
    control = control_card(released, row)
    made = [
        *other_ways(released, row),
        *hidden_factor(released, row),
        *unmeasured(released, row),
        *([control] if control else []),
        *could_have_started(released, row),
        *enough_sites(released, row),
    ]
    return made[:MOST]


def unmeasured(released: Released, row: Result) -> Iterator[tuple[str, str]]:
    """How far those who were not measured would have to differ for the answer to read otherwise."""
    tip = released.row(measure="tipping_point", twin_of=row.result_id)
    if tip is not None and isinstance(tip.estimate, float):
        yield (
            f"{plain(tip.estimate)} {points_of(tip)}",
            (
                "is how far those not measured again, in one group, would have to differ from similar people for the"
                f" answer to change.{far(released, row)}"
            ),
        )


def far(released: Released, row: Result) -> str:
    """The same as a multiple of what is plausible; with a space before it."""
    times = released.row(measure="tipping_multiple", twin_of=row.result_id)
    if times is None or not isinstance(times.estimate, float):
        return ""
    if times.estimate >= CEILING:
        return " Even ten times what is plausible would not change it."
    return f" That is {plain(times.estimate)} times what these records make plausible."


def could_have_started(released: Released, row: Result) -> Iterator[tuple[str, str]]:
    """Who can be compared at all: by needs, or by where both levels are offered."""
    if overlap := found(released, row, "overlap"):
        value, least = min(overlap, key=first)
        yield (
            percent(value),
            (
                f"of those who started in {arm_phrase(least.arm)} could plausibly have started at the other level; "
                "the comparison speaks for them."
            ),
        )
    elif shared := found(released, row, "shared_sites"):
        [(value, line), *_] = shared
        yield (
            percent(value),
            (
                f"of the people who can carry a comparison of {arm_label(row.arm)} with {arm_phrase(row.reference)}"
                f" are at sites with both levels; at least {percent(line.threshold)} are needed."
            ),
        )


def enough_sites(released: Released, row: Result) -> Iterator[tuple[str, str]]:
    """How many sites carry the comparison."""
    if lines := found(released, row, "sites"):
        [(number, line), *_] = lines
        yield plural(round(number), "site"), of_sites(number, line)


def of_sites(number: float, line: Diagnostic) -> str:
    """What so many sites allow to be said, and why where that is little."""
    if line.passed:
        return "with enough people at both levels carry it."
    if number >= (line.threshold or 0):
        return "with enough people at both levels, most people at one or two of them: these speak for themselves only."
    return f"with enough people at both levels. Fewer than {points(line.threshold, 0)} speak for themselves only."


def other_ways(released: Released, row: Result) -> Iterator[tuple[str, str]]:
    """In how many of the other defensible ways it reads the same, and with which it does not."""
    tried = released.row(measure="other_analyses", twin_of=row.result_id)
    same = released.row(measure="other_analyses_agree", twin_of=row.result_id)
    if tried is None or same is None or not isinstance(tried.estimate, float) or not isinstance(same.estimate, float):
        return
    ways = "other defensible ways to make it read the same."
    yield (
        f"{round(same.estimate)} of {round(tried.estimate)}",
        (ways if not same.note else f"{ways} The others are on the research page."),
    )


def hidden_factor(released: Released, row: Result) -> Iterator[tuple[str, str]]:
    """How strong something unmeasured would have to be, beside the strongest measured."""
    if row.verdict.startswith("inconclusive"):
        return  # nothing is claimed that something hidden would have to explain away
    margin = released.row(measure="e_value_to_margin", twin_of=row.result_id)
    point = released.row(measure="e_value", twin_of=row.result_id)
    shown = next((one for one in (margin, point) if one is not None and isinstance(one.estimate, float)), None)
    if shown is None:
        return
    does = "push the answer beyond the margin" if shown is margin else "explain the difference away"
    words = (
        f"is how strongly (risk ratio) something unmeasured would have to be tied to both level and outcome to {does}."
    )
    strongest = released.row(measure="strongest_measured", twin_of=row.result_id)
    if strongest is not None and isinstance(strongest.estimate, float):
        words += f" The strongest measured one, {confounder(strongest.stratum)}: {plain(strongest.estimate)}."
    yield points(shown.estimate), words
