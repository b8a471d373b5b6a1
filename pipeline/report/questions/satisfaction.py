"""C5 in words: how being content early goes together with what came after, and never that it caused it."""

from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.names import scale
from pipeline.report.numbers import MINUS, from_to, percent, plain
from pipeline.report.released import Released
from pipeline.report.words import Sentence, number_of, reason, tag_of, why_hidden
from pipeline.results import Result

SURVEYS = {
    "CSQ8": ("the CSQ-8, a survey of satisfaction", "content"),
    "WAISR": ("the WAI-SR, a survey of the working alliance", "in accord with their therapist"),
}
SIZES = ((0.1, "hardly"), (0.3, "a little"), (0.5, "clearly"), (1.01, "strongly"))  # Cohen's steps for a correlation
NOT_AN_EFFECT = (
    "This is how the two go together among those who answered. It does not say that making people more content would"
    " change it: whoever does well may be content because of that."
)


def correlation(released: Released, row: Result) -> Sentence:
    """Who stayed longer or improved more, by how content they were early; the response rate and the score at discharge
    beside it."""
    rate = released.row(question="C5", measure="response_rate")
    twin = next((one for one in released.rows(twin_of=row.result_id) if one.analysis == "as_observed"), None)
    used = tuple(one.result_id for one in (row, rate, twin) if one is not None)
    what = f"Whether people who are content early {did(released, row)}"
    if unsaid := not_said(row, what, used):
        return unsaid
    survey, content = survey_of(row)
    if row.estimator == "score at discharge":
        return Sentence(
            f"By the score at discharge, the correlation reads {signed(row.estimate)}.", said(row.note), "", used
        )
    parts = [
        f"Rank correlation {signed(row.estimate)} (likely range {from_to(signed(row.low), signed(row.high))}; 0 is"
        " none, 1 is the most)."
    ]
    if rate is not None and isinstance(rate.estimate, float):
        parts.append(f"Of those still in care on day {rate.day}, {percent(rate.estimate)} had answered {survey}.")
    if twin is not None and isinstance(twin.estimate, float):
        parts.append(
            "With the score at discharge, which only those can give who are still there, it reads"
            f" {signed(twin.estimate)}."
        )
    return Sentence(point(released, row, content), " ".join([*parts, NOT_AN_EFFECT]), tag_of(row), used)


def point(released: Released, row: Result, content: str) -> str:
    """The association in one sentence; open where the range holds 0."""
    low, high = row.low, row.high
    found = number_of(row)
    if not isinstance(low, float) or not isinstance(high, float) or low <= 0 <= high:
        return f"Whether people who are more {content} early {did(released, row)} is open."
    size = next(word for most, word in SIZES if abs(found) < most)
    more = did(released, row) if found > 0 else did(released, row, less=True)
    if size == "hardly":
        return (
            f"People who were more {content} early {past(more)}, but by so little that it hardly tells one person from"
            " another."
        )
    return f"People who were more {content} early {past(more)}: the two go together {size}."


def did(released: Released, row: Result, less: bool = False) -> str:
    if row.outcome.startswith("stayed"):
        return "stay less long afterwards" if less else "stay longer afterwards"
    name = scale(released.study, row.outcome)[0]
    return f"improve {'less' if less else 'more'} on the {name} afterwards"


def past(words: str) -> str:
    return words.replace("stay ", "stayed ", 1).replace("improve ", "improved ", 1)


def response(released: Released, row: Result) -> Sentence:
    """How many of those asked had answered."""
    if unsaid := not_said(row, "How many had answered the early survey", (row.result_id,)):
        return unsaid
    survey, _ = survey_of(row)
    return Sentence(
        f"Of those still in care on day {row.day}, {percent(row.estimate)} had answered {survey}.",
        "Nothing is known of how content the others were.",
        "",
        (row.result_id,),
    )


def slope(released: Released, row: Result) -> Sentence:
    """How much longer, or how many points more, per point of the early score: within programs and between them."""
    where = "between people of one program" if row.stratum.endswith("within programs") else "between programs"
    if unsaid := not_said(row, f"How the early score goes together with what came after, {where}", (row.result_id,)):
        return unsaid
    survey, _ = survey_of(row)
    unit = "days in care" if row.measure == "slope_days" else "points of improvement"
    return Sentence(
        f"For one point more on {survey.split(',')[0]}, {where}: {signed(row.estimate)} {unit} afterwards.",
        f"Likely range {from_to(signed(row.low), signed(row.high))}, other things recorded at the start being equal."
        f" {NOT_AN_EFFECT}",
        tag_of(row),
        (row.result_id,),
    )


def survey_of(row: Result) -> tuple[str, str]:
    name = row.stratum.split(",")[0]
    return SURVEYS.get(name, (f"the {name}" if name else "the survey", "content"))


def signed(value: object) -> str:
    """A number with its sign, as a correlation is written; '?' where it is not known."""
    if not isinstance(value, float):
        return "?"
    written = plain(value, 2)
    return written if value <= 0 or written.startswith(MINUS) else f"+{written}"


def said(note: str) -> str:
    return f"{note[0].upper()}{note[1:].rstrip('.')}." if note else ""


def not_said(row: Result, what: str, used: tuple[str, ...]) -> Sentence | None:
    """The sentence of a row without a number; None where there is one."""
    if row.gate == "withheld":
        return Sentence(f"{what} cannot be said here.", f"The reason: {reason(row)}.", tag_of(row), used)
    if is_suppressed(row.estimate):
        return Sentence(f"{what} is {why_hidden(row)}.", "", tag_of(row), used)
    if row.estimate is None:
        return Sentence(f"{what} is not known.", f"The reason: {reason(row) or 'no estimate could be made'}.", "", used)
    return None


SENTENCES = {"rank_correlation": correlation, "response_rate": response, "slope_days": slope, "slope_points": slope}
