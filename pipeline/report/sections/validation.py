"""The validation page: how often ranges hold a known truth, whether answers are right, and where they are not."""

import re
from collections.abc import Sequence

from pipeline.report.fragment import Fragment, section, table, text
from pipeline.report.gate_study import APART, CHOSEN, GRID, LOTTERY, by_line, left_out, pooled, sizes, too_small
from pipeline.report.numbers import count, percent, plain
from pipeline.report.released import Released
from pipeline.report.sections.research.protocol import packages
from pipeline.report.validation import Row, families, misses, number, rows_of, share, value

KINDS = {
    "means": "difference of means",
    "curves": "staying and ending",
    "imputed": "missing scores filled in",
    "power": "power",
}
ESTIMATORS = {
    "impute + pool": "imputed, then pooled",
    "jackknife_limits": "limits by leaving sites out",
    "kaplan_meier": "Kaplan-Meier",
    "rmst_difference": "difference in mean time in care",
    "weighted_rmst": "weighted mean time in care",
    "weighted_incidence": "weighted share who ended so",
    "weighted_survival": "weighted share still in care",
    "sequential": "sequence of trials",
}
WORLDS = {
    "well_measured": "nearly everybody is measured",
    "known_effect": "a trauma track that helps by four points",
    "null": "no level does anything",
    "site_is_level": "each site offers one level only",
    "mnar": "those who did worse are not measured",
    "relapse_unseen": "those not measured fell back after their last score, which no record shows",
    "therapists": "one site of 2,400 people, and some therapists do better than others",
    "default": "as programs usually are",
    "routine": "measured as in routine care, by half",
    "floor": "many start near the best score",
    "immortal_time": "those who come back early never start IOP",
    "assessment_frequency": "one level asks far more often than the other",
}
LINE_IN_WORDS = {
    "effective_size": "too few effective people",
    "observed_n": "too few people measured",
    "observed_share": "too small a share measured",
    "observation_weight": "too many unmeasured for each one measured",
    "max_person_share": "one person would decide",
    "variance_ratio": "one group varies much more",
    "balance": "the groups still differ",
    "overlap": "too few could have started at the other level",
    "shared_sites": "level and site cannot be separated",
    "recorded": "a core measure is recorded too seldom",
    "recorded_gap": "a core measure is recorded more often at one level",
}
SHOULD = (LOTTERY, CHOSEN)
ASKED = (("C2", "Improvement in scores"), ("C4", "Leaving early, which is known of everybody"))
NOTHING = "The tables of the simulations did not come with this installation."
LINES = (
    "Each cell is a world of its own (people, sites, arms, how strongly need decides the level) of which up to 2,000"
    " studies were drawn. Lines: a 95% range holds the truth in at least 93%, bias is at most 0.15 standard deviations,"
    " and where nothing differs, at most 6.2% say that something does."
)


GATE = (
    "People are those of the two levels together; ± is the Monte-Carlo error of a share. Three numbers are those with"
    " 45, 60 and 85% measured, one number where they are the same; a dash is fewer than twenty answers. Of unequal"
    " sites the first of three has six in ten of the people, and the first of twelve four in nine. A right verdict"
    " claims something, and it is so; a verdict that the question is open is neither right nor wrong. Where a lottery"
    " drew the levels, at most 5% should be withheld by chance over all lines; without overlap at least 95%. Each size"
    " was asked of one version of the program, not all of the same (gate.csv, column code). Not drawn, with fewer than"
    " 30 people at a site: "
)


