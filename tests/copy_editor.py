"""What a copy editor would strike out of a page: identifiers of ours, glued or cut words, mixed digits, scolding."""

import re
from html import unescape

from pipeline.measures.library import instruments
from pipeline.measures.scales import scale_words

IDS = sorted(
    (name for name in instruments() if name in scale_words() and scale_words()[name].label != name),
    key=len,
    reverse=True,
)
NUMBER = r"[−+]?\d[\d,]*(?:\.\d+)?"
RULES = {  # a key of study.toml may be named right behind its [section]
    "an identifier of ours": r"(?<!\] )\b[a-z][a-z0-9]*_[a-z0-9_]+\b",
    "a scale by its code": rf"\b(?:{'|'.join(map(re.escape, IDS))})\b",
    "a day that sticks to its number": r"\bday\d",
    "a level in lower case": r"(?<![-\w])(?:iop|php)\b(?!-)",
    "a blank before a stop": r" [.,;](?=\s|$)",
    "two stops": r"(?<!\.)\.\.(?!\.)|,,|;;",
    "a blank before a percent sign": r"\d %",
    "a word twice": r"\b(the|a|of|to|in|and|is|were) \1\b",
    "a head count with decimals": r"\bpeople \d[\d,]*\.\d|\bn \d[\d,]*\.\d\d",
    "scolding": r"\b[Cc]areless\b",
    "more than can be known": r"\b(?:proven|proves|guarantee)",
    "a sentence without an end": r"[a-z]{3,}\s+(?:Fairly sure|Could be zero|Still open|Cannot say)$",
}
RANGE = re.compile(rf"\((?:likely range )?({NUMBER})(?: (?:more|less|fewer|worse|better))? to ({NUMBER})")


def words_of(page: str) -> str:
    """The visible words of a page: no code, no lists of ids, no drawing of a letter."""
    page = re.sub(r"(?s)<code\b.*?</code>", "code", page)
    page = re.sub(r"(?s)<(style|title|desc)\b.*?</\1>", " ", page)
    page = re.sub(r'(?s)<details class="listing">.*?</details>', " ", page)
    page = re.sub(r"</(?:b|i|em|strong|span|a|small|tspan)>|<(?:b|i|em|strong|span|a|tspan)\b[^>]*>", "", page)
    return re.sub(r"[ \t]+", " ", unescape(re.sub(r"<[^>]+>", "\n", page)))


def faults(words: str) -> list[str]:
    """Every fault with the words around it, each kind and place once."""
    found = [
        f"{name}: …{words[max(0, at.start() - 30) : at.end() + 30]}…".replace("\n", " ")
        for name, rule in RULES.items()
        for at in re.finditer(rule, words)
    ]
    found += [f"mixed digits in a range: {at[0]}" for at in RANGE.finditer(words) if decimals(at[1]) != decimals(at[2])]
    return list(dict.fromkeys(found))


def decimals(written: str) -> int:
    return len(written.partition(".")[2])
