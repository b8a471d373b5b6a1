"""The validation page: how often ranges hold a known truth, whether answers are right, and where they are not."""

from pipeline.report.fragment import Fragment, section, table, text
from pipeline.report.numbers import percent, plain
from pipeline.report.released import Released
from pipeline.report.sections.protocol import packages
from pipeline.report.validation import families, misses, rows_of, share, value

KINDS = {
    "means": "difference of means",
    "curves": "staying and ending",
    "imputed": "missing scores filled in",
    "power": "power",
}
WORLDS = {
    "well_measured": "nearly everybody is measured",
    "known_effect": "a trauma track that helps by four points",
    "null": "no level does anything",
    "site_is_level": "each site offers one level only",
    "mnar": "those who did worse are not measured",
    "default": "as programs usually are",
    "routine": "measured as in routine care, by half",
    "floor": "many start near the best score",
    "immortal_time": "those who come back early never start IOP",
    "assessment_frequency": "one level asks far more often than the other",
}
NOTHING = "The tables of the simulations did not come with this installation."
LINES = (
    "Each cell is a world of its own (people, sites, arms, how strongly need decides the level) of which up to 2,000"
    " studies were drawn. Lines: a 95% range holds the truth in at least 93%, bias is at most 0.15 standard deviations,"
    " and where nothing differs, at most 6.2% say that something does."
)


def coverage(released: Released) -> Fragment:
    """Coverage, bias and error of the first kind by kind of estimator, and every cell that misses with its reason."""
    rows = rows_of("results")
    body = [
        [
            f"{text(KINDS.get(one.kind, one.kind))}: {text(one.estimator.replace('_', ' '))}",
            f"{one.cells}",
            f"{percent(one.coverage[0])} to {percent(one.coverage[1])}",
            plain(one.bias, 2),
            percent(one.false) if one.false else "–",
            f"{one.missed}" if one.missed else "none",
        ]
        for one in families(rows)
    ]
    head = [
        "Estimator",
        "Cells",
        "Ranges that hold the truth",
        "Largest bias, in SD",
        "Most false alarms",
        "Cells that miss",
    ]
    made = table("Estimators over simulated studies", head, body, kind="steps dense") if body else f"<p>{NOTHING}</p>"
    return Fragment(section("Do the ranges hold what they should?", made + missed(), note=LINES))


def missed() -> str:
    """Every cell that misses a line, and what keeps such a number from a page."""
    found = misses(rows_of("results"), rows_of("limits"))
    if not found:
        return ""
    body = [[text(cell), text(names), f"{text(why[:1].upper() + why[1:])}."] for cell, names, why in found]
    made = table(
        "Cells that miss", ["World", "Estimators", "Why, and what it means"], body, kind="prose dense protocol"
    )
    return f"<h3>Where they do not</h3>{made}"


def verdicts(released: Released) -> Fragment:
    """Whole answers beside the truth of each world: the primary comparison of each scenario."""
    rows = [row for row in rows_of("truth") if row.get("role") == "primary"]
    head = [
        *("World", "Studies", "Truth", "Withheld", "Open", "Range holds the truth", "Wrong claims"),
        "A simple count says",
    ]
    body = [
        [
            text(WORLDS.get(row["scenario"], row["scenario"].replace("_", " "))),
            text(row["studies"]),
            text(value(row, "truth", 1)),
            share(row, "withheld"),
            share(row, "abstains"),
            share(row, "covered"),
            share(row, "contradictions"),
            text(value(row, "naive", 1)),
        ]
        for row in rows
    ]
    note = (
        "Truth and simple counts in points of the primary scale, improvement of the first level beyond the second. A"
        " wrong claim is a verdict that the truth contradicts. Where nothing can identify the truth, the answer has to"
        " be withheld or left open."
    )
    inner = table("Answers beside the truth", head, body, kind="steps dense") if body else ""
    return Fragment(section("Are the answers right, also where traps are laid?", inner, note=note if inner else ""))


def gate(released: Released) -> Fragment:
    """How often the gate withholds, by world and by how many people and sites there are."""
    rows = rows_of("gate")
    head = [
        "World",
        "People",
        "Sites",
        "Studies",
        "Withheld",
        "Range holds the truth",
        "Lines that failed, in how many",
    ]
    body = [
        [
            text(row["world"].replace(" %", "%")),
            *(text(row[name]) for name in ("people", "sites", "studies")),
            share(row, "withheld"),
            share(row, "coverage"),
            text(row["lines"].replace("_", " ") or "none"),
        ]
        for row in rows
    ]
    note = (
        "A lottery should be answered; a world without overlap, with a confounder left out, or with one level hardly"
        " measured should be withheld."
    )
    inner = table("What the gate withholds", head, body, kind="steps dense ways") if body else ""
    return Fragment(section("Does the gate withhold what it should, and only that?", inner, note=note if inner else ""))


def made_with(released: Released) -> Fragment:
    """Which independent references the estimators are held to, and with which versions all of it was made."""
    rows = rows_of("results")
    versions = sorted({row["versions"] for row in rows if row.get("versions")})
    dates = sorted({row["date"] for row in rows if row.get("date")})
    names = ", ".join(row["reference"].replace("_", " ") for row in rows_of("references"))
    told = [
        f"Estimators are held to independent references, most of them written by R: {names}." if names else "",
        f"Simulated {dates[0]} to {dates[-1]} with {'; '.join(versions)}." if dates else "",
        f"This study: carelevels {released.manifest.get('code_version')}, {packages(released.manifest)}.",
    ]
    inner = "".join(f"<p>{text(one)}</p>" for one in told if one)
    return Fragment(section("References and versions", inner))
