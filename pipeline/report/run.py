"""Renders the pages of a study: one kernel per page, files replaced whole, the tables folder beside them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import PageError, UsageError
from pipeline.report.export import write_tables
from pipeline.report.files import write_whole
from pipeline.report.index import index_page
from pipeline.report.notebook import run_notebook
from pipeline.report.released import Released, released
from pipeline.study import Study

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
STAMP = ".made_from"


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page of the report: its notebook, its name in the list, and what it is for in one line."""

    name: str
    title: str
    line: str


PAGES = (
    PageSpec(
        "director",
        "Outcomes by level of care",
        "How people did at each level, whether like-for-like differences are real, and how far to trust it. "
        "Two pages when printed.",
    ),
    PageSpec(
        "claims",
        "Fifteen claims",
        "What is said of intensive outpatient care, asked of these records: verdict, number, careless count, and what could still fool us.",
    ),
    PageSpec(
        "research",
        "Research report",
        "Protocol as a target trial, flow, Table 1, every comparison by every estimator, checks, methods text, guidelines.",
    ),
    PageSpec(
        "data_quality",
        "Data quality",
        "What arrived, what was set aside and why, who is in the comparison, and what is recorded of them.",
    ),
)


@dataclass(frozen=True, slots=True)
class PageReport:
    """One written page."""

    name: str
    path: str
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RenderReport:
    """What a render wrote."""

    pages: tuple[PageReport, ...]

    def as_json(self) -> dict[str, Any]:
        return {"pages": [asdict(page) for page in self.pages]}


def quiet(text: str) -> None:
    """Says nothing."""


def render(
    study: Study,
    reports: Path,
    pages: Sequence[str] | None = None,
    pdf: bool = False,
    made_from: str = "",
    say: Callable[[str], None] = quiet,
) -> RenderReport:
    """Writes the pages of a study (all, or those named) to reports/<study name>/, and after a full render the tables and the index.

    Raises UsageError for a page that does not exist, PageError for one that cannot be made, StageError without results.
    """
    wanted = chosen(pages)
    folder = reports / study.name
    outcome = released(study)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for spec in wanted:
        written += one_page(spec, outcome, study, folder, pdf)
        say(f"  {written[-1].path}  {written[-1].bytes / 1000:,.0f} kB")
    if pages is None:
        write_tables(outcome, folder / "tables")
        written.append(save("index", folder / "index.html", index_page(outcome, PAGES), time.perf_counter()))
        write_whole(folder / STAMP, (made_from + "\n").encode())
    return RenderReport(tuple(written))


def rendered_from(study: Study, reports: Path) -> str:
    """What the last full render was made from; '' where there is none or a page of it is gone."""
    folder = reports / study.name
    there = all((folder / f"{name}.html").is_file() for name in (*(spec.name for spec in PAGES), "index"))
    stamp = folder / STAMP
    return stamp.read_text(encoding="utf-8").strip() if there and stamp.is_file() else ""


def chosen(pages: Sequence[str] | None) -> tuple[PageSpec, ...]:
    """The pages asked for; all of them by default."""
    known = {spec.name: spec for spec in PAGES}
    for name in pages or ():
        if name not in known:
            raise UsageError(f'there is no page "{name}"; there are: {", ".join(known)}')
    return tuple(known[name] for name in pages) if pages is not None else PAGES


def one_page(spec: PageSpec, outcome: Released, study: Study, folder: Path, pdf: bool) -> list[PageReport]:
    """One page from its notebook, and its PDF where asked for."""
    started = time.perf_counter()
    title = f"{spec.title} – {study.name}"
    page = run_notebook(NOTEBOOKS / f"{spec.name}.ipynb", {"study": str(study.folder)}, title)
    written = [save(spec.name, folder / f"{spec.name}.html", page.content, started)]
    if pdf:
        write_whole(folder / f"{spec.name}.pdf", as_pdf(page.content))
    return written


def save(name: str, path: Path, content: str, started: float) -> PageReport:
    """Writes a page whole and says how large it is and how long it took."""
    encoded = content.encode()
    write_whole(path, encoded)
    return PageReport(name, str(path), len(encoded), round(time.perf_counter() - started, 2))


def as_pdf(content: str) -> bytes:
    """The page on A4.  Raises PageError where the pdf extra is not installed."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError):
        raise PageError(
            "a PDF needs the pdf extra; install it with: .venv/bin/pip install 'weasyprint>=66', "
            "or open the page in a browser and print it to PDF"
        ) from None
    return bytes(HTML(string=content).write_pdf())
