"""The rule book: one page made from the names of the spec tests and from the tables drawn in them (`make rulebook`)."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "tests" / "spec"
HEAD = """# The rule book

Made from `tests/spec` by `make rulebook`; a test keeps it current. Each line is the name of a test that passes: what the
project promises, in the order of the files. Beneath it stand the tables drawn in that test, as a reader can check them by
eye: what was recorded, then what comes out. Where one rule is tried with several values, they are a table of their own,
and a word in braces stands for one of them. An empty cell is unknown. What is written out as code in a table of values is
read in the test itself.
"""
SPELLED = (
    (r"\b(iop|php|nhs|zip|iso|csv|asam|fhir|omop|loinc|hcpcs)\b", lambda found: found[0].upper()),
    (r"\b(phq|gad|pcl) ?(\d)\b", lambda found: f"{found[1].upper()}-{found[2]}"),
    (r"\bf43 1\b", "F43.1"),
    (r"\bASAM 3 7\b", "ASAM 3.7"),
    (r"\b(\d+) (hour|day|digit)\b", r"\1-\2"),
    (r"\b(study|person) s\b", r"\1's"),
)
BOOLEAN = {True: "yes", False: "no", None: ""}


def rulebook(folder: Path = SPEC) -> str:
    """The whole page as Markdown: a list of the files, then the rules of each."""
    files = [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("test_*.py"))]
    chapters = [(path, ast.get_docstring(tree) or "", rules(tree)) for path, tree in files]
    listed = [f"- [{title(path)}](#{anchor(path)}): {len(found)} rules" for path, _, found in chapters]
    return "\n".join([HEAD, *listed, "", *(chapter(*one) for one in chapters)])


def title(path: Path) -> str:
    """'Level of care' of test_level_of_care.py."""
    return sentence(path.stem).removesuffix(".")


def anchor(path: Path) -> str:
    """How Markdown renderers name the heading of a file."""
    return title(path).lower().replace(" ", "-")


def chapter(path: Path, about: str, found: Sequence[ast.FunctionDef]) -> str:
    """One file: what it is about, then its rules."""
    head = [f"## {title(path)}", "", " ".join([*about.split(), f"([{path.name}](../tests/spec/{path.name}))"]), ""]
    return "\n".join([*head, *(rule(test) for test in found)])


def rules(tree: ast.Module) -> list[ast.FunctionDef]:
    """The tests of a file, in its order."""
    return [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def rule(test: ast.FunctionDef) -> str:
    """One rule as a sentence, with its drawn tables beneath it."""
    drawings = [f"{caption}\n\n```text\n{picture}\n```\n" for caption, picture in [*values(test), *pictures(test)]]
    return "\n".join([f"**{sentence(test.name)}**\n", *drawings])


def sentence(name: str) -> str:
    """A test's name as the sentence it is; abbreviations in capitals, numbers joined to their unit."""
    said = name.removeprefix("test_").replace("_", " ")
    for spelling, word in SPELLED:
        said = re.sub(spelling, word, said, flags=re.IGNORECASE)
    return f"{said[:1].upper()}{said[1:]}."


def pictures(test: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Caption and text of each table drawn in a test, in the order in which they are written."""
    for node, caption in strings(test):
        if picture := drawn_text(written(node)):
            yield caption, picture


def strings(node: ast.AST, caption: str = "") -> Iterator[tuple[ast.Constant | ast.JoinedStr, str]]:
    """Every string below a node, with what the call around it calls the table: its keyword, or the table it is held
    against.
    """
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node, caption
        return
    if isinstance(node, ast.Call):
        for argument in node.args:
            yield from strings(argument, expected_table(node))
        for keyword in node.keywords:
            yield from strings(keyword.value, f"`{keyword.arg}`")
        yield from strings(node.func, caption)
        return
    for child in ast.iter_child_nodes(node) if not isinstance(node, ast.FunctionDef) else node.body:
        yield from strings(child, caption)


def expected_table(call: ast.Call) -> str:
    """'Then `episodes`' for like(con, "episodes", …); nothing for another call."""
    named = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    is_like = isinstance(call.func, ast.Name) and call.func.id == "like"
    return f"Then `{named[0]}`" if is_like and named else ""


def written(node: ast.Constant | ast.JoinedStr) -> str:
    """The text as it stands in the test; what is filled in stays in its braces."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    parts = (
        one.value
        if isinstance(one, ast.Constant)
        else f"{{{ast.unparse(one.value)}}}"
        if isinstance(one, ast.FormattedValue)
        else ""
        for one in node.values
    )
    return "".join(str(part) for part in parts)


def drawn_text(text: str) -> str:
    """The lines of a drawn table without their indent; empty for a text that is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    columns = {line.count("|") for line in lines}
    return "\n".join(lines) if len(lines) > 1 and len(columns) == 1 and columns != {0} else ""


def values(test: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """The values that a rule is tried with, as a table."""
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("parametrize") and len(mark.args) == 2:
            names, given = mark.args
            columns = [cell(one) for one in names.elts] if isinstance(names, ast.Tuple) else cell(names).split(",")
            if isinstance(given, ast.List | ast.Tuple):
                rows = [[cell(one) for one in row_of(item, len(columns))] for item in given.elts]
                yield "With", aligned([columns, *rows])


def row_of(item: ast.expr, columns: int) -> Sequence[ast.expr]:
    """The cells of one set of values."""
    return item.elts if columns > 1 and isinstance(item, ast.Tuple | ast.List) else [item]


def cell(node: ast.expr) -> str:
    """A value as a drawn table writes it; code stays code."""
    if isinstance(node, ast.Constant):
        known = isinstance(node.value, bool) or node.value is None
        return BOOLEAN[node.value] if known else " ".join(str(node.value).split())
    return " ".join(ast.unparse(node).split())


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells under one another."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=False)]
    lines = (" | ".join(one.ljust(width) for one, width in zip(row, widths, strict=False)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


if __name__ == "__main__":
    (ROOT / "docs" / "rulebook.md").write_text(rulebook(), encoding="utf-8")
