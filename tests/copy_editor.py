"""What a copy editor would strike out of a page: identifiers of ours, glued or cut words, mixed digits, scolding."""

import csv
import re
import sys
from collections.abc import Iterable
from html import unescape
from pathlib import Path

from pipeline.measures.library import instruments
from pipeline.measures.scales import scale_words

IDS = sorted(
    (name for name in instruments() if name in scale_words() and scale_words()[name].label != name),
    key=len,
    reverse=True,
)
LOWERED = [name.lower() for name in IDS if re.search(r"\d", name)]
NUMBER = r"[−+]?\d[\d,]*(?:\.\d+)?"
LEVELS = "IOP|PHP|[Oo]utpatient(?: care)?|[Ii]npatient(?: care)?"
RULES = {  # a key of study.toml may be named right behind its [section]
    "an identifier of ours": r"(?<!\] )\b[a-z][a-z0-9]*_[a-z0-9_]+\b",
    "a scale by its code": rf"\b(?:{'|'.join(map(re.escape, (*IDS, *LOWERED)))})\b",
    "a day that sticks to its number": r"\bday\d",
    "a level in lower case": r"(?<![-\w])(?:iop|php)\b(?!-)",
    "a blank before a stop": r" [.,;](?=\s|$)",
    "two stops": r"(?<!\.)\.\.(?!\.)|,,|;;",
    "a blank before a percent sign": r"\d %",
    "a word twice": r"\b(the|a|of|to|in|and|is|were) \1\b",
    "a head count with decimals": r"\bpeople \d[\d,]*\.\d|\bn \d[\d,]*\.\d\d",
    "scolding": r"\b[Cc]areless\b",
    "more than can be known": r"\b(?:proven|proves|guarantee)",
    "a level named twice": rf"\b({LEVELS}), \1\b",
    "a range from a number to itself": r"(?<![\d.,+−-])([\d,.]*\d)(%?) ?(?:–|to) ?\1\2(?![\d.,])",
    "a number that is none": r"\b(?:nan|NaN|inf|undefined|null)\b|\bNone\b(?! (?:of|was|were|is)\b)",
    "none with a sign": r"−0(?:\.0+)?(?![\d.,])",
    "a hyphen for a minus": r"(?<![\w%–)-])-\d|\b1 - [A-Z]",
    "one of many": r"(?<![\d.,:] )(?<![\d.,–−+:])\b1 (?:people|persons|outcomes|sites|programs|visits|weeks|levels|ways|were|are)\b",
    "a wrong article": r"\b[Aa] (?:IOP|inpatient|outpatient|8\d?%|11%|18%)|\b[Aa]n (?:PHP|[bcdfgjklmnpqrstvwxz]\w+)",
    "a p-value of nothing": r"\bp ?= ?0(?:\.0+)?(?![\d.])",
    "an identifier with a capital": r"\b[A-Z][a-z]+\d+\b(?! [A-Z])",
    "a category by its code": r"\b(?:HISP|WHITE|BLACK|ASIAN|AIAN|NHPI|UNK|OTHER|UNKNOWN)\b",
    "a line that belongs to nothing": r": this holds for these sites only",
    "a sentence without an end": r"[a-z]{3,}\s+(?:Fairly sure|Could be zero|Still open|Cannot say)$",
}
RANGE = re.compile(rf"\((?:likely range )?({NUMBER})(?: (?:more|less|fewer|worse|better))? to ({NUMBER})")
BEFORE_RANGE = re.compile(
    rf"(?<![\d.,–−+])(?<!day )({NUMBER})%?(?: (?:points?|days?|hours|weeks|more|less|fewer|in 100)){{0,3}}"
    rf" \((?:likely range )?({NUMBER})%?(?: (?:more|less|fewer))? (?:to|–) ({NUMBER})"
    r"(?![\d,.]*\d| of )"  # how many it is, of how many, is no range of the share before it
)


def words_of(page: str) -> str:
    """The words of a page, seen or read aloud: no code, no lists of ids, no drawing of a letter."""
    page = re.sub(r"(?s)<code\b.*?</code>", "`", page)
    page = re.sub(r"(?s)<(style|script)\b.*?</\1>", " ", page)
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
    found += [
        f"mixed digits in a number and its range: {at[0]}"
        for at in BEFORE_RANGE.finditer(words)
        if decimals(at[2]) == decimals(at[3]) != decimals(at[1])
    ]
    return list(dict.fromkeys(found))


def decimals(written: str) -> int:
    return len(written.partition(".")[2])


def main(folders: Iterable[str | Path]) -> int:
    """Every fault of the pages and sentences in these folders of reports, one a line; how many there are."""
    found = []
    for folder in map(Path, folders):
        found += [
            f"{page}: {one}" for page in sorted(folder.glob("*.html")) for one in faults(words_of(page.read_text()))
        ]
        with (folder / "tables" / "results.csv").open(encoding="utf-8", newline="") as file:
            told = "\n".join(row["sentence"] for row in csv.DictReader(file))
        found += [f"{folder}/tables/results.csv: {one}" for one in faults(told)]
    print("\n".join(found))
    return len(found)


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
