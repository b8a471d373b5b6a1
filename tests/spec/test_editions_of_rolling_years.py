"""Years that roll on from edition to edition share quarters: what one shows and another hides must not add up."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.choices.answered import Disclosure
from pipeline.report.disclosure.earlier import Earlier, shown_counts
from pipeline.report.disclosure.gate import Tables, release
from pipeline.report.disclosure.last_shown import kept
from pipeline.report.disclosure.rates.overlaps import axes_of
from pipeline.report.disclosure.suppressed import Within, is_suppressed
from pipeline.results import Result
from tests.failures.attacks.programs import by_integer_programs
from tests.failures.attacks.returning import by_editions

RULE = Disclosure(threshold=11)
QUARTERS = [f"{year}Q{part}" for year in (2024, 2025) for part in (1, 2, 3, 4)]


def rate(period, part, whole):
    return Result(
        question="M",
        analysis="measures",
        measure="recovery",
        arm="iop",
        target="observed",
        outcome="phq9_day90",
        period=period,
        numerator=int(part),
        denominator=int(whole),
        n=int(whole),
        events=int(part),
        estimate=part / whole,
    )


def records_to(last, parts, wholes):
    """What an analysis tells of records to the last-th quarter: every quarter, and the year that ends there."""
    rows = [rate(QUARTERS[i], parts[i], wholes[i]) for i in range(last + 1)]
    year = slice(last - 3, last + 1)
    return (*rows, rate(f"12 months to {QUARTERS[last]}", parts[year].sum(), wholes[year].sum()))


def without_a_rate(row, least):
    """A quarter of fewer people than the measure asks for, as the analysis tells it."""
    few = row.period in QUARTERS and row.denominator < least
    none = dict.fromkeys(("numerator", "denominator", "n", "events", "estimate"))
    return replace(row, **none, reason="too few people for a rate") if few else row


def editions(parts, wholes, least=0):
    """Each edition's rows as they are and as they left, each after all before it."""
    before = Earlier()
    for last in range(3, len(QUARTERS)):
        rows = tuple(without_a_rate(row, least) for row in records_to(last, parts, wholes))
        left = release(Tables(results=rows), RULE, before).results
        yield from zip(rows, left, strict=True)
        told = {name: ("2026-01-01", said) for name, said in kept(left).items()}
        told = {"results": {**before.told.get("results", {}), **told}}
        before = replace(before, results={**before.results, **shown_counts(left)}, told=told)


def by_edition(parts, wholes):
    """The tables of each edition as they are and as they left."""
    pairs = list(editions(parts, wholes))
    lengths = [last + 2 for last in range(3, len(QUARTERS))]
    for start, length in zip(np.cumsum([0, *lengths[:-1]]), lengths, strict=True):
        rows, left = zip(*pairs[start : start + length], strict=True)
        yield Tables(results=rows), Tables(results=left)


def all_that_is_known(parts, wholes):
    """The rows of all editions, each once, as whoever kept every edition knows it."""
    known = {}
    for row, out in editions(parts, wholes):
        told = known.get(row.result_id, (row, out))[1]
        less = is_suppressed(told.numerator) and not (isinstance(told.numerator, Within) and out.numerator is not None)
        known[row.result_id] = (row, out if less or isinstance(out.numerator, int) else told)
    stored, left = zip(*known.values(), strict=True)
    return Tables(results=stored), Tables(results=left)


@pytest.mark.parametrize("seed", range(8))
def test_whoever_keeps_every_edition_finds_no_small_quarter_between_years_that_roll_on(seed):
    rng = np.random.default_rng(seed)
    wholes = rng.integers(40, 90, len(QUARTERS))
    parts = rng.binomial(wholes, rng.uniform(0.1, 0.35, len(QUARTERS)))
    assert list(by_integer_programs(*all_that_is_known(parts, wholes))) == []


def test_no_quarter_that_few_joined_since_tells_how_few():
    """Four joined the first quarter, all of whom are better."""
    rng = np.random.default_rng(3)
    wholes = rng.integers(60, 90, len(QUARTERS))
    parts = rng.binomial(wholes, 0.4)
    first, later = (rate(QUARTERS[0], parts[0] + more, wholes[0] + more) for more in (0, 4))
    careless = [(Tables(results=(row,)), Tables(results=(row,))) for row in (first, later)]
    assert len(list(by_editions(careless))) == 2
    shown = release(Tables(results=(first,)), RULE)
    told = release(Tables(results=(later,)), RULE, Earlier(results=shown_counts(shown.results)))
    assert list(by_editions([(careless[0][0], shown), (careless[1][0], told)])) == []
    assert list(by_editions(list(by_edition(parts, wholes)))) == []


def test_the_year_and_not_a_quarter_known_already_is_hidden_beside_a_new_quarter_with_few():
    parts, wholes = np.array([20, 20, 20, 20, 4, 20, 20, 20]), np.full(8, 80)
    shown = {row.period: out for row, out in editions(parts, wholes)}
    assert shown["2024Q4"].numerator == 20
    assert shown["12 months to 2024Q4"].numerator == 80
    assert is_suppressed(shown["2025Q1"].numerator)
    assert is_suppressed(shown["12 months to 2025Q1"].numerator)


@pytest.mark.parametrize("small", range(5))
def test_a_quarter_too_small_for_a_rate_is_not_what_the_years_around_it_leave(small):
    parts, wholes = np.full(8, 30), np.full(8, 50)
    parts[small], wholes[small] = 14, 16  # two are not in it
    shown = {row.period: out.numerator for row, out in editions(parts, wholes, least=20)}
    for last in range(3, len(QUARTERS)):
        year = {f"12 months to {QUARTERS[last]}", *QUARTERS[last - 3 : last + 1]} - {QUARTERS[small]}
        assert len(year) == 5 or not all(isinstance(shown[period], int) for period in year)


def test_a_year_whose_part_was_hidden_in_the_last_edition_is_not_held_against_this_one_as_if_nobody_was_in_it():
    now, before = rate("12 months to 2025Q1", 40, 200), rate("12 months to 2024Q4", 30, 308)
    assert len(list(axes_of({0: now, 1: before, 2: rate("", 90, 284)}))) == 1
    assert list(axes_of({0: now, 1: replace(before, numerator=None), 2: rate("", 90, 284)})) == []
