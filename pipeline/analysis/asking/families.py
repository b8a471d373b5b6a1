"""Families of questions that need less than everything, in the one form in which all are asked."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from pipeline.analysis.headline import Asking

Ask = Callable[[Asking], Iterable[Any]]


def of_records(ask: Callable[..., Iterable[Any]]) -> Ask:
    """A family that needs only the shared frames and the study; it stays known by its own module."""

    @wraps(ask)
    def asked(asking: Asking) -> Iterable[Any]:
        return ask(asking.records, asking.study)

    return asked


def of_frames(ask: Callable[..., Iterable[Any]]) -> Ask:
    """A family that needs only the shared frames."""

    @wraps(ask)
    def asked(asking: Asking) -> Iterable[Any]:
        return ask(asking.records)

    return asked


def of_nothing(ask: Callable[[], Iterable[Any]]) -> Ask:
    """A family that is the same for every study."""

    @wraps(ask)
    def asked(asking: Asking) -> Iterable[Any]:
        return ask()

    return asked


def of_warehouse(ask: Callable[..., Iterable[Any]]) -> Ask:
    """A family that needs the warehouse and the shared frames."""

    @wraps(ask)
    def asked(asking: Asking) -> Iterable[Any]:
        return ask(asking.warehouse, asking.records)

    return asked
