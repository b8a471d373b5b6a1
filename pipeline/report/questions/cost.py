"""C7 in words: what similar people cost at one level and at another, later care included; cheaper is never called
better care."""

from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.figures.cost import acceptability_figure, plane_figure, same_throughout
from pipeline.report.fragment import Picture
from pipeline.report.names import arm_label, arm_phrase, scale
from pipeline.report.numbers import from_to, in_hundred
from pipeline.report.released import Released
from pipeline.report.words import Sentence, number_of, pair, reason, tag_of, why_hidden, worded
from pipeline.results import Result

CHEAPER_IS_NOT_BETTER = "Costing less says nothing about how people did."
FOLDS = {"better": "cost less than", "worse": "cost more than"}


def cost_difference(released: Released, row: Result) -> Sentence:
    """The verdict on cost, the difference with its range, what the index stay alone would have said, and what the
    prices are."""
    twin = next((one for one in released.rows(twin_of=row.result_id) if one.analysis == "as_observed"), None)
    used = tuple(one.result_id for one in (row, twin) if one is not None)
    if unsaid := not_said(row, f"What {arm_phrase(row.arm)} and {arm_phrase(row.reference)} cost", used):
        return unsaid
    over = f"over {row.day} days from the start, later care included"
    if row.estimator == "index stay only":
        return Sentence(f"As observed, the first stay alone: {difference(row)}.", sentence_of(row.note), "", used)
    if row.verdict in FOLDS:
        point = f"{arm_label(row.arm)} {FOLDS[row.verdict]} {arm_phrase(row.reference)} {over}, for similar people."
    elif row.verdict.startswith("inconclusive"):
        point = (
            f"Whether {arm_phrase(row.arm)} costs less or more than {arm_phrase(row.reference)} {over} is still open."
        )
    else:
        point = (
            f"A hint, not a finding: what {arm_phrase(row.arm)} costs beside {arm_phrase(row.reference)} {over}, for"
            " similar people."
        )
    parts = [f"On average {difference(row)}."]
    if twin is not None and isinstance(twin.estimate, float):
        parts.append(
            "Counting only the first stay, and not adjusting for who starts where, the same comparison reads"
            f" {amount(twin)}."
        )
    return Sentence(
        point, " ".join([*parts, worded(row.note), CHEAPER_IS_NOT_BETTER]).replace("  ", " "), tag_of(row), used
    )


def cost_in_brief(row: Result) -> str:
    """The difference in cost in a line for the director: the number with its range, or why there is none."""
    two = f"{arm_phrase(row.arm)} and {arm_phrase(row.reference)}"
    if row.gate == "withheld":
        return f"Cost of {two} cannot be compared: {reason(row)}."
    if not isinstance(row.estimate, float):
        return f"Cost of {two}: {why_hidden(row) if is_suppressed(row.estimate) else 'not known'}."
    return (
        f"Cost over {row.day} days, later care included: {arm_phrase(row.arm)} {difference(row)} than"
        f" {arm_phrase(row.reference)}, for similar people. {CHEAPER_IS_NOT_BETTER}"
    )


def mean_cost(released: Released, row: Result) -> Sentence:
    """What similar people cost at one level."""
    if unsaid := not_said(row, f"What {arm_phrase(row.arm)} costs", (row.result_id,)):
        return unsaid
    low, high = (money(row, value) if isinstance(value, float) else "?" for value in (row.low, row.high))
    return Sentence(
        f"For similar people, {arm_phrase(row.arm)} cost {money(row, value_of(row))} on average over {row.day} days"
        " from the start.",
        f"Likely range {low} to {high}. {worded(row.note)}".strip(),
        "",
        (row.result_id,),
    )


def effect_beside_cost(released: Released, row: Result) -> Sentence:
    """The effect in the people whose costs are compared."""
    if unsaid := not_said(row, f"How {pair(row)} did", (row.result_id,)):
        return unsaid
    value = value_of(row)
    return Sentence(
        f"A hint, not a finding: of 100 people whose costs were compared, {in_hundred(value)}"
        f" {'more' if value > 0 else 'fewer'} reliably improved in {arm_phrase(row.arm)} than in"
        f" {arm_phrase(row.reference)}.",
        share_range(row),
        tag_of(row),
        (row.result_id,),
    )


