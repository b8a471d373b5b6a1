"""Reads a table drawn in a test: the rows a clinician can check by eye become rows of a database."""

Value = str | int | float | bool | None
Row = dict[str, Value]
WORDS: dict[str, Value] = {"": None, "yes": True, "no": False}


def drawn(picture: str) -> list[Row]:
    """The rows of a drawn table; an empty cell is NULL, yes and no are booleans, a quoted cell stays text."""
    lines = [line for line in picture.splitlines() if line.strip() and not set(line.strip()) <= set("-+ ")]
    names, *rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    for row in rows:
        if len(row) != len(names):
            raise ValueError(f"a drawn row has {len(row)} cells under {len(names)} names: {row}")
    return [{name: value(cell) for name, cell in zip(names, row, strict=True)} for row in rows]


def value(cell: str) -> Value:
    if cell in WORDS:
        return WORDS[cell]
    if cell[0] == cell[-1] == '"':
        return cell[1:-1]
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell
