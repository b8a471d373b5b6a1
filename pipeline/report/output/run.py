"""Renders the pages of a study: a few at a time, files replaced whole, the tables folder beside them."""

import os
import tempfile
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.errors import ChangedError, PageError, UsageError
from pipeline.report.drawing.canvas import FIGURES
from pipeline.report.edition import edition, sites
from pipeline.report.internal import is_internal, marked
from pipeline.report.output.dashboard import NAME, dashboard_page
from pipeline.report.output.export import write_tables
from pipeline.report.output.frame import bar
from pipeline.report.output.index import index_page, lying_in
from pipeline.report.output.kernels import stop_kernels
from pipeline.report.output.notebook import run_notebook
from pipeline.report.output.notebooks import notebook_of, shipped_notebooks
from pipeline.report.output.pages import QUALITY, PageSpec, pages_of
from pipeline.report.output.pdf import as_pdf
from pipeline.report.output.press import Press
from pipeline.report.output.publishing import STAMP, publishing, stamped
from pipeline.report.release_ledger import edition_of, note_release
from pipeline.report.released import Released, hand_over, released
from pipeline.report.sections.head import again_words, held_words
from pipeline.report.since_last import since_last
from pipeline.storage.disk import write_whole
from pipeline.study import Study
from pipeline.study_toml.file import load_study

AT_ONCE = 2  # pages made at the same time


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

    notebook: Path
    name: str
    title: str
    parameters: Mapping[str, Any]
    bar: str = ""


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
    jobs = page_jobs(study, chosen(study, pages))
    with Press() as press:  # it gets ready while the gate decides
        outcome, full = released(study), pages is None
        return publish(study, reports, outcome, jobs, press, full=full, pdf=pdf, made_from=made_from, say=say)


def render_editions(
    study: Study,
    reports: Path,
    period: str = "",
    site: str = "",
    each_site: bool = False,
    pdf: bool = False,
    made_from: str = "",
    say: Callable[[str], None] = quiet,
) -> RenderReport:
    """Writes the quality page of a period (the latest that can be observed in full, unless named), for all sites, one,
    or each one alone.

    Raises UsageError for a period or site that the measures do not know, with those they do; otherwise as render.
    """
    with Press() as press:
        outcome = released(study)
        jobs = edition_jobs(study, outcome, period, sites(outcome) if each_site else (site,))
        return publish(study, reports, outcome, jobs, press, full=False, pdf=pdf, made_from=made_from, say=say)


def edition_jobs(study: Study, outcome: Released, period: str, of: Sequence[str]) -> list[Job]:
    """The quality page of a period for each of these sites; '' for all of them together."""
    asked = [edition(outcome, period, one) for one in of]
    editions = [replace(one, asked=one.period) for one in asked]  # what lies beside others is named by its period
    if not editions:
        raise UsageError("--each-site: no measure of this study is counted by site")
    return [
        Job(
            notebook_of(study, QUALITY),
            one.name,
            f"{one.title} – {study.name}",
            {"study": str(study.folder), "period": one.period, "site": one.site},
            bar(pages_of(study), one.name),
        )
        for one in editions
    ]


def page_jobs(study: Study, specs: Sequence[PageSpec]) -> list[Job]:
    known = pages_of(study)
    return [
        Job(
            notebook_of(study, spec.name),
            spec.name,
            f"{spec.title} – {study.name}",
            {"study": str(study.folder)},
            bar(known, spec.name),
        )
        for spec in specs
    ]


def publish(
    study: Study,
    reports: Path,
    outcome: Released,
    jobs: Sequence[Job],
    press: Press | None = None,
    *,
    full: bool,
    pdf: bool,
    made_from: str,
    say: Callable[[str], None],
) -> RenderReport:
    """Makes pages and puts them in their places together; all of them where those that lie there show earlier results,
    so that one folder never shows two states of the data."""
    folder = reports / study.name
    with publishing(folder, say) as draft:
        others = pages_in(study, folder)
        stale = bool(others) and stamped(folder)[1] != outcome.results_hash
        if stale and not full:
            say(f"the other pages in {folder} show earlier results; all are made anew")
            named = {job.name for job in jobs}
            jobs = [*jobs, *(job for job in page_jobs(study, pages_of(study)) if job.name not in named)]
        refuse_one_file_for_two(jobs)
        with tempfile.TemporaryDirectory() as private:
            handed = Path(private) / "released"
            hand_over(outcome, handed)
            needed = full or stale or not (folder / "tables").is_dir()
            tables = partial(write_tables, outcome, draft.folder / "tables") if needed else lambda: None
            written = written_pages(jobs, draft.folder, folder, pdf, say, handed, tables, press)
        index = write_index(outcome, draft.folder, folder, () if stale else (folder,))
        board = write_dashboard(outcome, draft.folder, folder)
        written += [board, index] if full or stale else []
        if full or stale or not others:
            first = made_from if full or stale else ""
            write_whole(draft.folder / STAMP, f"{first}\n{outcome.results_hash}\n".encode())
        refuse_changed(study)
        news = "" if is_internal() else noted(study, outcome)
        draft.superseded += others if stale else ()
    tell_held(outcome, say)
    if news:
        say(f"  {news}")
    gone = [name for name in others if not (folder / name).exists()]
    if gone:
        say(f"removed, as they showed earlier results: {', '.join(gone)}; make them again with carelevels report")
    return RenderReport(tuple(written))