def net_benefit(released: Released, row: Result) -> Sentence:
    """What cost and effect come to together at one worth of one more person who improves."""
    if unsaid := not_said(row, f"Cost beside effect, {pair(row)}", (row.result_id,)):
        return unsaid
    worth, value = float(row.varied.removeprefix("worth ")), value_of(row)
    return Sentence(
        f"If one more person who reliably improves on the {scale(released.study, row.outcome)[0]} were worth {row.unit}"
        f" {worth:,.0f}, {arm_phrase(row.arm)} would come out {money(row, value)}"
        f" {'ahead of' if value > 0 else 'behind'} {arm_phrase(row.reference)} for each person.",
        f"{money_range(row, 'ahead', 'behind')} A hint, not a finding.",
        tag_of(row),
        (row.result_id,),
    )


def cost_of_effect(released: Released, row: Result) -> Sentence:
    """Cost per further person who improves, only where there is one."""
    if unsaid := not_said(row, f"What one more person who improves costs, {pair(row)}", (row.result_id,)):
        return unsaid
    kind = "costs" if row.note.startswith("extra") else "saves, for each person fewer"
    return Sentence(
        f"One more person who reliably improves {kind} {money(row, value_of(row))}, {arm_phrase(row.arm)} beside "
        f"{arm_phrase(row.reference)}.",
        f"{money_range(row, '', '')} A hint, not a finding.",
        tag_of(row),
        (row.result_id,),
    )


def not_said(row: Result, what: str, used: tuple[str, ...]) -> Sentence | None:
    """The sentence of a row without a number: withheld, hidden or not known; None where there is one."""
    if row.gate == "withheld":
        return Sentence(f"{what} cannot be said here.", f"The reason: {reason(row)}.", tag_of(row), used)
    if is_suppressed(row.estimate):
        return Sentence(f"{what} is {why_hidden(row)}.", "", tag_of(row), used)
    if row.estimate is None:
        return Sentence(f"{what} is not known.", f"The reason: {reason(row) or 'no estimate could be made'}.", "", used)
    return None


def value_of(row: Result) -> float:
    return number_of(row)


def money(row: Result, value: float) -> str:
    """'USD 12,600', without its sign."""
    return f"{row.unit} {abs(value):,.0f}"


def amount(row: Result) -> str:
    """'USD 12,600 less a person'."""
    value = value_of(row)
    return f"{money(row, value)} {'more' if value > 0 else 'less'} a person"


def difference(row: Result) -> str:
    """'USD 12,600 less a person (likely range USD 8,230 to 17,000 less)'."""
    told = money_range(row, "more", "less").removesuffix(".")
    return f"{amount(row)} ({told[0].lower()}{told[1:]})"


def money_range(row: Result, above: str, below: str) -> str:
    """'Likely range USD 8,230 to 17,000 less.', nearer to zero first; both directions named where it holds 0."""
    if not isinstance(row.low, float) or not isinstance(row.high, float):
        return "Range not shown."
    if row.low * row.high > 0 or not above:
        near, far = sorted((row.low, row.high), key=abs)
        side = above if row.low > 0 else below
        return f"Likely range {money(row, near)} to {abs(far):,.0f} {side}".rstrip() + "."
    return f"Likely range {money(row, row.low)} {below} to {money(row, row.high)} {above}."


def share_range(row: Result) -> str:
    if not isinstance(row.low, float) or not isinstance(row.high, float):
        return "Range not shown."
    if row.low * row.high > 0:
        near, far = sorted((row.low, row.high), key=abs)
        return f"Likely range {from_to(in_hundred(near), in_hundred(far))} {'more' if row.low > 0 else 'fewer'}."
    return f"Likely range {in_hundred(row.low)} fewer to {in_hundred(row.high)} more."


def sentence_of(note: str) -> str:
    """A note as a sentence of its own."""
    return f"{note[0].upper()}{note[1:].rstrip('.')}." if note else ""


def pictures(released: Released, row: Result) -> list[Picture]:
    """The figures of this question: title, what is below it, SVG or empty text."""
    return [
        (
            "Cost against effect: similar people",
            "Square: estimate. Shaded: 95% region. In the corners: how likely each is."
            + same_throughout(released, row),
            plane_figure(released, row, "cost-plane"),
        ),
        (
            "Chance of being worth its cost",
            "By what one more person reliably better is worth to whoever pays. A hint, not a finding.",
            acceptability_figure(released, row, "acceptability"),
        ),
    ]


SENTENCES = {
    "cost_difference": cost_difference,
    "adjusted_mean": mean_cost,
    "effect_difference": effect_beside_cost,
    "net_monetary_benefit": net_benefit,
    "cost_per_effect": cost_of_effect,
}
