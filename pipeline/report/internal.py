"""The internal edition: a program's own people see their own counts down to a smaller threshold, marked on every page
as not to be passed on; it goes through the same gate, and nothing of it enters the ledger of released editions."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.report.fragment import text
from pipeline.storage.disk import private_files
from pipeline.study import Study

INTERNAL = "CARELEVELS_INTERNAL"  # while the internal edition is made, what each page says of it; kernels see it too
FOLDER = "internal"  # of the study, which is private, and not of the reports
WORDS = (
    "Internal edition, not released: counts under {threshold} are shown, down to {least}. For this program's own people"
    " only; not to be passed on, printed for others, or put beside a released edition."
)
MARK = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='1000' height='500'><text x='500' y='270' text-anchor='middle'"
    " transform='rotate(-24 500 250)' font-family='sans-serif' font-size='110' fill='rgba(170,30,30,.10)'>INTERNAL"
    "</text></svg>"
)
STYLE = (
    ".internal-mark{{position:fixed;inset:0;pointer-events:none;z-index:3;"
    'background:center/min(92vw,1000px) no-repeat url("data:image/svg+xml,{mark}")}}'
    ".internal-note{{margin:0;padding:8px 16px;background:#7a1f1f;color:#fff;font:600 15px/1.4 sans-serif}}"
)


def is_internal() -> bool:
    """Whether the internal edition is being made."""
    return INTERNAL in os.environ


@contextlib.contextmanager
def making_internal(study: Study) -> Iterator[Path]:
    """The folder of the internal edition, while it is made: all that is written is for this account alone.

    Raises UsageError where study.toml does not allow one.
    """
    if not study.disclosure.internal:
        raise UsageError(
            f"this study has no internal edition; whoever answers for its records may allow one in {study.folder}"
            "/study.toml: [disclosure] internal = true"
        )
    rule = study.disclosure
    os.environ[INTERNAL] = WORDS.format(threshold=rule.threshold, least=rule.internal_threshold)
    try:
        with private_files():
            yield study.folder / FOLDER
    finally:
        del os.environ[INTERNAL]


def as_shown_inside(study: Study) -> Study:
    """The study with the threshold of the edition that is being made."""
    if not is_internal():
        return study
    inside = study.disclosure.internal_threshold
    return replace(study, disclosure=replace(study.disclosure, threshold=inside))


def marked(content: str) -> str:
    """A page with its watermark, and the same words at its head and its foot; unchanged where it is of a released
    edition."""
    if not is_internal():
        return content
    note = f'<p class="internal-note" role="note">{text(os.environ[INTERNAL])}</p>'
    style = f"<style>{STYLE.format(mark=MARK.replace('#', '%23').replace('<', '%3C').replace('>', '%3E'))}</style>"
    mark = '<div class="internal-mark" aria-hidden="true"></div>'
    head, opening, rest = content.partition("<body")
    inside, closing, body = rest.partition(">")
    body, end, after = body.rpartition("</body>")
    return f"{head.replace('</head>', style + '</head>')}{opening}{inside}{closing}{note}{mark}{body}{note}{end}{after}"