def noted(study: Study, outcome: Released) -> str:
    """Notes the edition in the ledger, before it is seen (what is noted and not seen does no harm), and says what
    changed."""
    news = since_last(outcome).words()
    note_release(study, outcome.tables, made_from=edition_of(outcome.manifest))
    return news


def refuse_one_file_for_two(jobs: Sequence[Job]) -> None:
    """Raises PageError where two pages, or a page and the index, would be one file, also where a system does not tell
    capitals apart."""
    taken = {"index": "the index", NAME: "the dashboard"}
    for job in jobs:
        name = unicodedata.normalize("NFC", job.name).casefold()
        if name in taken:
            raise PageError(
                f"“{job.title}” and {taken[name]} would both be written to {name}.html; nothing was replaced. Rename"
                f" the notebook {job.notebook.name}, or the site"
            )
        taken[name] = f"“{job.title}”"


def write_index(outcome: Released, building: Path, folder: Path, kept: Sequence[Path]) -> PageReport:
    """The index of the pages that are made and of those that stay where they are."""
    started = time.perf_counter()
    content = index_page(outcome, pages_of(outcome.study), lying_in((*kept, building)))
    return replace(save("index", building / "index.html", content, started), path=str(folder / "index.html"))


def write_dashboard(outcome: Released, building: Path, folder: Path) -> PageReport:
    """The dashboard of what is released now."""
    started = time.perf_counter()
    content = dashboard_page(outcome, pages_of(outcome.study))
    made = save(NAME, building / f"{NAME}.html", content, started)
    return replace(made, path=str(folder / f"{NAME}.html"))


def pages_in(study: Study, folder: Path) -> list[str]:
    """Names of the pages and editions that lie in a reports folder, PDFs too."""
    names = {spec.name for spec in pages_of(study)}
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.suffix in (".html", ".pdf") and (path.stem in names or path.stem.startswith(f"{QUALITY}-"))
    )


def refuse_changed(study: Study) -> None:
    """Raises ChangedError where study.toml is no longer what the pages' heads and gates were made from."""
    if load_study(study.folder).as_json() != study.as_json():
        raise ChangedError(
            "study.toml changed while the pages were made, so they may differ among themselves; none was replaced. Run "
            "the same command again"
        )


def tell_held(outcome: Released, say: Callable[[str], None]) -> None:
    """Says how many results stand as they were released before, or are held back, because few people changed them
    since, and the way out."""
    said = " ".join(filter(None, (again_words(outcome), held_words(outcome))))
    if said:
        say(
            f"  {said}"
            " To show what is new now, which is right only where nobody has the earlier edition any more:"
            f" carelevels report {outcome.study.folder} --force-release REASON"
        )


def chosen(study: Study, pages: Sequence[str] | None) -> tuple[PageSpec, ...]:
    """The pages asked for; all of them by default."""
    known = {spec.name: spec for spec in pages_of(study)}
    for name in pages or ():
        if name not in known:
            raise UsageError(f'there is no page "{name}"; there are: {", ".join(known)}')
    return tuple(known[name] for name in pages) if pages is not None else tuple(known.values())


def written_pages(
    jobs: Sequence[Job],
    building: Path,
    folder: Path,
    pdf: bool,
    say: Callable[[str], None],
    handed: Path | None = None,
    meanwhile: Callable[[], None] = lambda: None,
    press: Press | None = None,
) -> list[PageReport]:
    """Makes the pages, a few at a time, and tells of each in the order asked for, by the place it will take.

    meanwhile  what is done here while the pages are made
    After a stop or an error no further page is begun.
    """
    written = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        making = [pool.submit(one_page, job, building, pdf, handed, press) for job in jobs]
        try:
            meanwhile()
            for one in making:
                made, left_out = one.result()
                page = replace(made, path=str(folder / Path(made.path).name))
                say(f"  {page.path}  {page.bytes / 1000:,.0f} kB")
                for told in left_out:
                    say(f"    {told}")
                written.append(page)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(one.done() for one in making):  # one that is just starting has no number yet to be ended by
                stop_making(press)
                time.sleep(0.1)
            raise
    return written


def stop_making(press: Press | None) -> None:
    """Stops the processes that make pages, so that an end need not wait for them."""
    if press:
        press.stop()
    stop_kernels()


def one_page(
    job: Job, folder: Path, pdf: bool, handed: Path | None = None, press: Press | None = None
) -> tuple[PageReport, tuple[str, ...]]:
    """One page from its notebook, and its PDF where asked for; and what it could not carry."""
    started = time.perf_counter()
    figures = folder / "figures" if os.environ.get(FIGURES) else None
    ours = job.notebook.parent == shipped_notebooks()
    page = run_notebook(job.notebook, job.parameters, job.title, job.bar, figures, handed, press if ours else None)
    written = save(job.name, folder / f"{job.name}.html", page.content, started)
    if pdf:
        write_whole(folder / f"{job.name}.pdf", as_pdf(marked(page.content)))
    return written, page.left_out


def save(name: str, path: Path, content: str, started: float) -> PageReport:
    """Writes a page whole and says how large it is and how long it took."""
    encoded = marked(content).encode()
    write_whole(path, encoded)
    return PageReport(name, str(path), len(encoded), round(time.perf_counter() - started, 2))
