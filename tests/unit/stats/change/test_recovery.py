"""NHS-style rates on drawn courses of treatment."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.change.recovery import Scale, recovery_metrics

PHQ9, GAD7 = Scale(caseness=10, reliable=6), Scale(caseness=8, reliable=4)
LOST = np.nan

#            PHQ-9      GAD-7      contacts
COURSES = [
    (16, 5, 12, 4, 6),  # case on both, below both at the end: recovered, reliably
    (12, 9, 6, 6, 4),  # case on one, below both at the end, too little change: recovered, not reliably
    (18, 10, 15, 9, 5),  # reliable improvement, still a case
    (11, 18, 10, 5, 3),  # worse on one, better on the other: neither
    (9, 15, 7, 9, 2),  # not a case; reliably worse
    (16, 5, 12, 4, 1),  # recovered after one contact: did not finish
    (17, LOST, 13, LOST, 2),  # finished, never measured again
]


def metrics(courses=COURSES, **keywords):
    return recovery_metrics(*np.array(courses, dtype=float).T.reshape(5, -1), depression=PHQ9, anxiety=GAD7, **keywords)


def counted(rate):
    return rate.numerator, rate.denominator


def test_rates_of_drawn_courses():
    found = metrics()
    assert (found.started, found.finished) == (7, 6)
    assert counted(found.recovery) == (2, 5)  # finished cases; the one not measured again stays among them
    assert counted(found.reliable_improvement) == (2, 5)  # finished with paired scores
    assert counted(found.reliable_recovery) == (1, 5)
    assert counted(found.reliable_deterioration) == (1, 5)
    assert found.recovery.estimate.estimate == pytest.approx(2 / 5)


def test_better_on_one_measure_and_worse_on_the_other_is_neither_improvement_nor_deterioration():
    for course in ((18, 10, 5, 12, 4), (11, 18, 12, 6, 4)):
        found = metrics([course])
        assert counted(found.reliable_improvement) == (0, 1)
        assert counted(found.reliable_deterioration) == (0, 1)


def test_rates_from_intake_keep_those_who_did_not_finish():
    found = metrics()
    assert counted(found.recovery_from_intake) == (2, 6)
    assert counted(found.reliable_recovery_from_intake) == (1, 6)
    assert counted(found.reliable_improvement_from_intake) == (2, 7)
    assert counted(found.reliable_deterioration_from_intake) == (1, 7)


def test_an_exactly_reliable_change_and_a_score_exactly_at_the_cut():
    found = metrics([(16, 10, 7, 7, 2), (10, 4, 7, 7, 2)])
    assert counted(found.reliable_improvement) == (2, 2)  # six points are enough
    assert counted(found.recovery) == (1, 2)  # ten is still a case


def test_a_scale_that_runs_the_other_way():
    turned = [(27 - a, 27 - b, c, d, e) for a, b, c, d, e in COURSES]
    found = recovery_metrics(*np.array(turned, dtype=float).T, depression=Scale(17, 6, "lower"), anxiety=GAD7)
    assert found == metrics()


def test_rates_without_anybody_to_count_are_empty():
    found = metrics([(5, 5, 3, 3, 1)])
    assert found.recovery.estimate is None
    assert found.reliable_improvement.estimate is None


@pytest.mark.parametrize("courses", [[], [(np.inf, 5, 3, 3, 2)], [(5, 5, 3, 3, np.nan)]])
def test_courses_that_cannot_be_counted_are_refused(courses):
    with pytest.raises(NotEstimable):
        metrics(courses)
