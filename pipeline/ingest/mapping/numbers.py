"""SQL that makes plain numbers of amounts and durations as people write them."""

from __future__ import annotations

import re

from pipeline.storage.quoting import literal

CURRENCY = r"[$€£¥]|\b(USD|EUR|GBP|CAD|AUD|CHF|US\$)\b|[\s\x{00A0}\x{202F}'’]"
# sign or parenthesis, groups of three digits or digits alone, decimals, a minus behind
POINT = r"[-+(]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)?(\.[0-9]+)?\)?-?"
COMMA = r"[-+(]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)?(,[0-9]+)?\)?-?"


def number_sql(text: str, decimal: str, unit: str = "", times: float = 1.0) -> str:
    """SQL of a cell as plain digits: without currency, thousands or unit; (45.00) and 45.00- are below zero.

    A cell that is written otherwise stays as it is, so that it is told.
    """
    cell = without_unit(text, unit) if unit else text
    bare = f"regexp_replace({cell}, {literal(CURRENCY)}, '', 'g')"
    if decimal == ",":
        plain = f"replace(replace({bare}, '.', ''), ',', '.')"
        made = f"CASE WHEN regexp_full_match({bare}, {literal(COMMA)}) THEN {signed(plain)} ELSE {cell} END"
    else:
        plain = f"replace({bare}, ',', '')"
        made = (
            f"CASE WHEN TRY_CAST({cell} AS DOUBLE) IS NOT NULL THEN {cell} "
            f"WHEN regexp_full_match({bare}, {literal(POINT)}) THEN {signed(plain)} ELSE {cell} END"
        )
    if times == 1.0:
        return made
    return f"COALESCE(CAST(TRY_CAST({made} AS DOUBLE) * {times} AS VARCHAR), {made})"


def signed(plain: str) -> str:
    """SQL of digits with their sign in front, where it stood behind or was a parenthesis."""
    digits = f"translate({plain}, '()+-', '')"
    below = f"(contains({plain}, '-') OR starts_with({plain}, '('))"
    return f"CASE WHEN {below} THEN '-' ELSE '' END || {digits}"


def without_unit(text: str, unit: str) -> str:
    """SQL of a cell without the unit behind its number: `60 min`, `60 Minutes`."""
    pattern = rf"(?i)\s*{re.escape(unit)}[a-z]*\.?$"
    return f"regexp_replace({text}, {literal(pattern)}, '')"
