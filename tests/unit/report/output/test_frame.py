"""Around a page: the bar that links every page, and the list of what is on this one."""

import re

from pipeline.report.output.frame import addressed, bar, contents, framed
from pipeline.report.output.pages import PAGES


def test_the_bar_links_every_page_and_the_tables_and_marks_the_open_one():
    made = bar(PAGES, "claims")
    assert re.findall(r'href="([^"]+)"', made) == [
        "index.html",
        *(f"{page.name}.html" for page in PAGES),
        "dashboard.html",
        "tables/results.csv",
    ]
    assert re.findall(r'href="([^"]+)" aria-current="page"', made) == ["claims.html"]


def test_every_titled_part_has_an_address_of_its_own_and_an_own_one_stays():
    pieces, titles = addressed(
        [
            "<section><h2>Checks</h2>a</section><section><h2>Checks</h2>b</section>",
            '<section id="x"><h2>Y</h2></section>',
        ]
    )
    assert titles == {"on-checks": "Checks", "on-checks-2": "Checks"}
    assert re.findall(r'<section id="([^"]+)"', "".join(pieces)) == ["on-checks", "on-checks-2", "x"]


def test_a_title_in_any_script_has_an_address():
    _, titles = addressed(["<section><h2>治療</h2></section>"])
    assert titles == {"on-part": "治療"}


def test_a_short_page_has_no_list_of_its_parts():
    assert contents({"on-a": "A", "on-b": "B", "on-c": "C"}) == ""
    parts = {"header": ["<h1>x</h1>"], "main": ["<section><h2>A</h2></section>"], "footer": []}
    assert framed(parts, "")["header"] == ["<h1>x</h1>"]
    assert framed(parts, "")["bar"] == []


def test_every_link_of_a_full_set_of_pages_leads_somewhere(pages):
    for page in pages.glob("*.html"):
        content = page.read_text()
        ids = set(re.findall(r'\bid="([^"]+)"', content))
        for link in re.findall(r'<a [^>]*href="([^"]+)"', content):
            assert link[1:] in ids if link.startswith("#") else (pages / link).is_file(), (page.name, link)


def test_the_index_lists_every_page_that_lies_there(pages):
    content = (pages / "index.html").read_text()
    for page in PAGES:
        assert f'<li><a href="{page.name}.html">' in content
