"""What is assumed to decide both the level and the outcome: in the model, checked only, in no record."""

import re

from pipeline.report.drawing.assumed import assumed_figure
from pipeline.report.four_sentences import in_order
from pipeline.report.fragment import Fragment, figure, section, table, text
from pipeline.report.names import NOT_IN_MODEL, arm_label, arm_phrase, confounder, outcome_label
from pipeline.report.numbers import listed
from pipeline.report.released import Released
from pipeline.report.sections.research.protocol import uncapped
from pipeline.report.sentences.strata import read
from pipeline.results import Diagnostic, Result

SITE = re.compile(r"^Site \d+$")
BELOW = "Solid: allowed for. Dashed: could still bias the answer. Nothing after the first day is adjusted for."
NOTE = (
    "How strong something in no record would have to be stands under “What would overturn an answer”. The list is the"
    " study's own: [confounders] unmeasured in study.toml."
)


def assumed(released: Released) -> Fragment:
    """The diagram of the first comparison, what is only checked, and which way what is in no record could pull."""
    row = next(iter(in_order(released)), None)
    if row is None:
        return Fragment("")
    modeled, checked = used(released, row)
    told = [one.partition(":") for one in released.study.confounders.unmeasured]
    ways = {name.strip(): way.strip() for name, _, way in told}
    pair = f"{arm_label(row.arm)} or {arm_phrase(row.reference)}"
    drawn = assumed_figure(pair, outcome_label(released.study, row), modeled, list(ways))
    made = figure("What is assumed to cause what", BELOW, drawn)
    body = [[text(name[:1].upper() + name[1:]), text(way)] for name, way in ways.items()]
    lines = (
        table("What is in no record", ["In no record", "Which way it could pull"], body, kind="prose protocol")
        if body
        else ""
    )
    inner = f'<div class="narrow">{made}</div>{checked_only(checked)}{lines}'
    return Fragment(section("What is assumed", inner, note=text(NOTE)), (row.result_id,))


def checked_only(names: list[str]) -> str:
    """What is in no model of the first comparison, in a sentence."""
    if not names:
        return ""
    told = listed(uncapped(name) for name in names)
    return f"<p>{text(f'In no model of the first comparison, but checked for balance: {told}.')}</p>"


def used(released: Released, row: Result) -> tuple[list[str], list[str]]:
    """What the model of a comparison holds, and what was only checked, each named once; what the study adjusts for
    where no model was made."""
    lines = [d for d in released.tables.diagnostics if d.result_id == row.result_id and d.check == "balance"]
    found: dict[str, bool] = {}
    for d in lines:
        found.setdefault(name_of(d), not d.covariate.endswith(NOT_IN_MODEL))
    if not any(found.values()):
        choices = released.study.confounders
        return [*map(confounder, (*choices.core, *choices.more)), "site"], []
    return [uncapped(name) for name, inside in found.items() if inside], [
        n for n, inside in found.items() if not inside
    ]


def name_of(found: Diagnostic) -> str:
    """A balance line's confounder: 'Diagnosis' of 'Diagnosis: trauma', 'Site' of 'Site 3'."""
    return read(SITE.sub("Site", re.split("[:,]", found.covariate.removesuffix(NOT_IN_MODEL))[0]))
