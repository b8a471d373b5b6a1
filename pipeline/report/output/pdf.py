"""A page on paper: by weasyprint where it is installed, else by the Chromium or Chrome of this machine."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from pipeline.errors import PageError

BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
PATIENCE = 120  # seconds for one page
NO_PRINTER = (
    "a PDF needs weasyprint (.venv/bin/pip install 'weasyprint>=66') or a Chromium or Chrome on this machine; or open "
    "the page in a browser and print it to PDF"
)


def as_pdf(content: str) -> bytes:
    """The page on A4, folded parts open.  Raises PageError where neither weasyprint nor a browser is there, or where
    the browser fails."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError):
        return by_browser(content)
    return bytes(HTML(string=content).write_pdf())


def by_browser(content: str) -> bytes:
    """The page as the machine's own browser prints it, without network and in a profile that is thrown away."""
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        raise PageError(NO_PRINTER)
    with tempfile.TemporaryDirectory() as scratch:
        page, target = Path(scratch) / "page.html", Path(scratch) / "page.pdf"
        page.write_text(content, encoding="utf-8")
        command = [found, *options(Path(scratch)), f"--print-to-pdf={target}", page.as_uri()]
        try:
            subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True)
            return target.read_bytes()
        except (subprocess.SubprocessError, OSError):
            raise PageError(
                f"{Path(found).name} could not print the page; open it in a browser and print it to PDF"
            ) from None


def options(scratch: Path) -> list[str]:
    """Headless, offline, without header and footer; a sandbox cannot be had by root."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [
        *("--headless", "--disable-gpu", "--no-pdf-header-footer", "--disable-background-networking"),
        f"--user-data-dir={scratch / 'profile'}",
        *(["--no-sandbox"] if root else []),
    ]
