"""How care ended, drawn: no straight line over weeks in which nobody knows the shares."""

import pytest

from pipeline.report.drawing.canvas import canvas
from pipeline.report.figures.endings import draw, follow_closely


@pytest.mark.parametrize(("days", "joined"), [([0, 7, 14, 28], True), ([0, 7, 28], False), ([0, 28], False)])
def test_days_up_to_a_fortnight_apart_are_joined_and_others_stand_alone(days, joined):
    assert follow_closely(days) is joined
    _, panels = canvas(3.5, columns=1, squeeze=False)
    axes = panels[0][0]
    draw(axes, [("completed", days, [0.1 * i for i in range(len(days))])], {})
    assert bool(axes.collections) is joined
    bars = [(bar.get_x() + max(bar.get_width(), 0.0), bar.get_height()) for bar in axes.patches]
    assert bars == ([] if joined else [(pytest.approx(day), pytest.approx(0.1 * i)) for i, day in enumerate(days)])


def test_days_of_which_nothing_is_shown_are_grey_and_not_white_as_if_everybody_were_still_in_care():
    from matplotlib.figure import Figure

    from pipeline.report.figures.endings import grey_out

    def unseen(days):
        return grey_out(Figure().subplots(), days, 90)

    assert unseen([70, 77, 84, 90]) == 70
    assert unseen([*list(range(0, 91, 7)), 90]) == 0
    assert 60 < unseen([60, 90]) < 70  # two bars, each as wide as 14 days
