"""One way a row can be wrong, as SQL and in words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowRule:
    """One way a row can be wrong.

    broken    SQL over the columns of loaded.<table>, TRUE where the row is wrong
    severity  quarantine: the row is set apart; cell: its cell in `column` is left out and the row stays; warning: all
              stays
    sentence  what goes after "12 rows"
    named     SQL over a broken row: words of ours that say what it should have been, told before the advice
    """

    name: str
    broken: str
    severity: str
    sentence: str
    advice: str = ""
    column: str = ""
    named: str = ""
