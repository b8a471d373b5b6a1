"""`carelevels init`: a commented study.toml made from the defaults and their reasons, and empty table templates."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

from pipeline.dictionary import dictionary
from pipeline.errors import UsageError
from pipeline.schema import TABLES, Table
from pipeline.study import Outcome, Study

HEAD = """# Every disputable choice of this study.  Each line is optional; what stands here is the default, beside
# its reason.  Unknown keys are refused, so nothing you write here is silently ignored."""


def start_study(folder: Path) -> list[str]:
    """Writes study.toml, raw/*.csv templates and the data dictionary into a new or empty folder; the lines to show.

    Raises UsageError where the folder holds anything already: people's own files are never overwritten.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty, and nothing in it will be overwritten; name a new folder")
    raw = folder / "raw"
    raw.mkdir(parents=True)
    (folder / "study.toml").write_text(study_toml(folder.resolve().name), encoding="utf-8")
    for table in TABLES.values():
        (raw / f"{table.name}.csv").write_text(template_header(table) + "\n", encoding="utf-8")
    (folder / "columns.md").write_text(dictionary(), encoding="utf-8")
    return [
        f"{folder}/study.toml holds every choice with its default and reason",
        (
            f"{folder}/raw/ holds one template per table: fill patients, episodes and sessions first; delete columns"
            " you do not have"
        ),
        f"{folder}/columns.md says what each column means",
        f"files of another shape go into {folder}/raw/ as they are: carelevels map {folder} drafts how they are read",
        "then type:",
        f"  carelevels check {folder}        what would be refused, without building anything",
        f"  carelevels run {folder}          records to pages",
        f"  carelevels freeze {folder}       once the choices are made, before you look at outcomes",
    ]


def template_header(table: Table) -> str:
    """The header line of a table's CSV template: days as dates, item columns left out."""
    return ",".join(column.spellings[-1] for column in table.columns if not column.name.startswith("item_"))


def study_toml(name: str) -> str:
    """study.toml with every default and its reason."""
    lines = [HEAD]
    for part in fields(Study):
        if part.name in ("folder", "outcomes", "columns", "codes"):
            continue
        default: Any = part.default_factory() if part.default_factory is not MISSING else part.default
        lines += ["", f"[{part.name}]" + reason_after(part.metadata)]
        if is_dataclass(default):
            lines += [*section_lines(default, {"name": name} if part.name == "study" else {})]
        else:
            lines += [f"{key} = {toml(value)}" for key, value in default.items()]
    lines += [
        "",
        "[[outcomes]]   # one block per outcome",
        *section_lines(Outcome(margin=1.0, comparator_effect=2.0), {}),
    ]
    lines += [
        "",
        "# [columns.sessions]            our name = the file's name, where a column is called otherwise",
        '# service_date = "dos"',
        "# [codes.episodes.payer]        the file's code = ours",
        '# HMO = "commercial"',
    ]
    return "\n".join(lines) + "\n"


def section_lines(section: Any, given: Mapping[str, Any]) -> Iterator[str]:
    for part in fields(section):
        value = given.get(part.name, getattr(section, part.name))
        yield f"{part.name} = {toml(value)}{reason_after(part.metadata)}"


def reason_after(metadata: Mapping[str, Any]) -> str:
    return f"   # {metadata['reason']}" if metadata.get("reason") else ""


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(value)
