"""Names and texts as SQL writes them."""

from collections.abc import Iterable


def name(text: str) -> str:
    """An identifier in double quotes."""
    return '"' + text.replace('"', '""') + '"'


def literal(text: object) -> str:
    """A text literal in single quotes."""
    return "'" + str(text).replace("'", "''") + "'"


def literals(texts: Iterable[object]) -> str:
    """Several text literals, as IN (...) takes them."""
    return ", ".join(literal(text) for text in texts)
