"""axe-core finds nothing to complain of: on every page, at a desk and on a phone, folded and open."""

import os
from pathlib import Path

import pytest

from pipeline.report.output.pages import PAGES
from tests.browser.test_pages import browser
from tests.unit.report.example_pages import example_pages

pytestmark = pytest.mark.browser
__all__ = ["browser"]
ROOT = Path(__file__).parents[2]
AXE = Path(os.environ.get("AXE_CORE") or ROOT / "node_modules" / "axe-core" / "axe.min.js")
RUN = """() => axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(
    v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(', ')))"""


@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: npm install --no-save axe-core, or name it in AXE_CORE")
@pytest.mark.parametrize("scores", [True, False], ids=["example", "noscores"])
@pytest.mark.parametrize("name", [*(page.name for page in PAGES), "index"])
def test_axe_finds_no_violation_at_a_desk_and_on_a_phone(browser, scores, name):
    page = browser.new_page()
    page.goto((example_pages(scores) / f"{name}.html").as_uri())
    page.add_script_tag(path=str(AXE))
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(RUN) == [], width
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate(RUN) == []
    page.close()
