"""The one form in which every family of questions is asked."""

from collections.abc import Callable, Iterable
from typing import Any

from pipeline.analysis.headline import Asking

Ask = Callable[[Asking], Iterable[Any]]
