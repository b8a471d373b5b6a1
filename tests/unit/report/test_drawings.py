"""The figures behind the claims: gaps where marks are hidden, hatches where nobody compares, nothing where nothing may
be shown."""

import re
from dataclasses import fields, replace

import pytest

from pipeline.questions import by_number
from pipeline.report.claims import headline_of
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.drawing.cells import cell
from pipeline.report.drawing.gaps import GAP, PLAIN, alone, line, steps, worth_drawing
from pipeline.report.figures.dose import weeks_figure
from pipeline.report.figures.endings import endings_figure
from pipeline.report.figures.forest import LABEL_WIDTH, forest_figure, label_of
from pipeline.report.figures.pathways import pathways_figure
from pipeline.report.figures.placements import placement_figure
from pipeline.report.figures.retention import retention_figure
from pipeline.report.figures.severity import effect_figure, runs
from pipeline.report.figures.starts import starts_figure
from pipeline.report.figures.step_down import step_down_figure
from pipeline.report.four_sentences import in_order
from pipeline.report.questions.sentence_of import artist_of
from pipeline.report.sections.claims import at_a_glance, cards
from pipeline.report.sections.pictures import pictures_of
from pipeline.results import CurvePoint, FigurePoint, Result

DRAWN = tuple(question.code for question in by_number() if artist_of(question.code))
WITH_FIGURES = tuple(
    code for code in DRAWN if code not in ("C2", "C7", "C9")
)  # of the example: C2 shares its module with C4, costs are withheld, the mix is not asked about
MOST = 300_000  # bytes of the claims page


def words(svg):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", svg)).strip()


def drawn_of(released, code):
    return pictures_of(released, headline_of(released, code))


def all_hidden(released):
    """The same study with every number of every mark, curve and described row hidden."""
    numbers = {
        FigurePoint: ("y", "low", "high", "n"),
        CurvePoint: ("estimate", "low", "high", "at_risk"),
        Result: ("estimate", "low", "high", "n"),
    }
    tables = {
        one.name: tuple(
            replace(row, **dict.fromkeys(numbers[type(row)], SUPPRESSED)) if type(row) in numbers else row
            for row in getattr(released.tables, one.name)
        )
        for one in fields(released.tables)
    }
    return replace(released, tables=replace(released.tables, **tables))


def with_hidden(released, columns, **wanted):
    """The same study with these columns hidden in every results row that holds the wanted values."""
    hidden = dict.fromkeys(columns, SUPPRESSED)
    rows = tuple(
        replace(row, **hidden) if all(getattr(row, name) == value for name, value in wanted.items()) else row
        for row in released.tables.results
    )
    return replace(released, tables=replace(released.tables, results=rows))


def with_points(released, row, made):
    tables = released.tables
    others = tuple(one for one in tables.results if (one.question, one.analysis) != (row.question, "claim"))
    return replace(released, tables=replace(tables, results=(*others, row), points=(*tables.points, *made)))


@pytest.mark.parametrize("code", WITH_FIGURES)
def test_each_figure_is_named_described_and_captioned_and_its_ids_are_its_own(released, code):
    shown = [one for one in drawn_of(released, code) if one[2]]
    assert shown
    for title, below, svg in shown:
        assert below.endswith(".")
        [name] = re.findall(r'aria-labelledby="(\S+)-title', svg)
        assert re.search(rf'<title id="{name}-title">[^<]+</title><desc id="{name}-desc">[^<]+</desc>', svg)
        assert all(found.startswith(f"{name}-") for found in re.findall(r'\bid="([^"]*)"', svg))
        assert "suppressed" not in svg
        assert "nan" not in svg.lower()
        assert not re.search(r"\b(best|worst|wins?|prove[nd]?)\b", f"{title} {below} {words(svg)}".lower())


@pytest.mark.parametrize("code", WITH_FIGURES)
def test_the_same_marks_give_the_same_bytes(released, code):
    assert drawn_of(released, code) == drawn_of(released, code)


@pytest.mark.parametrize("code", DRAWN)
def test_nothing_is_drawn_where_every_mark_is_hidden(released, code):
    assert not any(svg for _, _, svg in drawn_of(all_hidden(released), code))


@pytest.mark.parametrize("draw", [retention_figure, endings_figure, pathways_figure, starts_figure])
def test_no_figure_of_all_levels_is_drawn_where_every_mark_is_hidden(released, draw):
    assert draw(released)
    assert draw(all_hidden(released)) == ""


def test_a_level_that_does_not_show_how_many_started_has_no_bar_among_the_pathways(released):
    drawing = pathways_figure(with_hidden(released, ("n",), analysis="scorecard", measure="starts", arm="php"))
    assert "PHP" in words(pathways_figure(released))
    assert "PHP" not in words(drawing)
    assert "IOP" in words(drawing)


