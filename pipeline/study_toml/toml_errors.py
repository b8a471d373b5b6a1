"""What a slip of typing in a TOML file is, in words for people who do not know that the file has a grammar."""

import re

PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
TEXT = 'text stands in straight quotes: key = "text"'
QUOTE = "a closing quote is missing"
CURLED = "these quotes are curled, as word processors write them; type straight ones"
BLANKS = 'words with blanks or signs stand in quotes: "No Show" = "no_show"'
# what the parser says, in part: what we say
SAID = {
    "Illegal character": QUOTE,
    "Unterminated string": QUOTE,
    'Expected "\'"': "a single quote is opened and never closed",
    "Unclosed inline table": "a comma between two parts, or the closing } of the line, is missing",
    "Unclosed array": "a comma between two parts of a list, or its closing ], is missing here or in the line above",
    "at the end of a table declaration": "the closing ] of the section's name is missing, or a name with dots or blanks"
    ' has no quotes: [sessions."Visits 2025.csv"]',
    "Unescaped": r'a backslash is typed twice ("a\\b"), or the text stands in single quotes',
    "Cannot overwrite": "this key stands twice in its section; keep one line",
    "twice": "this section stands twice; put their lines under one",
    "Expected newline": "more stands behind the value than belongs there: a list stands in [ ], a decimal number has a"
    " point, and a remark begins with #",
    "Invalid initial character": "a comma stands before a closing }, or two commas stand side by side",
    "Invalid statement": BLANKS,
}


def typing_error(message: str, content: str) -> str:
    """`line 12: a closing quote is missing`, of the message of a TOML parser; its own words where we have none.

    Without a line where the parser reached the end of the file; the text of the line is not repeated.
    """
    found = PLACE.search(message)
    lines = content.splitlines()
    if not found:
        return next((said for part, said in SAID.items() if part in message), message)
    number, column = int(found[1]), int(found[2])
    line = lines[number - 1] if number <= len(lines) else ""
    return f"line {number}: {in_words(message, line, column)}"


def in_words(message: str, line: str, column: int) -> str:
    """What is wrong in a line."""
    if re.search("[“”„‘’]", line.partition("#")[0]):
        return CURLED
    if "Expected '=' after a key" in message:
        return QUOTE if line.count('"') % 2 else BLANKS if "=" in line else f"a line is key = value; {TEXT}"
    if "Invalid value" in message:
        return of_value(line[column - 1 :].strip())
    return next((said for part, said in SAID.items() if part in message), PLACE.sub("", message).strip())


def of_value(value: str) -> str:
    """What is wrong with what stands behind a =."""
    if not value or value.startswith("#"):
        return "nothing stands behind the =; an empty text is two quotes"
    if value.lower() in ("true", "false"):
        return "true and false are written in small letters"
    return TEXT
