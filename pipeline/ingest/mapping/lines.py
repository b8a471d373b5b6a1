"""Where a thing stands in mapping.toml, as a person counts lines."""

import re

HEADER = re.compile(r"\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}\s*(#.*)?")


def place_of(text: str, section: str, number: int = 0, key: str = "") -> str:
    """`mapping.toml, line 12`: of the key in the section's `number`-th block, or of the section where the key is not
    found."""
    line = line_of(text, section, number, key)
    return f"mapping.toml, line {line}" if line else "mapping.toml"


def line_of(text: str, section: str, number: int = 0, key: str = "") -> int:
    """The line of a key, of its section where the key is not found, and 0 where neither is."""
    here, seen, started = "", -1, 0
    wanted = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]") if key else None
    for place, line in enumerate(text.splitlines(), start=1):
        found = HEADER.fullmatch(line)
        if found:
            here = found[1].replace('"', "")
            seen += here == section
            if here == section and seen == number:
                started = place
        elif wanted and wanted.match(line) and (seen == number and here == section if section else not here):
            return place
    return started