def test_a_contrast_whose_range_is_hidden_is_drawn_as_its_mark_alone_and_says_so(released):
    rows = [row for row in in_order(released) if isinstance(row.estimate, float)][:1]
    hidden = with_hidden(released, ("low", "high"), outcome=rows[0].outcome)
    [row] = [one for one in hidden.tables.results if one.result_id == rows[0].result_id]
    told = words(forest_figure(hidden, [row], "one", "points"))
    assert told.count("(range not shown)") == 3  # as observed, adjusted, and in the description
    assert "suppressed" not in told
    assert "nan" not in told.lower()
    assert "(range not shown)" not in words(forest_figure(released, rows, "one", "points"))


def test_all_ids_of_the_claims_page_differ_and_it_stays_small(released):
    made = at_a_glance(released).html + cards(released).html
    found = re.findall(r'\bid="([^"]*)"', made)
    assert len(found) == len(set(found))
    assert len(made.encode()) < MOST
    assert made.count("<details open><summary>Figures</summary>") == len(WITH_FIGURES)


def test_the_rows_that_a_figure_draws_are_named_beside_the_answer(released):
    used = (*cards(released).used, *at_a_glance(released).used)
    assert any("C13.durability" in name and "in_remission" in name for name in used)
    assert any("C6.strategies" in name for name in used)
    assert any("median_stay_days" in name for name in used)


def test_a_withheld_comparison_has_no_figure_of_the_comparison_but_still_says_where_people_are(released):
    for code in ("C1", "C3", "C6", "C8", "C12", "C14"):
        assert pictures_of(released, replace(headline_of(released, code), gate="withheld")) == []
    assert headline_of(released, "C11").gate == "withheld"
    assert any(svg for _, _, svg in drawn_of(released, "C11"))


def test_a_hidden_mark_is_a_gap_and_a_line_of_one_mark_is_no_line():
    marks = {
        float(x): FigurePoint(result_id="r", figure="f", series="s", x=float(x), y=y, n=50)
        for x, y in enumerate((1.0, SUPPRESSED, 2.0))
    }
    whole = line("s", PLAIN, marks, marks)
    assert whole.y[0] == 1.0
    assert whole.y[1] != whole.y[1]
    assert whole.end == (2.0, 2.0)
    assert [x for x, *_ in alone(replace(whole, low=(0.0,) * 3, high=(3.0,) * 3))] == [0.0, 2.0]
    assert alone(replace(whole, y=(1.0, 2.0, GAP), low=(0.0,) * 3, high=(3.0,) * 3)) == []
    assert worth_drawing([whole, line("t", PLAIN, {0.0: marks[0.0]}, marks)]) == [whole]


def test_a_step_that_no_curve_has_is_open_in_all_of_them(released):
    assert steps({0, 7, 21}, 7) == [0, 7, 14, 21]
    drawing = step_down_figure(released, headline_of(released, "C6"), "one")
    curves = re.findall(r'<path d="([^"]*)" clip-path="[^"]*" style="fill: none; stroke[^"]*stroke-width: 1.7', drawing)
    assert [curve.count("M ") for curve in curves] == [2, 2]  # both lose day 35, and nothing bridges it


def test_the_curve_over_severity_is_hatched_where_nobody_compares_and_broken_there(released):
    drawing = effect_figure(released, headline_of(released, "C11"), "one")
    assert words(drawing).count("nobody to compare here") == 2  # the narrow one upright
    assert "rotate(-90" in drawing
    assert "Hatched: 5 of 12 scores" in drawing
    assert "<pattern" in drawing
    assert runs([0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 3.0]) == [(0.0, 1.0), (3.0, 3.0)]


def test_those_not_measured_are_a_band_of_their_own_and_hidden_bands_say_so(released):
    [(_, _, drawing)] = drawn_of(released, "C13")
    assert "IOP: 17% in remission at day 90, of these still 36%; relapsed 16%; not known 48%" in words(drawing)
    assert "PHP: 16% in remission at day 90, of these hidden" in words(drawing)


def test_the_matrix_tells_nobody_from_hidden(released):
    points = [
        replace(p, n=SUPPRESSED, y=SUPPRESSED) if (p.series, p.label) == ("IOP", "PHP") else p
        for p in released.tables.points
    ]
    told = words(placement_figure(replace(released, tables=replace(released.tables, points=tuple(points))), "one"))
    assert told.count("hidden") == 1
    assert told.count("nobody") == 2  # outpatient recommended and partial hospitalization received, and the reverse
    assert "90% 800" in told


