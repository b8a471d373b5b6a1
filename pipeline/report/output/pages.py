"""Which pages a study has: those that every study has, and those that its own notebooks make."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.questions import how_many
from pipeline.report.output.frame import DASHBOARD, INDEX
from pipeline.report.output.notebooks import own_notebooks, title_of
from pipeline.report.output.publishing import stamped
from pipeline.study import Study

QUALITY = "quality"
OWN_LINE = "A page of this study's own, from its folder of notebooks."


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page of the report: its notebook, its name in the list, what it is for in one line, and its name in the bar."""

    name: str
    title: str
    line: str
    short: str


PAGES = (
    PageSpec(
        "director",
        "Outcomes by level of care",
        "How people did at each level, whether like-for-like differences are real, and how far to trust it. "
        "Two pages when printed.",
        "Director",
    ),
    PageSpec(
        "claims",
        f"{how_many().capitalize()} claims",
        "What is said of intensive outpatient care, asked of these records: verdict, number, simple count, and what"
        " could still fool us.",
        "Claims",
    ),
    PageSpec(
        QUALITY,
        "Quality of care",
        "What is new in the latest period, harm first; a dozen measures by level with their last twelve months, course"
        " and sites; charts, groups, definitions.",
        "Quality",
    ),
    PageSpec(
        "research",
        "Research report",
        "Protocol as a target trial, flow, Table 1, every comparison by every estimator, checks, methods text,"
        " guidelines.",
        "Research",
    ),
    PageSpec(
        "data_quality",
        "Data quality",
        "What arrived, what was set aside and why, who is in the comparison, and what is recorded of them.",
        "Data quality",
    ),
    PageSpec(
        "validation",
        "Validation",
        "What simulations with a known truth say of these methods: coverage, bias, false alarms, right answers, traps.",
        "Validation",
    ),
)


def pages_of(study: Study) -> tuple[PageSpec, ...]:
    """The pages every study has, and those that only its own notebooks make."""
    known = {spec.name for spec in PAGES}
    own = [path for path in own_notebooks(study) if path.stem not in known]
    return (*PAGES, *(PageSpec(path.stem, title_of(path), OWN_LINE, title_of(path)) for path in own))


def rendered_from(study: Study, reports: Path) -> str:
    """What the last full render was made from; '' where there is none or a page of it is gone."""
    folder = reports / study.name
    names = (*(spec.name for spec in pages_of(study)), DASHBOARD[0], INDEX[0])
    return stamped(folder)[0] if all((folder / f"{name}.html").is_file() for name in names) else ""
