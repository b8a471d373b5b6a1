"""The table of a site's own page: its twelve months beside those of all sites of the level."""

from collections.abc import Sequence

from pipeline.report.again import again
from pipeline.report.definitions import counted, definitions, level_label, rate, titled
from pipeline.report.disclosure.suppressed import Within
from pipeline.report.drawing.strips import share_bar
from pipeline.report.edition import Edition
from pipeline.report.fragment import Fragment, ids, section, text
from pipeline.report.names import arm_styles
from pipeline.report.numbers import count, percent, percent_and_range
from pipeline.report.released import Released
from pipeline.report.watching.changes import LEVEL, as_tested, by_spread, fisher, limits
from pipeline.report.watching.course import headline_of, share_of, without
from pipeline.report.watching.look_first import points_of
from pipeline.report.watching.measured import Key, is_told, keys_of, rows_of, told_beside_harm
from pipeline.report.watching.pulled import Pulled
from pipeline.results import Found, Result

HEAD = (
    *("Level", "This site, 12 months", "Pulled towards all sites", "All other sites, same months"),
    *("Difference", "Reads", "0 to 100%"),
)
NOTE = (
    "Difference: this site less all other sites of the level, in points with its 99% range; apart where an exact test"
    " gives p below 0.01, which one line in a hundred does by chance. Nothing is adjusted for who starts here: a"
    " difference is a reason to ask why, not a verdict."
)
PULLED = (
    "Pulled towards all sites: of few people a share lies far from the others' by chance alone; this is where all sites"
    " together make it likely to be, with its 95% range. The fewer people a site has seen, and the more alike sites"
    " are, the more it is pulled. A dash: fewer than three sites may be told."
)
NOTHING = (
    "Nothing of this site can be told: too few people, or numbers that are hidden. All sites together may be shown."
)


def site_table(released: Released, issue: Edition, near: Pulled) -> Fragment:
    """What this site did, pulled towards all sites, and beside all others; lines that may not be told say so."""
    bodies, used = "", []
    for key in keys_of(released):
        pairs = [(arm, *pair_of(released, key, arm, issue.site)) for arm in released.arms]
        lines = [(arm, own, every) for arm, own, every in pairs if own is not None]
        if lines:
            bodies += body_of(released, key, lines, near)
            used += [row for _, own, every in lines for row in (own, every)]
    if not bodies:
        return Fragment(section("Measures", f"<p>{text(NOTHING)}</p>"))
    top = "".join(f'<th scope="col">{text(cell)}</th>' for cell in HEAD)
    inner = (
        '<div class="scroll" tabindex="0" role="region" aria-label="Measures of this site"><table class="watch dense">'
        f'<caption class="vh">Measures of this site beside all other sites</caption><thead><tr>{top}</tr></thead>'
        f"{bodies}</table></div>"
    )
    return Fragment(section("Measures", inner, note=f"{NOTE} {PULLED}"), ids(used))


def pair_of(released: Released, key: Key, arm: str, site: str) -> tuple[Result | None, Result | None]:
    """This site's row of a level and that of all sites in the same months."""
    own = headline_of(rows_of(released, key, arm, site))
    return own, rows_of(released, key, arm).get(own.period) if own is not None else None


def body_of(released: Released, key: Key, lines: Sequence[tuple[str, Result, Result | None]], near: Pulled) -> str:
    words, under = titled(released, definitions(released), key.measure, key.outcome, key.day)
    about = ", ".join(part for part in (under, lines[0][1].period or "all periods") if part)
    name = f'<tr><th scope="rowgroup" colspan="{len(HEAD)}">{text(words)} <small>{text(about)}</small></th></tr>'
    return f"<tbody>{name}{''.join(line(released, key, *one, near.get((key, one[0]))) for one in lines)}</tbody>"


def line(released: Released, key: Key, arm: str, own: Result, every: Result | None, near: Found | None) -> str:
    """One level: own share, pulled towards all, the others', the difference, and where it lies."""
    color = arm_styles(released.study)[arm].color
    may = told_beside_harm(released, own)
    here, rest, word = DASHES if not may else beside(own, every, key)
    value = (
        rate(own) + (f"<small>{counted(own)}</small>" if is_told(own) or isinstance(own.estimate, Within) else "")
        if may
        else "hidden"
    )
    bar = NOTHING_DRAWN
    if may and isinstance(own.estimate, float):
        low, high = (v if isinstance(v, float) else own.estimate for v in (own.low, own.high))
        bar = share_bar(own.estimate, low, high, color)
    cells = (value + again(released, own), pulled_words(near) if may else "–", here, rest, word, bar)
    dot = f'<span class="dot" style="background:{color}"></span>'
    return f'<tr><th scope="row">{dot}{text(level_label(arm))}</th>{"".join(f"<td>{one}</td>" for one in cells)}</tr>'


def pulled_words(near: Found | None) -> str:
    """'42% 38% to 47%'; a dash where too few sites are told."""
    if near is None:
        return "–"
    told, between = percent_and_range(near.estimate, near.low, near.high)
    return f"{told}<small>{between}</small>"


DASHES = ("–", "–", "–")
NOTHING_DRAWN = '<span class="none">–</span>'


def beside(own: Result, every: Result | None, key: Key) -> tuple[str, str, str]:
    """The others' share, the difference, and whether it is more than chance would explain; dashes where untold."""
    here, whole = share_of(own), share_of(every) if every is not None else None
    others = without(whole, here, ()) if here is not None and whole is not None else None
    if here is None or others is None:
        return DASHES
    difference = here.value - others.value
    told = f"<b>{percent(others.value)}</b><small>{count(others.counted)} of {count(others.asked)}</small>"
    exact = own.n == own.denominator and here.counted is not None and others.counted is not None
    p = fisher(here.counted or 0, here.asked, others.counted or 0, others.asked) if exact else by_spread(here, others)
    low, high = as_tested(limits(here, others), p)
    apart, least, most = points_of(difference, low, high)
    gap = f"{apart}<small>{least} to {most}</small>"
    if p >= LEVEL:
        return told, gap, "as others"
    worse = (difference > 0) == key.fewer_is_better
    return told, gap, f'<span class="word {"bad" if worse else "good"}">apart</span>'
