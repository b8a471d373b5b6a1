"""The validation page: questions that need whole records, drawn, read, built and asked as a program's are."""

from pipeline.report.fragment import Fragment, section, table, text
from pipeline.report.numbers import percent, plain
from pipeline.report.released import Released
from pipeline.report.sections.validation import WORLDS, claimed
from pipeline.report.validation import Row, number, rows_of, share, value

QUESTIONS = {
    "C3": "C3: better sooner, in percentage points",
    "C6": "C6: back in 24-hour care by day 30, in percentage points",
    "C7": "C7: cost by day 180, in dollars",
    "C13": "C13: improvement by day 180, in points of the primary scale",
}
HUNDREDTHS, DOLLARS = ("C3", "C6"), ("C7",)
HEAD = [
    *("Question", "World", "People", "Studies", "Truth", "Off on average", "Withheld"),
    *("95% range holds the truth", "Right claims", "Wrong claims", "A simple count says"),
]
NOTE = (
    "Each study is files of records: read with every rule, built into episodes, asked, and its claims read at the level"
    " that all claims of a study share. Ranges are 95% ones. The truth of C3 is what scores of everybody at every mark"
    " would say: better at one by its day, and at the next. ± is the Monte-Carlo error."
)


def other_questions(released: Released) -> Fragment:
    """Answers to questions beside C2 and C4, held against the truth of the worlds that have one; empty where their
    table did not come along."""
    body = [told(row) for row in rows_of("questions")]
    if not body:
        return Fragment("")
    made = table("Answers from whole records beside the truth", HEAD, body, kind="steps dense ways")
    return Fragment(section("And where records have to be read and built first?", made, note=NOTE))


def told(row: Row) -> list[str]:
    """One question in one world."""
    world = WORLDS.get(row["scenario"], row["scenario"].replace("_", " "))
    return [
        text(QUESTIONS[row["question"]]),
        text(world),
        text(f"{int(row['people']):,}"),
        text(row["studies"]),
        amount(row, "truth"),
        f"{amount(row, 'bias')} (± {amount(row, 'bias_error')})",
        share(row, "withheld"),
        held(row),
        *claimed({**row, "not_worse": "0"}),
        amount(row, "naive"),
    ]


def amount(row: Row, name: str) -> str:
    """A number of a row in the unit that its question names."""
    if row["question"] in DOLLARS:
        return text(value(row, name, 0))
    found = number(row, name)
    hundredths = found is not None and row["question"] in HUNDREDTHS
    return text(plain(100 * found, 1) if hundredths and found is not None else value(row, name, 2))


def held(row: Row) -> str:
    """The share of ranges that hold the truth, with its Monte-Carlo error."""
    covered, shown = number(row, "covered"), float(row["studies"]) * (1 - float(row["withheld"]))
    if covered is None or not shown:
        return "–"
    return f"{percent(covered)} (± {plain(100 * (covered * (1 - covered) / shown) ** 0.5, 1)})"
