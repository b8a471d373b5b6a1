"""Pages on paper and on a phone: nothing folded is lost, and what is drawn can be read."""

import re

import pytest

from pipeline.report.output.pages import PAGES
from tests.browser.test_pages import browser
from tests.unit.report.example_pages import example_pages

pytestmark = pytest.mark.browser
__all__ = ["browser"]
NAMES = [*(page.name for page in PAGES), "index"]
NOTHING_FOLDED = ("data_quality", "validation", "index")
UNSEEN = """() => [...document.querySelectorAll('details:not(.listing) > :not(summary)')]
    .filter(e => !e.checkVisibility({contentVisibilityAuto: true}) || !e.offsetHeight).length"""
SMALL = """() => [...document.querySelectorAll('figure svg text')].filter(t => {
    const box = t.ownerSVGElement, scale = box.getBoundingClientRect().width / box.viewBox.baseVal.width;
    return t.textContent.trim() && parseFloat(getComputedStyle(t).fontSize) * scale < 8.95
}).map(t => t.textContent.trim().slice(0, 30))"""
PAPER = 703  # pixels of A4 between the margins
RIGHT = "e.getBoundingClientRect().right > document.documentElement.clientWidth"
CUT = """() => [...document.querySelectorAll('figure svg text')].filter(t => {
    const box = t.ownerSVGElement.getBoundingClientRect(), own = t.getBoundingClientRect();
    return own.width && (own.left < box.left - 1 || own.right > box.right + 1 || own.top < box.top - 1
        || own.bottom > box.bottom + 1)}).map(t => t.textContent.trim().slice(0, 30))"""


@pytest.mark.parametrize("name", NAMES)
def test_what_is_folded_on_the_screen_is_open_on_paper(browser, name):
    page = browser.new_page()
    page.goto((example_pages() / f"{name}.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = false })")
    assert page.evaluate(UNSEEN) or name in NOTHING_FOLDED
    page.emulate_media(media="print")
    page.wait_for_function(f"({UNSEEN})() === 0")  # the next frame is laid out for paper
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_paper_holds_no_links_around_the_page_and_no_list_of_ids(browser, name):
    page = browser.new_page()
    page.goto((example_pages() / f"{name}.html").as_uri())
    page.emulate_media(media="print")
    for around in (".bar", ".toc", ".skip", ".listing"):
        assert page.evaluate(f"[...document.querySelectorAll('{around}')].every(e => !e.offsetHeight)"), around
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_at_the_edge_of_the_paper(browser, name):
    page = browser.new_page(viewport={"width": PAPER, "height": 1000})
    page.goto((example_pages() / f"{name}.html").as_uri())
    page.emulate_media(media="print")
    page.wait_for_function(f"({UNSEEN})() === 0")
    cut = f"[...document.querySelectorAll('table, figure, section')].filter(e => e.offsetWidth && {RIGHT} + 1).length"
    assert page.evaluate(cut) == 0
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_words_in_figures_are_at_least_nine_pixels_high_on_a_phone_and_whole(browser, name):
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto((example_pages() / f"{name}.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate(SMALL) == []
    assert page.evaluate(CUT) == []
    page.close()


@pytest.mark.parametrize(("name", "kind"), [("director", ".card-table"), ("claims", ".glance"), ("quality", ".watch")])
def test_the_first_table_of_a_page_is_whole_on_a_phone_without_moving_it_sideways(browser, name, kind):
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto((example_pages() / f"{name}.html").as_uri())
    assert page.evaluate(f"document.querySelectorAll('{kind} td').length") > 3
    beyond = f"[...document.querySelectorAll('{kind} td, {kind} th')].filter(e => e.offsetWidth && {RIGHT}).length"
    assert page.evaluate(beyond) == 0
    page.close()


@pytest.mark.parametrize("name", ["director", "quality"])
def test_a_page_prints_to_a_pdf_with_its_figures_in_it(browser, name):
    page = browser.new_page()
    page.goto((example_pages() / f"{name}.html").as_uri())
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert printed.startswith(b"%PDF-")
    assert 1 <= len(re.findall(rb"/Type\s*/Page[^s]", printed)) <= 12
    page.close()


@pytest.mark.parametrize(("name", "most"), [("director", 700), ("research", 8000)])
@pytest.mark.parametrize("scores", [True, False], ids=["example", "noscores"])
def test_a_director_needs_two_minutes_and_a_reviewer_half_an_hour(browser, scores, name, most):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto((example_pages(scores) / f"{name}.html").as_uri())
    shown = page.evaluate("document.querySelector('main').innerText").split()
    assert len([word for word in shown if re.search("[A-Za-z]", word)]) <= most
    page.close()
