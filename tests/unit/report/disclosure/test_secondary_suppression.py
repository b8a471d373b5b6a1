"""Nothing small can be worked out: every assignment a reader could make is tried by brute force on small tables."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.report.disclosure.propagation import Sum
from pipeline.report.disclosure.secondary_suppression import feasible, protect

THRESHOLD = 4
COUNT = st.integers(0, 7)


def assignments(sums, counts, hidden, unpublished):
    """Every way to fill the hidden cells that agrees with what is shown; a hidden published cell is known not to be 0.

    Cells that are no total are tried one by one, totals follow from them, the innermost first.
    """
    totals = [one.total for one in sums]
    leaves = [cell for cell in counts if cell not in totals]
    choices = [
        range(0 if cell in unpublished else 1, counts[cell] + THRESHOLD + 1) if cell in hidden else (counts[cell],)
        for cell in leaves
    ]
    for values in product(*choices):
        filled = dict(zip(leaves, values, strict=True))
        for one in reversed(sums):
            filled[one.total] = sum(filled[part] for part in one.parts)
        if all(filled[cell] > 0 if cell in hidden else filled[cell] == counts[cell] for cell in totals):
            yield filled


def assert_nothing_small_is_given_away(sums, counts, unpublished, fixed):
    hidden = protect(sums, counts, threshold=THRESHOLD, unpublished=unpublished, fixed=fixed)
    small = [cell for cell, count in counts.items() if 0 < count < THRESHOLD and cell not in fixed]
    assert set(small) <= hidden
    possible = list(assignments(sums, counts, hidden, unpublished))
    assert counts in possible
    shown = [cell for cell, count in counts.items() if cell not in hidden and cell not in fixed and count > 0]
    for cell in small:
        could_be = {filled[cell] for filled in possible}
        assert set(range(1, THRESHOLD)) <= could_be or not shown, (cell, could_be, hidden)


@settings(max_examples=200, deadline=None)
@given(st.lists(COUNT, min_size=2, max_size=4), st.booleans())
def test_parts_of_a_known_total(parts, with_remainder):
    counts = dict(enumerate(parts)) | {"total": sum(parts)}
    unpublished = {len(parts) - 1} if with_remainder else set()
    assert_nothing_small_is_given_away([Sum("total", tuple(range(len(parts))))], counts, unpublished, {"total"})


@settings(max_examples=150, deadline=None)
@given(st.lists(COUNT, min_size=1, max_size=3), st.integers(4, 9))
def test_a_flow_of_steps_whose_last_count_is_known(removed, last):
    left = [last]
    for count in reversed(removed):
        left.insert(0, left[0] + count)
    counts = {("left", i): n for i, n in enumerate(left)} | {("removed", i): n for i, n in enumerate(removed, start=1)}
    sums = [Sum(("left", i), (("left", i + 1), ("removed", i + 1))) for i in range(len(removed))]
    assert_nothing_small_is_given_away(sums, counts, set(), {("left", len(removed))})


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=4, max_size=4))
def test_two_rows_and_two_columns_with_their_margins(cells):
    a, b, c, d = cells
    counts = {"a": a, "b": b, "c": c, "d": d, "ab": a + b, "cd": c + d, "ac": a + c, "bd": b + d}
    sums = [Sum("ab", ("a", "b")), Sum("cd", ("c", "d")), Sum("ac", ("a", "c")), Sum("bd", ("b", "d"))]
    assert_nothing_small_is_given_away(sums, counts, set(), set())


def test_feasible_ranges_of_a_worked_case():
    sums, counts = [Sum("all", ("a", "b", "c"))], {"all": 20, "a": 2, "b": 8, "c": 10}
    assert feasible(sums, counts, {"a", "b"}, {"a": 1, "b": 1}) == {"a": (1, 9), "b": (1, 9)}
    assert feasible(sums, counts, {"a"}, {"a": 1}) == {"a": (2, 2)}


def test_zeros_and_large_counts_hide_nothing():
    assert protect([Sum("all", ("a", "b"))], {"all": 12, "a": 12, "b": 0}, threshold=4) == set()


def test_rows_that_contradict_each_other_are_looked_at_to_an_end():
    sums = [Sum("a", ("b", "c")), Sum("b", ("a", "c"))]  # each is one more than the other
    found = feasible(sums, {"a": 5, "b": 4, "c": 1}, {"a", "b"}, {"a": 1, "b": 1})
    assert found == {"a": (5, float("inf")), "b": (4, float("inf"))}  # and never past the true count
