"""Where a thing stands in mapping.toml, as a person counts lines."""

import re

HEADER = re.compile(r"\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}\s*(#.*)?")


def place_of(text: str, section: str, key: str = "") -> str:
    """`mapping.toml, line 12`: of the key in a section, or of the section where the key is not found."""
    line = line_of(text, section, key)
    return f"mapping.toml, line {line}" if line else "mapping.toml"


def line_of(text: str, section: str, key: str = "") -> int:
    """The line of a key, of its section where the key is not found, and 0 where neither is.

    A section may also be one line of the section above it: `level = { … }` under [values] is values.level.
    """
    here, started = "", 0
    outer, _, inner = section.partition(".")
    for place, line in enumerate(text.splitlines(), start=1):
        found = HEADER.fullmatch(line)
        if found:
            here = found[1].replace('"', "").replace("'", "")
            started = place if here == section else started
        elif (key and here == section and is_key(line, key)) or (inner and here == outer and is_key(line, inner)):
            return place
    return started


def is_key(line: str, key: str) -> bool:
    """Whether a line gives this key, in quotes or without."""
    return re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line) is not None
