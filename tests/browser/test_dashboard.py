"""The dashboard in a browser: choices by mouse and keyboard, kept in the address, taken along as CSV, read out."""

import csv
import io

import pytest

from tests.browser.test_pages import browser
from tests.unit.report.example_pages import example_pages

pytestmark = pytest.mark.browser
__all__ = ["browser"]


@pytest.fixture
def board(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page.asked, page.complaints = [], []
    page.on("request", lambda asked: page.asked.append(asked.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto((example_pages() / "dashboard.html").as_uri())
    yield page
    page.close()


def lines(board):
    return board.evaluate("[...document.querySelectorAll('#body tr')].map(r => r.innerText.replaceAll('\\t', ' | '))")


def choose(board, name, label):
    board.select_option(f"#{name}", label=label)


def test_it_opens_from_disk_asks_for_nothing_and_shows_the_last_twelve_months(board):
    assert set(board.asked) == {board.url.split("#")[0]}
    assert board.complaints == []
    assert board.query_selector("#picture svg")  # of a measure of which a number is told
    choose(board, "measure", "Still in care, at any level of care, day 30")
    assert "IOP | 12 months to 2025Q3 | 52% | 49% to 54% | 930 of 1,800" in lines(board)


def test_quarters_are_drawn_as_lines_with_the_levels_named_at_their_ends(board):
    choose(board, "measure", "Still in care, at any level of care, day 30")
    choose(board, "period", "By quarter")
    assert "IOP | 2025Q3 | 53% | 49% to 57% | 320 of 600" in lines(board)
    assert board.evaluate("document.querySelectorAll('#picture svg path[stroke-width=\"2\"]').length") == 2
    assert "IOP" in board.text_content("#picture svg")


def test_each_line_of_the_scale_is_named_by_where_it_stands(board):
    choose(board, "measure", "Still in care, at any level of care, day 30")
    lines, names = board.evaluate(
        """[[...document.querySelectorAll('#picture svg path[stroke="#e3e8ed"]')].map(p => +p.getAttribute('d').match(/M([\\d.]+)/)[1]),
            [...document.querySelectorAll('#picture svg text[text-anchor="middle"]')].map(t => parseFloat(t.textContent))]"""
    )
    assert len(lines) == len(names) == 5
    steps = [(name - names[0]) / (names[-1] - names[0]) for name in names]
    assert steps == pytest.approx([(line - lines[0]) / (lines[-1] - lines[0]) for line in lines], abs=1e-4)


def test_one_split_at_a_time_and_one_part_of_it(board):
    choose(board, "measure", "Still in care, at any level of care, day 30")
    choose(board, "split", "Payer")
    assert len(lines(board)) == 2
    choose(board, "split", "Site")
    choose(board, "group", "s03")
    assert [one.split(" | ")[:2] for one in lines(board)] == [["IOP", "s03"], ["Inpatient", "s03"]]


def test_the_choices_stand_in_the_address_and_come_back_from_it(board):
    choose(board, "measure", "Still in care, at any level of care, day 30")
    choose(board, "period", "By quarter")
    board.uncheck("#levels label:has-text('Inpatient') input")
    address, told = board.url, lines(board)
    board.goto("about:blank")
    board.goto(address)
    assert lines(board) == told
    assert all(one.startswith("IOP") for one in told)
    assert not board.is_checked("#levels label:has-text('Inpatient') input")


def test_the_table_leaves_as_csv(board):
    choose(board, "measure", "Still in care, at any level of care, day 30")
    with board.expect_download() as waiting:
        board.click("#csv")
    with open(waiting.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(io.StringIO(file.read())))
    assert rows[0] == ["Level", "Period", "Share", "95% range", "Counts"]
    assert ["IOP", "12 months to 2025Q3", "52%", "49% to 54%", "930 of 1,800"] in rows


def test_it_works_by_keyboard_and_says_what_is_shown(board):
    board.focus("#measure")
    board.keyboard.press("ArrowDown")
    board.keyboard.press("Tab")
    assert board.evaluate("document.activeElement.id") in ("period", "split", "csv", "levels", "group", "")
    assert board.get_attribute("#told", "role") == "status"
    assert "rows" in board.inner_text("#told")
    assert board.evaluate("document.querySelector('#picture svg').getAttribute('role')") == "img"


def test_without_scripts_the_last_twelve_months_are_a_table(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((example_pages() / "dashboard.html").as_uri())
    assert "930 of 1,800" in page.inner_text("main")
    assert page.is_hidden("#board")
    context.close()


def test_on_a_phone_nothing_scrolls_sideways_but_the_table(board):
    board.set_viewport_size({"width": 390, "height": 800})
    assert board.evaluate("document.documentElement.scrollWidth") <= 390
