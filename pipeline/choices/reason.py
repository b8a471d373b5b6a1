"""A choice of a study beside the reason for its default."""

from dataclasses import field
from typing import Any


def chosen(default: Any, reason: str) -> Any:
    """A default beside its reason; mutable defaults are given as a function that makes them."""
    how = {"default_factory": default} if callable(default) else {"default": default}
    return field(**how, metadata={"reason": reason})
