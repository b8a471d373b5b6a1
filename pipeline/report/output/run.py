"""Renders the pages of a study: one kernel per page, files replaced whole, the tables folder beside them."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import PageError, UsageError
from pipeline.report.edition import edition, sites
from pipeline.report.files import write_whole
from pipeline.report.output.export import write_tables
from pipeline.report.output.index import index_page
from pipeline.report.output.notebook import run_notebook
from pipeline.report.released import released
from pipeline.study import Study

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"
STAMP = ".made_from"
QUALITY = "quality"
KERNELS = 2  # pages made at the same time


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
        "What is said of intensive outpatient care, asked of these records: verdict, number, careless count, and what"
        " could still fool us.",
    ),
    PageSpec(
        QUALITY,
        "Quality of care",
        "Each measure with its counts, the period before, published figures, control charts and funnels; for the latest"
        " period that can be observed in full.",
    ),
    PageSpec(
        "research",
        "Research report",
        "Protocol as a target trial, flow, Table 1, every comparison by every estimator, checks, methods text,"
        " guidelines.",
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


@dataclass(frozen=True, slots=True)
class Job:
    """One page to make: its notebook, the file it becomes, its title, and what its notebook is told."""

    notebook: str
    name: str
    title: str
    parameters: Mapping[str, Any]


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
    """Writes the pages of a study (all, or those named) to reports/<study name>/, and after a full render the tables
    and the index.

    Raises UsageError for a page that does not exist, PageError for one that cannot be made, StageError without results.
    """
    wanted = chosen(pages)
    folder = reports / study.name
    outcome = released(study)
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [Job(spec.name, spec.name, f"{spec.title} – {study.name}", {"study": str(study.folder)}) for spec in wanted]
    written = written_pages(jobs, folder, pdf, say)
    if pages is None:
        write_tables(outcome, folder / "tables")
        written.append(save("index", folder / "index.html", index_page(outcome, PAGES), time.perf_counter()))
        write_whole(folder / STAMP, (made_from + "\n").encode())
    return RenderReport(tuple(written))


def render_editions(
    study: Study,
    reports: Path,
    period: str = "",
    site: str = "",
    each_site: bool = False,
    pdf: bool = False,
    say: Callable[[str], None] = quiet,
) -> RenderReport:
    """Writes the quality page of a period (the latest that can be observed in full, unless named), for all sites, one,
    or each one alone.

    Raises UsageError for a period or site that the measures do not know, with those they do; otherwise as render.
    """
    outcome = released(study)
    editions = [edition(outcome, period, one) for one in (sites(outcome) if each_site else (site,))]
    if not editions:
        raise UsageError("--each-site: no measure of this study is counted by site")
    folder = reports / study.name
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [
        Job(
            QUALITY,
            one.name,
            f"{one.title} – {study.name}",
            {"study": str(study.folder), "period": one.period, "site": one.site},
        )
        for one in editions
    ]
    return RenderReport(tuple(written_pages(jobs, folder, pdf, say)))


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


def written_pages(jobs: Sequence[Job], folder: Path, pdf: bool, say: Callable[[str], None]) -> list[PageReport]:
    """Makes the pages, a few kernels at a time, and tells of each in the order asked for."""
    written = []
    with ThreadPoolExecutor(KERNELS) as pool:
        for page in pool.map(lambda job: one_page(job, folder, pdf), jobs):
            say(f"  {page.path}  {page.bytes / 1000:,.0f} kB")
            written.append(page)
    return written


def one_page(job: Job, folder: Path, pdf: bool) -> PageReport:
    """One page from its notebook in a kernel of its own, and its PDF where asked for."""
    started = time.perf_counter()
    page = run_notebook(NOTEBOOKS / f"{job.notebook}.ipynb", job.parameters, job.title)
    written = save(job.name, folder / f"{job.name}.html", page.content, started)
    if pdf:
        write_whole(folder / f"{job.name}.pdf", as_pdf(page.content))
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
