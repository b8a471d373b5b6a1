"""A page on paper: by weasyprint, else by the machine's browser, else with words on what to do."""

import re
import sys

import pytest

from pipeline.errors import PageError
from pipeline.report.output import pdf

PAGE = "<!doctype html><title>x</title><style>@page { size: A4 }</style><p>one</p>"


@pytest.fixture
def no_weasyprint(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)


def test_without_weasyprint_and_without_a_browser_the_words_say_what_to_install(no_weasyprint, monkeypatch):
    monkeypatch.setattr(pdf.shutil, "which", lambda _: None)
    with pytest.raises(PageError, match=r"weasyprint.*Chromium"):
        pdf.as_pdf(PAGE)


def test_without_weasyprint_the_browser_of_this_machine_prints(no_weasyprint):
    if not any(map(pdf.shutil.which, pdf.BROWSERS)):
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    made = pdf.as_pdf(PAGE)
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page[^s]", made)) == 1


def test_a_browser_that_fails_is_a_page_error(no_weasyprint, monkeypatch, tmp_path):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(pdf.shutil, "which", lambda _: str(broken))
    with pytest.raises(PageError, match="could not print the page"):
        pdf.as_pdf(PAGE)
