"""axe-core finds nothing to complain of: on every page, at a desk and on a phone, folded and open."""

import os
from pathlib import Path

import pytest

from pipeline.pooling.page import page as page_of_pool
from pipeline.pooling.pool import pool
from pipeline.report.output.pages import PAGES
from tests.browser.test_pages import browser
from tests.unit.pooling.test_pool import ROW, WITHHELD, organizations
from tests.unit.report.example_pages import example_editions, example_pages

pytestmark = pytest.mark.browser
__all__ = ["browser"]
ROOT = Path(__file__).parents[2]
AXE = Path(os.environ.get("AXE_CORE") or ROOT / "node_modules" / "axe-core" / "axe.min.js")
WITH_AXE = pytest.mark.skipif(
    not AXE.is_file(), reason="no axe-core: npm install --no-save axe-core, or name it in AXE_CORE"
)
RUN = """() => axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(
    v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(', ')))"""


@WITH_AXE
@pytest.mark.parametrize("scores", [True, False], ids=["example", "noscores"])
@pytest.mark.parametrize("name", [*(page.name for page in PAGES), "index"])
def test_axe_finds_no_violation_at_a_desk_and_on_a_phone(browser, scores, name):
    held_to_axe(browser, example_pages(scores) / f"{name}.html")


@WITH_AXE
def test_axe_finds_no_violation_on_the_pages_of_a_site_and_of_a_period(browser):
    found = sorted(example_editions().glob("quality-*.html"))
    assert len(found) == 2
    for path in found:
        held_to_axe(browser, path)


@WITH_AXE
def test_axe_finds_no_violation_on_the_page_of_organizations_that_share_no_rows(browser, tmp_path):
    shared = organizations(ROW, ROW, WITHHELD)
    (tmp_path / "index.html").write_text(page_of_pool(shared, pool(shared)), encoding="utf-8")
    held_to_axe(browser, tmp_path / "index.html")


def held_to_axe(browser, path):
    page = browser.new_page()
    page.goto(path.as_uri())
    page.add_script_tag(path=str(AXE))
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(RUN) == [], width
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate(RUN) == []
    page.close()
