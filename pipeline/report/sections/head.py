"""The head of a page: whose report this is, of which period, how many people; and the mark of simulated data."""

from collections.abc import Sequence

from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.fragment import Fragment, ids, text
from pipeline.report.names import arm_phrase
from pipeline.report.numbers import HIDDEN, count, day, listed, plural
from pipeline.report.released import Released
from pipeline.results import Result

WATERMARK = '<div class="watermark" aria-hidden="true"></div>'
HELD_LINE = (
    "Held back in this edition: {what}. Fewer than {few} people changed each, or a figure beside it, since it was last"
    " shown; to show it again now would tell of those few. It is shown again once {few} or more have changed it, and"
    " until then the earlier edition holds its last figure."
)
AGAIN_LINE = (
    "As released before: {what} stand here as the edition of {days} showed them. Since then fewer than {few} people"
    " changed each, or a figure beside it, and a new figure would tell of those few; it comes once {few} or more have."
)


def head(released: Released, title: str = "", kind: str = "Outcomes report") -> Fragment:
    """Title, period, sites, people, date of the data."""
    manifest = released.manifest
    starts = released.rows(analysis="scorecard", measure="starts")
    facts = {
        "Period": period(released),
        "Sites": count(manifest.get("sites")),
        "People": people(starts),
        "Data to": day(str(manifest.get("data_to") or "")),
        "Dates": "" if manifest.get("calendar") else "none, relative days",
    }
    listing = "".join(
        f"<div><dt>{text(name)}</dt><dd>{text(value)}</dd></div>" for name, value in facts.items() if value
    )
    simulated = ' · <strong class="sim">simulated data, no real people</strong>' if manifest.get("synthetic") else ""
    heading = title or f"How people did in {listed(levels(released))}"
    return Fragment(
        f'<div class="head"><div><p class="eyebrow">{text(kind)} · {text(str(manifest["title"]))}{simulated}</p>'
        f"<h1>{text(heading)}</h1></div>"
        f"<dl>{listing}</dl></div>{held_note(released)}{WATERMARK if manifest.get('synthetic') else ''}",
        ids(starts),
    )


def people(starts: Sequence[Result]) -> str:
    """How many people started at all levels; hidden where the count of one level is."""
    counts = [row.n for row in starts if row.n is not None]
    return HIDDEN if any(map(is_suppressed, counts)) else count(sum(counts))


def held_note(released: Released) -> str:
    """The lines of a page that shows something as it was released before, or holds it back; empty for one that does
    not."""
    said = filter(None, (again_words(released), held_words(released)))
    return "".join(f'<p class="note">{text(words)}</p>' for words in said)


def again_words(released: Released) -> str:
    """How much stands as an earlier edition showed it, of which day, why, and until when; empty where nothing does."""
    days = released.days.get("results", {})
    others = sum(len(of) for table, of in released.days.items() if table != "results")
    what = [f"{len(days):,} of {len(released.tables.results):,} results"] if days else []
    what += [plural(others, "figure or flow", "figures and flows")] if others else []
    known = sorted({day(one) for of in released.days.values() for one in of.values()}, key=str)
    few = released.study.disclosure.threshold
    return AGAIN_LINE.format(what=listed(what), days=listed(known), few=few) if what else ""


def held_words(released: Released) -> str:
    """How much is held back in this edition, why, and until when; empty where nothing is."""
    rows = [f"{released.held:,} of {len(released.tables.results):,} results"] if released.held else []
    arms = [arm_phrase(arm) for arm in released.study.arms if arm in released.curves_held]
    what = rows + ([f"the curves of {listed(arms)}"] if arms else [])
    return HELD_LINE.format(what=listed(what), few=released.study.disclosure.threshold) if what else ""


def levels(released: Released) -> list[str]:
    """'outpatient', 'IOP' and 'inpatient care': the word care once, at the end."""
    phrases = [arm_phrase(arm) for arm in released.arms]
    return (
        [phrase.removesuffix(" care") for phrase in phrases[:-1]] + phrases[-1:] if phrases else ["each level of care"]
    )


def period(released: Released) -> str:
    """First and last period in which people started; years alone where the regime allows no more."""
    labels = sorted(
        {
            p.label
            for p in released.tables.points
            if p.figure == "quarter_starts" and p.label and p.series in released.arms
        }
    )
    if not labels:
        return ""
    return labels[0] if len(labels) == 1 else f"{labels[0]} – {labels[-1]}"
