"""`carelevels init`: a commented study.toml made from the defaults and their reasons, and empty table templates."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

from pipeline.choices.asked import Borrowed, Outcome
from pipeline.dictionary import dictionary
from pipeline.errors import UsageError
from pipeline.recipes.library import Recipe, recipe
from pipeline.schema import TABLES, Table
from pipeline.study import Study

HEAD = """# Every disputable choice of this study.  Each line is optional; what stands here is the default, beside
# its reason.  Unknown keys are refused, so nothing you write here is silently ignored."""
NO_OUTCOME = "outcomes = []   # no symptom scale is in this export; else one block [[outcomes]] for each"
WIDEST = 300  # letters of an array on one line
CHOICES = "{}/study.toml holds every choice with its default and reason"


def start_study(folder: Path, ready: str = "") -> list[str]:
    """Writes study.toml, raw/*.csv templates and the data dictionary into a new or empty folder; the lines to show.

    A folder `raw` may be there already: where it holds files, no template is written beside them.
    ready  the recipe of an export: its mapping.toml comes in place of the templates

    Raises UsageError where the folder holds anything else already: people's own files are never overwritten.
    """
    with_recipe = recipe(ready) if ready else None
    others = sorted(path.name for path in folder.iterdir() if path.name != "raw") if folder.exists() else []
    if others or (folder / "raw").is_file():
        raise UsageError(
            f"{folder} is not empty, and nothing in it will be overwritten; name a new folder, or one that holds"
            " nothing but a folder raw with your files"
        )
    raw = folder / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    brought = [path for path in raw.iterdir() if not path.name.startswith(".")]
    choices = with_recipe.choices if with_recipe else {}
    (folder / "study.toml").write_text(study_toml(folder.resolve().name, choices), encoding="utf-8")
    (folder / "columns.md").write_text(dictionary(), encoding="utf-8")
    if with_recipe:
        return write_recipe(folder, with_recipe)
    return [
        CHOICES.format(folder),
        *(files_stay(folder, len(brought)) if brought else write_templates(folder)),
        *then_type(folder, f"  carelevels map {folder}          drafts how files of another shape are read"),
    ]


def files_stay(folder: Path, files: int) -> list[str]:
    """What is said where the files came before the study."""
    held = "1 file, which stays as it is" if files == 1 else f"{files:,} files, which stay as they are"
    return [f"{folder}/raw/ holds {held}; no templates were written beside {'it' if files == 1 else 'them'}"]


def write_templates(folder: Path) -> list[str]:
    """An empty file for each table; the lines to show."""
    for table in TABLES.values():
        write_template(folder / "raw", table)
    return [
        (
            f"{folder}/raw/ holds one template per table: fill patients, episodes and sessions first; delete columns"
            " you do not have"
        ),
        f"{folder}/columns.md says what each column means",
        f"files of another shape go into {folder}/raw/ as they are; templates left empty beside them are not read",
    ]


def write_recipe(folder: Path, made: Recipe) -> list[str]:
    """Writes a recipe's mapping.toml, and its queries where it has any; the lines to show."""
    (folder / "mapping.toml").write_text(made.mapping, encoding="utf-8")
    for name, query in made.queries.items():
        (folder / "sources").mkdir(exist_ok=True)
        (folder / "sources" / name).write_text(query, encoding="utf-8")
    for table in made.waits_for:
        write_template(folder / "raw", TABLES[table])
    return [
        CHOICES.format(folder),
        f"{folder}/mapping.toml reads {made.export}; the files it looks for in {folder}/raw/: {made.files}",
        f"yours to fill in mapping.toml: {made.yours}; no level of care is guessed",
        *then_type(folder),
    ]


def then_type(folder: Path, *first: str) -> list[str]:
    """The next commands, in the order in which a study is honest: choices are recorded before outcomes are seen."""
    return [
        "then type:",
        *first,
        f"  carelevels check {folder}        what would be refused, without building anything",
        f"  carelevels freeze {folder}       records your choices, before anyone looks at outcomes",
        f"  carelevels run {folder}          records to pages",
    ]


def write_template(raw: Path, table: Table) -> None:
    """An empty file of a table, where none lies there."""
    path = raw / f"{table.name}.csv"
    if not path.exists():
        path.write_text(template_header(table) + "\n", encoding="utf-8")


def template_header(table: Table) -> str:
    """The header line of a table's CSV template: days as dates, item columns left out."""
    return ",".join(column.spellings[-1] for column in table.columns if not column.name.startswith("item_"))


def study_toml(name: str, choices: Mapping[str, Any] | None = None) -> str:
    """study.toml with every default and its reason; `choices` are a recipe's, by section and key."""
    said = {**(choices or {})}
    said["study"] = {"name": name} | said.get("study", {})
    none_asked = said.get("outcomes") == []
    lines = [HEAD, *[NO_OUTCOME] * none_asked]
    for part in fields(Study):
        if part.name in ("folder", "outcomes", "borrowing", "columns", "codes"):
            continue
        default: Any = part.default_factory() if part.default_factory is not MISSING else part.default
        lines += ["", f"[{part.name}]" + reason_after(part.metadata)]
        if is_dataclass(default):
            lines += [*section_lines(default, said.get(part.name, {}))]
        else:
            lines += [f"{key} = {toml(value)}" for key, value in default.items()]
    if not none_asked:
        block = section_lines(Outcome(margin=1.0, comparator_effect=2.0), {})
        lines += ["", "[[outcomes]]   # one block per outcome", *block]
    lines += [
        "",
        "# [[borrowing]]   # one block per difference found elsewhere, published or your own; nothing by default",
    ]
    lines += [f"# {line}" for line in section_lines(Borrowed(), {})]
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
        return "{ " + ", ".join(f"{key_as_toml(key)} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (tuple, list)):
        parts = [toml(item) for item in value]
        wide = sum(map(len, parts)) > WIDEST
        return "[\n" + "".join(f"    {part},\n" for part in parts) + "]" if wide else f"[{', '.join(parts)}]"
    return json.dumps(value, ensure_ascii=False)


def key_as_toml(key: str) -> str:
    """A key, in quotes unless it is of plain letters, digits, dashes and underscores."""
    return key if re.fullmatch("[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)