def coverage(released: Released) -> Fragment:
    """Coverage, bias and error of the first kind by kind of estimator, and every cell that misses with its reason."""
    rows = rows_of("results")
    body = [
        [
            f"{text(KINDS.get(one.kind, one.kind))}: {text(estimator(one.estimator))}",
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
    """Every cell that misses a line, and what keeps such a number from a page; each reason once."""
    found = misses(rows_of("results"), rows_of("limits"))
    if not found:
        return ""
    alike: dict[tuple[str, str], list[str]] = {}
    for cell, names, why in found:
        alike.setdefault((names, why), []).append(text(world(cell)))
    body = [
        ["<br>".join(cells), text(names), f"{text(why[:1].upper() + why[1:])}."]
        for (names, why), cells in alike.items()
    ]
    made = table(
        "Cells that miss", ["World", "Estimators", "Why, and what it means"], body, kind="prose dense protocol"
    )
    return f"<h3>Where they do not</h3>{made}"


def estimator(name: str) -> str:
    return ESTIMATORS.get(name, name.replace("_", " "))


def world(cell: str) -> str:
    """'500 people, 12 sites, 3 levels, …' of 'means, n 500, 12 sites, 3 arms, …'."""
    told = re.sub(r"\bn (\d+)", lambda found: f"{int(found[1]):,} people", cell.partition(", ")[2])
    return re.sub(r"\barms\b", "levels", told)


def verdicts(released: Released) -> Fragment:
    """Whole answers beside the truth of each world: the primary comparison of each scenario."""
    rows = [row for row in rows_of("truth") if row.get("role") == "primary"]
    head = [
        *("World", "Studies", "Truth", "Withheld", "Open", "Range holds the truth", "Right claims", "Wrong claims"),
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
            *claimed(row),
            text(value(row, "naive", 1)),
        ]
        for row in rows
    ]
    note = (
        "Truth and simple counts in points of the primary scale, improvement of the first level beyond the second. A"
        " claim is a verdict that says more than that the question is open; it is wrong where the truth contradicts it."
        " No wrong one in so many studies still allows up to about three in as many: in 40 studies, 7%. Where nothing"
        " can identify the truth, the range need not hold it: the answer has to be withheld or left open, and what it"
        " claims all the same must not be wrong."
    )
    inner = table("Answers beside the truth", head, body, kind="steps dense") if body else ""
    return Fragment(section("Are the answers right, also where traps are laid?", inner, note=note if inner else ""))


def claimed(row: Row) -> tuple[str, str]:
    """Shares of the studies with a number whose verdict claims something and is right, and is wrong: the table counts
    those that are wrong."""
    claims, not_worse = number(row, "claims"), number(row, "not_worse")
    shown = float(row["studies"]) * (1 - float(row["withheld"]))
    if claims is None or not_worse is None or not shown:
        return "–", "–"
    wrong = float(row["contradictions"]) / shown
    return percent(claims + not_worse - wrong), percent(wrong)


def gate(released: Released) -> Fragment:
    """How often the gate answers, by how many people and sites there are, what it then says, and which line refuses."""
    rows = rows_of("gate")
    if not rows:
        return Fragment("")
    inner = "".join(made(rows, *one) for one in ASKED for made in (over_all_sites, by_size, what_is_said))
    inner += refused_by(rows) + seldom(rows) + lacking(rows)
    note = f"{GATE}{text(left_out(rows))}."
    return Fragment(section("Does the gate withhold what it should, and only that?", inner, note=note))


def over_all_sites(rows: Sequence[Row], question: str, of: str) -> str:
    """A digest: each world over all sites and shares measured, with Monte-Carlo errors."""
    body = [
        [text(world.capitalize()), count(one.people), count(one.studies), one.answered, one.held, one.right, one.wrong]
        for world in GRID
        for one in pooled(rows, question, world)
    ]
    title = f"{of}: over all sites and shares measured"
    head = ["World", "People", "Studies", "Answered", "Range holds the truth", "Right verdict", "Wrong verdict"]
    return f"<h3>{title}</h3>" + table(title, head, body, kind="steps dense ways") if body else ""


def by_size(rows: Sequence[Row], question: str, of: str) -> str:
    """Answered and withheld: each cell holds one number for each share measured."""
    head = ["People", "Sites", "Studies a number", "Lottery", "… in 0.1.0", "As programs choose", "… in 0.1.0"]
    body = [
        [
            count(one.people),
            text(one.sites),
            text(one.studies),
            *(one.cell(world, column) for world in SHOULD for column in ("answered", "before_answered")),
            one.cell(APART, "answered"),
        ]
        for one in sizes(rows, question)
    ]
    title = f"{of}: studies that are answered"
    made = table(title, [*head, "No overlap"], body, kind="steps dense ways")
    return f"<h3>{title}</h3>{made}" if body else ""


def what_is_said(rows: Sequence[Row], question: str, of: str) -> str:
    """Of the answers: ranges that hold the truth, and verdicts that are right and wrong."""
    columns = ("coverage", "right", "wrong")
    words = ("range holds the truth", "right verdict", "wrong verdict")
    cells = (f"{world.capitalize()}: {word}" for world in SHOULD for word in words)
    head = ["People", "Sites", "Studies a number", *cells]
    body = [
        [
            count(one.people),
            text(one.sites),
            text(one.studies),
            *(one.cell(world, column) for world in SHOULD for column in columns),
        ]
        for one in sizes(rows, question)
    ]
    title = f"{of}: what is then said"
    return f"<h3>{title}</h3>" + table(title, head, body, kind="steps dense ways") if body else ""


def refused_by(rows: Sequence[Row]) -> str:
    """Which line of the gate refused what should have been answered."""
    made = ""
    for world in SHOULD:
        people, lines = by_line(rows, world)
        body = [[text(LINE_IN_WORDS.get(name, name)), *(percent(share) for share in shares)] for name, shares in lines]
        title = f"{world.capitalize()}: which line refused, in how many of the studies of all sites and shares measured"
        made += f"<h3>{title}</h3>" + table(title, ["Line", *map(count, people)], body, kind="steps") if body else ""
    return made


def seldom(rows: Sequence[Row]) -> str:
    """The sizes that cannot be answered often, with the reason."""
    body = [[f"{text(why[:1].upper() + why[1:])}.", text(which)] for why, which in too_small(rows)]
    title = "Sizes that are too small to be answered in nine of ten programs"
    return f"<h3>{title}</h3>" + table(title, ["Why", "Which"], body, kind="prose dense protocol") if body else ""


def lacking(rows: Sequence[Row]) -> str:
    """The worlds beyond the grid that lack something else."""
    body = [
        [text(row["world"].capitalize()), count(int(row["people"])), text(row["sites"]), text(row["studies"]), withheld]
        for row in rows
        if row["world"] not in GRID
        and row["studies"] != "0"
        and (withheld := percent(1 - (number(row, "answered") or 0.0)))
    ]
    title = "What lacks something else has to be withheld, with 60% measured"
    head = ["World", "People", "Sites", "Studies", "Withheld"]
    return f"<h3>{title}</h3>" + table(title, head, body, kind="steps dense") if body else ""


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
