"""How most cells of a column are written, and which are written in another way."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

DIGIT = "0-9"
LETTERS = ("a-f", "g-z", "A-F", "G-Z")  # apart, because many tokens are hexadecimal
ABROAD = r"\x{80}-\x{10FFFF}"
OTHERS = 3  # cells that it takes to speak of a form
ODD = 0.03  # share of a column's cells for which its form does not answer
ALTERNATING = 3  # runs of letters and of digits from which on a token is one of chance


@dataclass(frozen=True, slots=True)
class Form:
    """How most cells of a column are written.

    shortest, longest  letters
    allowed            the kinds of signs that more than a few cells hold, as parts of a regular expression's class
    always             regular expressions' classes of which nearly every cell holds a sign; none in tokens of chance
    digits             whether nearly every cell holds a digit, so that a bare word stands out
    number             digits of the longest number in a cell
    runs               the most changes between letters and digits
    """

    shortest: int
    longest: int
    allowed: tuple[str, ...]
    always: tuple[tuple[str, ...], ...]
    digits: bool
    number: int
    runs: int

    def holds(self, cell: str) -> bool:
        """Whether a cell is written like most."""
        found = kinds_of_signs(cell)
        fits = self.shortest <= len(cell) <= self.longest and found <= set(self.allowed)
        fits = fits and longest_number(cell) <= self.number and len(runs(cell)) <= self.runs
        return fits and all(found & set(wanted) for wanted in self.always)

    def holds_word(self, cell: str) -> bool:
        """The same of a cell that may be a name: among cells with digits one without is written in another way."""
        return self.holds(cell) and not (self.digits and DIGIT not in kinds_of_signs(cell))

    @property
    def all_with_digits(self) -> bool:
        return (DIGIT,) in self.always

    def goes_on(self, cell: str) -> bool:
        """Whether a number has one digit more than the others, as the next of numbers in a row may."""
        return self.allowed == (DIGIT,) and kinds_of_signs(cell) == {DIGIT} and len(cell) <= self.longest + 1


def kinds_of_signs(cell: str) -> set[str]:
    return set(map(kind_of_sign, cell))


def kind_of_sign(sign: str) -> str:
    if not sign.isascii():
        return ABROAD
    if sign.isdigit():
        return DIGIT
    if sign.isalpha():
        return next(one for one in LETTERS if one[0] <= sign <= one[-1])
    return re.escape(sign)


def runs(cell: str) -> list[str]:
    """A cell's letters and digits, taken apart where one follows the other or a mark stands between."""
    return re.findall(r"[A-Za-z]+|[0-9]+", cell)


def longest_number(cell: str) -> int:
    return max(map(len, re.findall(r"[0-9]+", cell)), default=0)


def are_of_chance(cells: Sequence[str]) -> bool:
    """Tokens in which letters and digits take turns; some of them are of letters alone."""
    return len(cells) > 0 and sorted(len(runs(cell)) for cell in cells)[len(cells) // 2] >= ALTERNATING


def form_of(cells: Sequence[str], least: int = OTHERS) -> Form | None:
    """How most of the distinct cells are written; None where there are too few to say."""
    if len(cells) < least:
        return None
    odd = int(ODD * len(cells))
    lengths, numbers, changes = (sorted(map(f, cells)) for f in (len, longest_number, lambda one: len(runs(one))))
    held = [kinds_of_signs(cell) for cell in cells]
    groups = {(DIGIT,): 0, LETTERS: 0}
    counted = {group: sum(bool(signs & set(group)) for signs in held) for group in groups}
    chance = are_of_chance(cells)
    return Form(
        lengths[odd],
        lengths[-1 - odd],
        tuple(sorted(one for one in set().union(*held) if sum(one in signs for signs in held) > odd)),
        tuple(group for group, count in counted.items() if not chance and count >= len(cells) - odd),
        counted[DIGIT,] >= len(cells) - odd,
        lengths[-1] if chance else numbers[-1 - odd],
        lengths[-1] if chance else changes[-1 - odd],
    )
