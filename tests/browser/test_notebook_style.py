"""A fragment inside a notebook: it has the page's look, and the notebook around it keeps its own."""

import pytest

from pipeline.report.fragment import Fragment, table
from tests.browser.test_pages import browser

pytestmark = pytest.mark.browser
__all__ = ["browser"]

LOOK = """selector => { const look = getComputedStyle(document.querySelector(selector));
    return [look.textAlign, look.paddingLeft, look.color, look.position] }"""


def test_the_style_stays_inside_the_fragment(browser):
    inside = table("Counts", ["arm", "n"], [["iop", "11"]]) + '<div class="watermark">made up</div>'
    page = browser.new_page()
    page.set_content(
        '<table id="theirs"><tbody><tr><td>1</td></tr></tbody></table>'
        f'<p id="prose">theirs</p>{Fragment(inside)._repr_html_()}'
    )
    assert page.evaluate(LOOK, ".carelevels tbody td")[:2] == ["right", "12px"]
    assert page.evaluate(LOOK, "#theirs td")[:2] != ["right", "12px"]
    assert page.evaluate(LOOK, "#prose")[2] == "rgb(0, 0, 0)"
    assert page.evaluate(LOOK, ".carelevels")[2] == "rgb(29, 39, 51)"
    around, mark = (
        page.evaluate(f"document.querySelector('{one}').offsetHeight") for one in (".carelevels", ".watermark")
    )
    assert mark == around < 200  # not as tall as the window
    page.close()
