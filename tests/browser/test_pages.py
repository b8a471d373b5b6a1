"""Pages as a reader's browser shows them: from a file, without network, on a phone, on paper, and to somebody who
cannot see color."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.report.output.pages import PAGES as DECLARED
from tests.unit.report.example_pages import example_pages

pytestmark = pytest.mark.browser
CHROMIUM = [Path("/usr/bin/chromium"), Path("/usr/bin/chromium-browser"), Path("/usr/bin/google-chrome")]
PAGES = (*(spec.name for spec in DECLARED), "index")

TEXT_CONTRAST = """() => {
  const channel = v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 };
  const light = c => .2126 * channel(c[0]) + .7152 * channel(c[1]) + .0722 * channel(c[2]);
  const parse = s => (s.match(/[\\d.]+/g) || []).map(Number);
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || (c.length === 4 && c[3] > 0)) return c } return [255, 255, 255] };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement, words = walker.currentNode.textContent.trim();
    if (!words || e.closest('[aria-hidden=true], style, title, desc, .skip, .vh')) continue;
    const drawn = e instanceof SVGElement;
    const a = light(parse(drawn ? getComputedStyle(e).fill : getComputedStyle(e).color)), b = light(ground(e));
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const onDark = drawn && contrast < 1.5;  // white numbers stand on their own dark band, not on the page
    if (contrast < 4.5 && !onDark) faint.push([words.slice(0, 40), contrast.toFixed(2)]);
  }
  return faint;
}"""


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: .venv/bin/pip install -e '.[dev]'"
    )
    found = next((path for path in CHROMIUM if path.exists()), None)
    if found is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(found), args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


@pytest.fixture(
    scope="module", params=[(study, page) for study in ("example", "noscores") for page in PAGES], ids="-".join
)
def opened(request, browser):
    """A page opened from its file at desk width, with everything it asked for and complained about."""
    study, name = request.param
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.asked, page.complaints = [], []
    page.on("request", lambda asked: page.asked.append(asked.url))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto((example_pages(study == "example") / f"{name}.html").as_uri())
    yield page
    page.close()


def test_a_page_asks_for_nothing_but_itself_and_complains_of_nothing(opened):
    assert set(opened.asked) == {opened.url}
    assert opened.url.startswith("file://")
    assert opened.complaints == []


def test_every_figure_names_and_describes_itself(opened):
    nameless = opened.evaluate("""() => [...document.querySelectorAll('svg:not([aria-hidden=true])')]
        .filter(s => !s.querySelector(':scope > title')?.textContent || !s.querySelector(':scope > desc')?.textContent
                     || s.getAttribute('role') !== 'img').length""")
    assert nameless == 0


def test_a_page_does_not_scroll_sideways_on_a_phone(opened):
    for width in (320, 400, 860):
        opened.set_viewport_size({"width": width, "height": 800})
        assert opened.evaluate("document.documentElement.scrollWidth") <= width, width


def test_headings_go_down_one_level_at_a_time_from_a_single_first_one(opened):
    levels = opened.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))")
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_all_text_stands_out_from_its_ground(opened):
    assert opened.evaluate(TEXT_CONTRAST) == []


def test_tables_say_which_cells_head_what_and_landmarks_exist(opened):
    assert opened.evaluate("[...document.querySelectorAll('th')].filter(h => !h.scope).length") == 0
    assert opened.evaluate("[...document.querySelectorAll('table')].filter(t => !t.caption?.textContent).length") == 0
    assert opened.evaluate("document.documentElement.lang") == "en"
    assert opened.evaluate("['header', 'main', 'footer'].every(name => document.querySelectorAll(name).length === 1)")
    assert opened.evaluate(
        "new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size ==="
        " document.querySelectorAll('[id]').length"
    )


def test_the_first_tab_stop_skips_to_the_findings(opened):
    opened.reload()
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert opened.evaluate("document.activeElement.getBoundingClientRect().left") >= 0


def test_regions_that_scroll_can_be_reached_and_are_told_apart_by_name(opened):
    regions = opened.evaluate(
        "[...document.querySelectorAll('[role=region]')].map(r => [r.getAttribute('aria-label'), r.tabIndex])"
    )
    names = [name for name, _ in regions]
    assert all(names)
    assert len(names) == len(set(names))
    assert all(place == 0 for _, place in regions)


def test_what_is_folded_opens_by_keyboard_and_stays_inside_the_page(opened):
    opened.set_viewport_size({"width": 400, "height": 800})
    for summary in opened.query_selector_all("summary"):
        summary.focus()
        if summary.evaluate("s => s.parentElement.open"):  # figures are unfolded from the start, and fold
            opened.keyboard.press("Enter")
            assert not summary.evaluate("s => s.parentElement.open")
        opened.keyboard.press("Enter")
    assert opened.evaluate("[...document.querySelectorAll('details')].every(d => d.open)")
    assert opened.evaluate("document.documentElement.scrollWidth") <= 400
    opened.evaluate("document.querySelectorAll('details').forEach(d => { d.open = false })")


def test_links_within_a_page_lead_somewhere(opened):
    lost = opened.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.querySelector(a.hash)).length"
    )
    assert lost == 0


def test_no_box_is_empty(opened):
    empty = opened.evaluate("""() => [...document.querySelectorAll('section, figure, .cards > div, .card, li, td, p')]
        .filter(e => !e.closest('table.steps') && !e.textContent.trim()).length""")
    assert empty == 0


def test_the_director_page_prints_on_two_pages_of_a4(browser):
    for scores in (True, False):
        page = browser.new_page()
        page.goto((example_pages(scores) / "director.html").as_uri())
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) <= 2, scores
        page.close()


def test_figures_stay_told_apart_without_color(browser):
    """Each arm's curve has a dash pattern of its own."""
    page = browser.new_page()
    page.goto((example_pages() / "director.html").as_uri())
    dashes = page.evaluate(
        """() => [...document.querySelectorAll('[id^=retention-axes_1] > [id^=retention-line2d] > path')]
        .map(p => getComputedStyle(p).strokeDasharray)"""
    )
    assert len(dashes) == 4
    assert len(set(dashes)) == 4
    page.close()
