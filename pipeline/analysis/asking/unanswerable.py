"""What stands in the results where a family cannot be answered to its end: that, and everything said before."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.analysis.comparison.naive_twins import UNADJUSTED
from pipeline.analysis.headline import Asking
from pipeline.analysis.standing import Standing, said_after
from pipeline.errors import NotEstimable
from pipeline.results import GateWord, Result

Ask = Callable[[Asking], Iterable[Any]]
NO_SOLUTION = (
    "a model of it has no solution: for these people some of what is adjusted for says the same; adjust for fewer"
)
REST = "what else stands beside it"


def to_the_end(ask: Ask, row: Result) -> Ask:
    """The family, whose own row (as it would be refused) says so where no estimate exists somewhere along its way.

    What was said before stands; where that holds the answer, a sensitivity row beside it has the reason.
    """

    @functools.wraps(ask)
    def asked(asking: Asking) -> Iterator[Any]:
        said: list[Any] = []
        try:
            yield from noted(iter(ask(asking)), said)
        except NotEstimable as why:
            yield from unanswered(row, said, str(why))
        except np.linalg.LinAlgError:
            yield from unanswered(row, said, NO_SOLUTION)

    return asked


def noted(rows: Iterator[Any], said: list[Any]) -> Generator[Any, float | None, None]:
    """Passes on what a family says and what it is sent, noting its rows."""
    for one in rows:
        if isinstance(one, Standing):
            yield from noted(said_after(rows, (yield one)), said)
            return
        said.append(one)
        yield one


def unanswered(row: Result, said: list[Any], reason: str) -> Iterator[Result]:
    """The refused row and its naive twin; where it was answered already, that what stands beside it ends here."""
    own = [one for one in said if isinstance(one, Result) and one.analysis == row.analysis]
    if not own:
        yield from UNADJUSTED.refused(row, reason)
    elif own[0].gate != GateWord.WITHHELD:
        yield replace(own[0].blank().beneath(varied=REST, ess=None), reason=reason)
