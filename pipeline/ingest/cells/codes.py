"""Billing and diagnosis codes in one spelling; NULL where a code has a shape that its list does not know.

Exports write them in lower case, with modifiers, without their zeros at the front, or as the decimal number that a
spreadsheet or data frame made of them.
"""

from collections.abc import Callable, Mapping

WHOLE = r"^([0-9]+)\.0+$"  # 905.0, as a column with empty cells comes out of a data frame
ICD_10 = r"^(?:ICD ?-?10(?: ?-?CM)?[ :-]*)?([A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4})?)(?:[ ,;:|-].*)?$"
PROCEDURE = r"^([A-Z][0-9]{4}|[0-9]{4}[0-9A-Z])(?:[ :.,/_|+-]*[0-9A-Z]{2})*$"


def whole(text: str) -> str:
    """Capitals without `.0` at the end of a number."""
    return f"regexp_replace(upper({text}), '{WHOLE}', '\\1')"


def matched(pattern: str) -> Callable[[str], str]:
    """SQL of the first group of a pattern that the whole code must have."""
    return lambda text: f"NULLIF(regexp_extract({whole(text)}, '{pattern}', 1), '')"


def padded(pattern: str, length: int) -> Callable[[str], str]:
    """SQL of a code with its zeros at the front."""
    return lambda text: (
        f"CASE WHEN regexp_full_match({whole(text)}, '{pattern}') THEN lpad({whole(text)}, {length}, '0') END"
    )


def bill_type(text: str) -> str:
    """A type of bill in four places: 13, 131 and 0131 are 013X, 0131 and 0131."""
    code = whole(text)
    return (
        f"CASE WHEN regexp_full_match({code}, '[1-9][0-9]') THEN '0' || {code} || 'X' "
        f"WHEN regexp_full_match({code}, '0?[1-9][0-9][0-9A-Z]') THEN lpad({code}, 4, '0') END"
    )


SPELLED: Mapping[str, Callable[[str], str]] = {
    "primary_dx": matched(ICD_10),
    "cpt_hcpcs": matched(PROCEDURE),
    "revenue_code": padded("[0-9]{1,4}", 4),
    "pos": padded("[0-9]{1,2}", 2),
    "condition_code": padded("[0-9A-Z]{1,2}", 2),
    "bill_type": bill_type,
    "apc": padded("[0-9]{1,5}", 4),
    "state": whole,
    "currency": whole,
}
NOT_A = {
    "primary_dx": "that is not an ICD-10-CM code such as F33.1 (ICD-9 and words are none)",
    "cpt_hcpcs": "that is not a procedure code of five characters such as H0015, alone or with modifiers",
    "revenue_code": "that is not a revenue code of up to four digits",
    "pos": "that is not a place of service of two digits",
    "condition_code": "that is not one condition code of two characters",
    "bill_type": "that is not a type of bill such as 0131",
    "apc": "that is not an ambulatory payment class",
}
BETWEEN = "([0-9a-z])[ _-]+"  # a minus before a number stays
TOTALS = ("total", "totalscore", "totalsum", "sum", "sumscore", "overall", "overallscore", "composite", "global")


def subscale(text: str) -> str:
    """A subscale's code; empty where it says that the score is the total."""
    words = ", ".join(f"'{word}'" for word in TOTALS)
    return f"CASE WHEN {bare(text)} IN ({words}) THEN '' ELSE {text} END"


def bare(text: str) -> str:
    """A code without case, blanks, hyphens, underscores and `.0`: how two spellings of one code are compared."""
    return f"regexp_replace(regexp_replace(lower({text}), '{WHOLE}', '\\1'), '{BETWEEN}', '\\1', 'g')"