def test_costs_stand_against_effect_with_the_chance_of_each_corner(released):
    row = Result(
        question="C7", analysis="claim", arm="iop", reference="inpatient", measure="y", unit="USD", gate="passed"
    )

    def mark(series, x, y, label="", figure="cost_plane"):
        return FigurePoint(result_id=row.result_id, figure=figure, series=series, x=x, y=y, label=label)

    made = [
        mark("estimate", 0.02, -6000.0),
        *(mark("ellipse", x, y) for x, y in ((0.1, -5e3), (0.0, -9e3), (-0.1, -5e3))),
    ]
    made += [
        mark("chance", None, chance, label)
        for label, chance in (("cheaper and better", 0.7), ("cheaper but worse", 0.3))
    ]
    made += [mark("chance", worth, 0.5 + worth / 1e5, figure="acceptability") for worth in (0.0, 1e4, 2e4)]
    plane, curve = (svg for _, _, svg in drawn_of(with_points(released, row, made), "C7"))
    assert (
        "USD −6,000 a person, 2 in 100 more reliably better. Chances: cheaper and better: 70%; cheaper but worse: 30%"
        in words(plane)
    )
    assert "Chance 50% where it is worth nothing, 70% at 20,000." in words(curve)
    assert drawn_of(with_points(released, replace(row, gate="withheld"), made), "C7") == []


def test_the_mix_of_sessions_stands_in_the_programs_own_order_and_crosses_out_the_hidden(released):
    row = Result(question="C9", analysis="claim", arm="iop", measure="z", gate="passed")
    made = [
        FigurePoint(result_id=row.result_id, figure="mix_by_program", series=program, y=share, n=90, label=kind)
        for program, shares in (("p2", (0.9, 0.1)), ("p1", (SUPPRESSED, SUPPRESSED)), ("p3", (0.96, 0.04)))
        for kind, share in zip(("group", "individual"), shares, strict=True)
    ]
    [(_, _, drawing)] = drawn_of(with_points(released, row, made), "C9")
    assert re.findall(r">(p\d)<", drawing) == ["p2", "p1", "p3"]
    assert "group 90% to 96%; individual 4% to 10%" in words(drawing)
    unseen = [replace(one, y=SUPPRESSED, n=SUPPRESSED) for one in made]
    assert [svg for _, _, svg in drawn_of(with_points(released, row, unseen), "C9")] == [""]


def test_of_very_many_sites_or_programs_the_rest_is_left_to_the_tables(released):
    c1, c9 = headline_of(released, "C1"), Result(question="C9", analysis="claim", arm="iop", measure="z", gate="passed")
    made = [
        FigurePoint(result_id=row.result_id, figure=figure, series=f"q{place:02}", y=0.5, n=90, label=label)
        for row, figure, labels in (
            (c1, "dose_by_site", ("below", "within")),
            (c9, "mix_by_program", ("group", "family")),
        )
        for place in range(40)
        for label in labels
    ]
    drawing = weeks_figure(with_points(released, c1, made), c1, "one")
    assert "The tables hold 12 more." in drawing  # forty, and the two of the example
    [(_, _, drawing)] = drawn_of(with_points(released, c9, made), "C9")
    assert "The tables hold 10 more." in drawing
    assert "q29" in drawing
    assert "q30" not in drawing


def test_words_in_cells_are_readable_on_the_darkest_and_the_hidden_are_white():
    from matplotlib import pyplot

    axes = pyplot.figure().subplots()
    for column, share in enumerate((1.0, float("nan"))):
        cell(axes, (column, 0), share, "x")
    dark, hidden = (bar.get_facecolor()[:3] for bar in axes.patches)
    pyplot.close()
    assert hidden == (1, 1, 1)
    assert 1.05 / (luminance((0x1D / 255, 0x27 / 255, 0x33 / 255)) + 0.05) > 4.5
    assert (luminance(dark) + 0.05) / (luminance((0x1D / 255, 0x27 / 255, 0x33 / 255)) + 0.05) > 4.5


def luminance(color):
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_who_is_compared_is_written_whole_beside_the_marks_however_long_the_names_are():
    arms = {"arm": "intensive_outpatient_evening_and_day", "reference": "acute_inpatient_psychiatric_unit"}
    row = Result(question="C2", analysis="like_for_like", measure="difference", unit="points", **arms)
    lines = label_of(row).split("\n")
    assert " ".join(lines) == "Intensive outpatient evening and day vs acute inpatient psychiatric unit"
    assert max(map(len, lines)) <= LABEL_WIDTH
    assert label_of(replace(row, arm="iop", reference="inpatient")) == "IOP vs inpatient"
    left = replace(row, arm="iop", reference="outpatient", outcome="dropped_out_day90", unit="share")
    assert label_of(left) == "IOP vs outpatient,\nleft early"
