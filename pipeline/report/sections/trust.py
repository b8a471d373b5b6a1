"""'How far to trust this': missing outcomes, what differs still, who can be compared, a hidden factor, and what is
hidden."""

from collections.abc import Iterator
from operator import itemgetter

from pipeline.report.four_sentences import in_order
from pipeline.report.fragment import Fragment, ids, section, text
from pipeline.report.names import arm_label, arm_phrase, confounder, scale
from pipeline.report.numbers import listed, percent, plain, plural, points
from pipeline.report.released import Released
from pipeline.report.sections.unmeasured import beyond
from pipeline.report.sentences.controls import control_card
from pipeline.results import Diagnostic, Result
from pipeline.study import main_outcome

BEHIND = (
    "scorecard",
    "retention",
    "screens",
    "like_for_like",
    "as_observed",
    "sensitivity",
)  # analyses of the director page
first = itemgetter(0)


def trust(released: Released) -> Fragment:
    """Cards, each a number and what it means; a card without its number is not shown."""
    rows = in_order(released)
    cards = [*comparison_cards(released, rows[0]), *measured_card(released, rows[0])] if rows else []
    threshold = released.study.disclosure.threshold
    cards.append(
        (
            f"{released.hidden(*BEHIND):,}",
            f"results behind this page have numbers hidden: groups under {threshold}, or what would give them away.",
        )
    )
    inner = "".join(f"<div><b>{text(number)}</b><p>{text(words)}</p></div>" for number, words in cards)
    robust = [row for row in released.rows(analysis="sensitivity") if rows and row.twin_of == rows[0].result_id]
    return Fragment(section("How far to trust this", f'<div class="cards">{inner}</div>'), ids([*rows[:1], *robust]))


def found(released: Released, row: Result, check: str) -> list[tuple[float, Diagnostic]]:
    """What a check of a result found and may be shown, each number with its line."""
    return [
        (d.after, d)
        for d in released.tables.diagnostics
        if d.result_id == row.result_id and d.check == check and isinstance(d.after, float)
    ]


def comparison_cards(released: Released, row: Result) -> Iterator[tuple[str, str]]:
    """What the primary comparison rests on."""
    pair = f"{arm_label(row.arm)} with {arm_phrase(row.reference)}"
    if balance := found(released, row, "balance"):
        most, worst = max(balance, key=first)
        yield (
            plain(most, 2),
            (
                f"largest difference left between the groups after weighting, in {worst.covariate} "
                f"(guide: under {plain(released.study.gate.max_smd)} standard deviations)."
            ),
        )
    if overlap := found(released, row, "overlap"):
        share, least = min(overlap, key=first)
        yield (
            percent(share),
            (
                f"of those who started in {arm_phrase(least.arm)} could plausibly have started at the other level; "
                "the comparison speaks for them."
            ),
        )
    elif shared := found(released, row, "shared_sites"):
        [(share, line), *_] = shared
        yield (
            percent(share),
            (
                f"of the people who can carry a comparison of {pair} are at sites with both levels; "
                f"at least {percent(line.threshold)} are needed."
            ),
        )
    if sites := found(released, row, "sites"):
        [(number, line), *_] = sites
        yield plural(round(number), "site"), of_sites(number, line)
    if card := control_card(released, row):
        yield card
    yield from other_ways(released, row)
    yield from hidden_factor(released, row)
    tip = released.row(measure="tipping_point", twin_of=row.result_id)
    if tip is not None and isinstance(tip.estimate, float):
        yield (
            plain(tip.estimate),
            (
                "points by which those who were not measured, in one of the groups, would have to differ from similar"
                f" people who were, for the first answer to read otherwise.{far(released, row)}"
            ),
        )


def of_sites(number: float, line: Diagnostic) -> str:
    """What so many sites allow to be said, and why where that is little."""
    if line.passed:
        return "with enough people at both levels carry the first comparison."
    if number >= (line.threshold or 0):
        return "with enough people at both levels, most of them at one or two: these sites speak for themselves only."
    return f"with enough people at both levels. Fewer than {points(line.threshold, 0)} speak for themselves only."


def far(released: Released, row: Result) -> str:
    """The same in standard deviations, and as a multiple of what is plausible; with a space before it."""
    spread = released.row(measure="tipping_point_sd", twin_of=row.result_id)
    times = beyond(released.row(measure="tipping_multiple", twin_of=row.result_id))
    in_sd = "" if spread is None or not isinstance(spread.estimate, float) else f" In SD: {plain(spread.estimate)}."
    return f"{in_sd} {times}".rstrip()


def other_ways(released: Released, row: Result) -> Iterator[tuple[str, str]]:
    """In how many of the other defensible ways the first comparison reads the same, and with which it does not."""
    tried = released.row(measure="other_analyses", twin_of=row.result_id)
    same = released.row(measure="other_analyses_agree", twin_of=row.result_id)
    if tried is None or same is None or not isinstance(tried.estimate, float) or not isinstance(same.estimate, float):
        return
    ways = "other ways to make the first comparison (other people to speak for, models, windows, sites) read the same."
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
        "how strongly (as a risk ratio) something unmeasured would have to be tied to both level and outcome to"
        f" {does}."
    )
    strongest = released.row(measure="strongest_measured", twin_of=row.result_id)
    if strongest is not None and isinstance(strongest.estimate, float):
        words += (
            f" The strongest measured one, {confounder(strongest.stratum)}, moves it by {plain(strongest.estimate)}."
        )
    yield points(shown.estimate), words


def measured_card(released: Released, row: Result) -> Iterator[tuple[str, str]]:
    """How many have no follow-up score, by arm."""
    outcome = main_outcome(released.study)
    if outcome is None:
        return
    shares = [
        (one.estimate, one)
        for one in released.rows(analysis="scorecard", measure="observed", outcome=outcome.name)
        if isinstance(one.estimate, float)
    ]
    if shares:
        least, _ = min(shares, key=first)
        told = listed(
            f"{percent(one.estimate)} of"
            f" {arm_label(one.arm) if one.arm in ('iop', 'php') else arm_label(one.arm).lower()}"
            for _, one in shares
        )
        yield (
            percent(least),
            (
                f"measured again at day {outcome.day} where it is lowest. "
                f"{scale(released.study, outcome.name)[0]} at day {outcome.day} "
                f"is there for {told}; similar people who were measured stand in for the rest."
            ),
        )
