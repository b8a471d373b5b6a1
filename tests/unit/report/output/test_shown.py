"""What a researcher adds to a notebook reaches the page, safe and self-contained; what a page cannot carry is told."""

import nbformat
import pytest

from pipeline.report.fragment import Fragment
from pipeline.report.output.shown import shown

PNG = "iVBORw0KGgo=\n"


def code(source="", *outputs, **metadata):
    cell = nbformat.v4.new_code_cell(source, metadata=metadata)
    cell.outputs = [nbformat.v4.new_output("display_data", data) for data in outputs]
    return cell


def main_of(*cells):
    found = shown(nbformat.v4.new_notebook(cells=list(cells)), "mine.ipynb")
    return "".join(found.parts["main"]), found.left_out


def test_a_markdown_cell_is_prose_on_the_page():
    page, left_out = main_of(nbformat.v4.new_markdown_cell("# Why\n\nBecause *it* matters.\n\n| a |\n|--|\n| 1 |"))
    assert page.startswith("<section><h2>Why</h2>\n<p>Because <em>it</em> matters.</p>")
    assert "<td>1</td>" in page
    assert left_out == ()


def test_a_cell_for_the_notebooks_reader_alone_stays_in_the_notebook():
    page, left_out = main_of(
        nbformat.v4.new_markdown_cell("How to use this", metadata={"tags": ["remove-cell"]}),
        code("1", {"text/plain": "1"}, tags=["remove-cell"]),
    )
    assert (page, left_out) == ("", ())


@pytest.mark.parametrize(
    ("source", "gone"),
    [
        ("<script>alert(1)</script>", "script"),
        ('<img src="https://example.org/x.png" onerror="alert(1)">', "example.org"),
        ("![x](https://example.org/x.png)", "example.org"),
        ('<iframe src="https://example.org"></iframe>', "iframe"),
        ("<style>p { display: none }</style>", "display"),
    ],
)
def test_what_would_run_or_load_is_taken_out_of_prose_and_told(source, gone):
    page, left_out = main_of(nbformat.v4.new_markdown_cell(f"before\n\n{source}\n\nafter"))
    assert gone not in page
    assert "before" in page
    assert "after" in page
    assert "mine.ipynb, cell 1" in left_out[0]
    assert "a page loads and runs nothing" in left_out[0]


def test_a_link_that_runs_something_leads_nowhere():
    page, _ = main_of(nbformat.v4.new_markdown_cell("[x](javascript:alert(1)) <b onclick='alert(1)'>y</b>"))
    assert "javascript" not in page
    assert "onclick" not in page


def test_a_figure_is_inside_the_page_with_the_words_its_cell_gives_it():
    page, left_out = main_of(
        code('#| fig-alt: "One \\"line\\" rises"\n#| fig-cap: By <week>\nplot()', {"image/png": PNG})
    )
    assert '<img src="data:image/png;base64,iVBORw0KGgo=" alt="One \\&quot;line\\&quot; rises"' in page
    assert "<figcaption><p>By &lt;week&gt;</p></figcaption>" in page
    assert left_out == ()


def test_a_drawing_cannot_run_what_it_holds():
    page, _ = main_of(code("#| fig-alt: x", {"image/svg+xml": "<svg><script>alert(1)</script></svg>"}))
    assert '<img src="data:image/svg+xml;base64,' in page
    assert "<script" not in page


def test_a_figure_without_words_is_shown_and_told():
    page, left_out = main_of(code("plot()", {"image/png": PNG}))
    assert 'alt="A figure that nobody has described"' in page
    assert left_out == (
        "mine.ipynb, cell 1: a figure without words for those who cannot see it; begin the cell with a line"
        "  #| fig-alt: what it shows",
    )


def test_a_figure_that_is_also_the_last_line_is_shown_once():
    page, _ = main_of(code("#| fig-alt: x", {"image/png": PNG}, {"image/png": PNG}, {"text/plain": "[Line2D]"}))
    assert page.count("<img") == 1


def test_a_frame_is_a_table_that_scrolls_in_its_own_box():
    pandas = pytest.importorskip("pandas")
    page, left_out = main_of(code("frame", {"text/html": pandas.DataFrame({"n": [1]})._repr_html_()}))
    assert page.startswith('<section><div class="scroll" tabindex="0" role="region" aria-label="Table">')
    assert "<td>1</td>" in page
    assert "style" not in page
    assert left_out == ()


def test_our_own_fragments_go_as_they_are():
    fragment = Fragment('<svg role="img"></svg>')
    data = {"text/html": fragment._repr_html_(), **fragment._repr_mimebundle_()}
    assert main_of(code("part", data)) == ('<svg role="img"></svg>', ())


def test_lines_that_were_printed_and_text_alone_are_told():
    printing = nbformat.v4.new_code_cell("print(1)")
    printing.outputs = [nbformat.v4.new_output("stream", text="1\n")]
    page, left_out = main_of(printing, code("1 + 1", {"text/plain": "2"}), nbformat.v4.new_raw_cell("x"))
    assert page == ""
    assert [told.split(": ")[0] for told in left_out] == [f"mine.ipynb, cell {n}" for n in (1, 2, 3)]


def test_a_cell_says_which_part_of_the_page_it_is():
    made = nbformat.v4.new_notebook(cells=[code("x", {"text/html": "<p>top</p>"}, part="header")])
    assert "top" in shown(made, "mine.ipynb").parts["header"][0]


def test_a_part_that_no_page_has_is_told_and_its_cell_shown_all_the_same():
    page, left_out = main_of(code("x", {"text/html": "<p>aside</p>"}, part="sidebar"))
    assert "aside" in page
    assert 'no part of a page is called "sidebar" (header, main, footer)' in left_out[0]
