"""The papers in docs/ and the lists in README and CONTRIBUTING say what the code does."""

import ast
import csv
import re
import tomllib
import unicodedata
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import get_type_hints

import pytest

from pipeline import errors
from pipeline.analysis.gate import LINES
from pipeline.choices.answered import Gate
from pipeline.choices.asked import Borrowed, Outcome
from pipeline.command.options import parser
from pipeline.endings import CODES as ENDINGS
from pipeline.levels import LEVELS
from pipeline.report.checklist import ITEMS
from pipeline.results import RESULT_TABLES, Verdict, table_columns
from pipeline.schema import TABLES
from pipeline.study import Study
from pipeline.synthetic.scenarios import SCENARIOS
from tests.rulebook import rulebook

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAPERS = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
IN_THE_TREE = r"(?:pipeline|tests|docs|notebooks|data/ctn0094|\.ci)/"
NAME = r"(?:(?:van|von|de) )?[^\W\d_a-zà-þ][\w'’-]+"
CITED = re.compile(rf"({NAME})(?:(?:, | & | and ){NAME})*(?: et al\.)?(?:'s)?,? \(?((?:19|20)\d\d)\b")
# Whatever of these a module calls can leave a row without its number.
REFUSES = {"refused", "refused_with_twin", "Refusal", "Refused", "withheld", "unanswered", "without_answer"}

TWINS = {"naive_twin", "refused_with_twin"}  # what they name is careless, and no estimator of ours


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def headings(path: Path) -> set[str]:
    """The anchors of a page, as Markdown renderers make them."""
    lines = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", line.lower()).strip().replace(" ", "-") for line in lines}


def coded(words: str) -> set[str]:
    """What stands in backticks."""
    return set(re.findall(r"`([^`\n]+)`", words))


def section(page: str, heading: str) -> str:
    """The text under a heading, to the next of the same depth."""
    return re.split(r"^## ", page.split(f"## {heading}\n", 1)[1], flags=re.M)[0]


def rows(page: str) -> dict[str, str]:
    """First cell → the whole line, of every table row."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    return {line.split("|")[1].strip().strip("`"): line for line in lines}


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_and_a_heading(path):
    for target in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        assert not anchor or anchor in headings(there), target


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_every_path_that_is_named_exists(path):
    for named in sorted(coded(path.read_text(encoding="utf-8"))):
        if re.match(IN_THE_TREE, named) and not re.search(r"[<>… ]|NAME", named):
            assert list(ROOT.glob(named.rstrip("/"))), f"{path.name} names {named}"


def test_every_section_that_a_comment_cites_is_there():
    for path in [*(ROOT / "pipeline").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        for page, heading in re.findall(r"docs/(\w+\.md), ([A-Z]\w+(?: \w+)*)", path.read_text(encoding="utf-8")):
            assert heading.lower().replace(" ", "-") in headings(DOCS / page), f"{path} cites {page}, {heading}"


def test_the_rule_book_is_current():
    assert text("rulebook.md") == rulebook(), "run: make rulebook"


def test_every_line_of_the_gate_stands_in_statistics_with_its_verdict():
    told = rows(section(text("statistics.md"), "The gate"))
    assert list(told)[1:] == list(LINES)
    for name, line in LINES.items():
        assert told[name].rstrip(" |").endswith(line.verdict), name


def test_every_threshold_of_the_gate_stands_in_statistics_as_it_is():
    page = text("statistics.md")
    for field in fields(Gate):
        chosen = getattr(Gate(), field.name)
        values = ", ".join(f"{one:g}" for one in (chosen if isinstance(chosen, tuple) else (chosen,)))
        assert f"`{field.name}` = {values}" in page, field.name


def test_the_verdicts_of_statistics_are_those_of_the_results():
    assert set(list(rows(section(text("statistics.md"), "Verdicts")))[1:]) == set(Verdict)


def test_every_estimator_named_beside_its_module_is_there():
    for functions, module in re.findall(
        r"((?:`\w+`(?:, )?)+) in `(pipeline/\S+?\.py)`", re.sub(r"\s+", " ", text("statistics.md"))
    ):
        source = (ROOT / module).read_text(encoding="utf-8")
        for name in re.findall(r"`(\w+)`", functions):
            assert re.search(rf"^(?:def|class) {name}\b|^{name}\b", source, re.M), f"{name} is not in {module}"


def test_every_estimator_a_row_may_name_stands_in_statistics():
    told = coded(section(text("statistics.md"), "The estimators"))
    for path in analysis_modules():
        tree = ast.parse(path.read_text())
        named = {getattr(one.targets[0], "id", ""): one.value for one in tree.body if isinstance(one, ast.Assign)}
        for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
            if getattr(call.func, "id", "") not in TWINS:
                said = [word.value for word in call.keywords if word.arg == "estimator"]
                values = [getattr(named.get(getattr(one, "id", ""), one), "value", "") for one in said]
                assert {one for one in values if isinstance(one, str)} <= {"", *told}, path


def test_every_place_where_a_row_can_be_withheld_is_listed():
    listed = set(rows(section(text("withheld.md"), "Withheld, or not made")))
    assert {name for name in listed if name.endswith(".py")} == {
        str(path.relative_to(ROOT)) for path in analysis_modules() if can_refuse(path)
    }


def test_every_place_that_decides_by_size_is_listed():
    listed = coded(section(text("withheld.md"), "Decided by size before the disclosure gate"))
    found = {str(path.relative_to(ROOT)) for path in analysis_modules() if "disclosure.threshold" in path.read_text()}
    assert {name for name in listed if name.endswith(".py")} == found


def test_every_module_of_the_disclosure_gate_is_listed():
    listed = {name for name in rows(section(text("withheld.md"), "Hidden")) if name.endswith(".py")}
    modules = (ROOT / "pipeline/report/disclosure").rglob("[!_]*.py")
    assert listed == {str(path.relative_to(ROOT)) for path in modules}


def analysis_modules() -> list[Path]:
    return sorted((ROOT / "pipeline" / "analysis").rglob("*.py"))


def can_refuse(path: Path) -> bool:
    """Whether a module makes a refusal, or a row that says why it has no number."""
    for call in [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]:
        called = getattr(call.func, "id", getattr(call.func, "attr", ""))
        said = {keyword.arg: keyword.value for keyword in call.keywords}
        if called in REFUSES or "reason" in said or getattr(said.get("gate"), "value", "") == "withheld":
            return True
    return False


def test_every_command_and_option_stands_in_interface():
    page = text("interface.md")
    commands = next(action for action in parser()._actions if action.choices).choices
    told = {name.split()[1] for name in rows(section(page, "Commands")) if name.startswith("carelevels ")}
    assert told == set(commands)
    options = {name for sub in commands.values() for action in sub._actions for name in action.option_strings}
    assert options - {"-h", "--help"} == {word for word in coded(page) if word.startswith("--")}


def test_every_option_says_in_help_what_it_is_and_synthesize_names_every_world():
    commands = next(action for action in parser()._actions if action.choices).choices
    silent = [
        f"{name} {one.option_strings[0]}"
        for name, sub in commands.items()
        for one in sub._actions
        if one.option_strings and not one.help
    ]
    assert not silent
    scenario = next(one for one in commands["synthesize"]._actions if "--scenario" in one.option_strings)
    assert set(SCENARIOS) <= set(re.findall(r"\w+", scenario.help))


def test_the_exit_codes_of_interface_are_those_of_the_errors():
    carried = {
        kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "exit_code")
    }
    [sentence] = re.findall(r"\*\*Exit codes\*\*.*?\n\n", text("interface.md"), re.S)
    assert set(map(int, re.findall(r"[·:] (\d) ", sentence))) == carried | {0, 3}


def test_every_key_of_a_study_stands_in_interface():
    told, blocks = rows(section(text("interface.md"), "study.toml")), {"outcomes": Outcome, "borrowing": Borrowed}
    for name, kind in get_type_hints(Study).items():
        if name == "folder":
            continue
        heads = [head for head in told if re.match(rf"\[+{name}[\].]", head)]
        assert len(heads) == 1, name
        keys = (
            [field.name for field in fields(blocks.get(name, kind))] if (is_dataclass(kind) or name in blocks) else []
        )
        assert not keys or re.findall(r"`(\w+)`", told[heads[0]].split("|")[2]) == keys, name


def test_every_column_of_the_results_stands_in_interface():
    told = rows(section(text("interface.md"), "Results"))
    for name, kind in RESULT_TABLES.items():
        assert re.findall(r"`(\w+)`", told[name].split("|")[2]) == list(table_columns(kind)), name


def test_levels_endings_and_tables_of_the_domain_are_those_of_the_schema():
    page = text("domain.md")
    assert list(rows(section(page, "Levels of care")))[1:] == list(LEVELS)
    named = re.findall(r"`(\w+)`", section(page, "Endings"))
    assert [name for name in named if name.islower()] == list(ENDINGS)
    assert list(rows(section(page, "Tables")))[1:] == list(TABLES)


def plain(words: str) -> str:
    """Without accents, so that Hernan is Hernán and Anhoej Anhøj."""
    bare = unicodedata.normalize("NFD", words.replace("ø", "oe"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


@cache
def references() -> list[dict[str, str]]:
    with open(ROOT / "pipeline/report/references.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cited_in(path: Path) -> set[tuple[str, str]]:
    """First author and year of every paper that a source or a page cites."""
    lines = (line.strip().lstrip("#") for line in path.read_text(encoding="utf-8").splitlines())
    found = CITED.findall(plain(re.sub(r"\s+", " ", " ".join(lines))))
    return {(author.removesuffix("'s"), year) for author, year in found}


def names_first(paper: dict[str, str], author: str, year: str) -> bool:
    """Whether a citation is this paper: its first author, and its year."""
    return paper["year"] == year and author in plain(paper["authors"].split(",")[0])


@cache
def cited(folder: str = "pipeline/stats", *kinds: str) -> set[tuple[str, str]]:
    """What the sources under a folder cite: estimators, unless another is named."""
    return {one for kind in kinds or ("py",) for path in (ROOT / folder).rglob(f"*.{kind}") for one in cited_in(path)}


def test_every_paper_an_estimator_cites_stands_in_the_references_of_the_research_page():
    missing = {one for one in cited() if not any(names_first(paper, *one) for paper in references())}
    assert not missing, f"add to pipeline/report/references.csv: {sorted(missing)}"


def test_every_paper_of_statistics_stands_in_the_references():
    assert all(any(names_first(paper, *one) for paper in references()) for one in cited_in(DOCS / "statistics.md"))


def test_no_reference_outlives_the_code_that_cites_it():
    guidelines, here = {item.guideline for item in ITEMS}, cited("pipeline", "py", "sql", "toml")
    idle = [
        f"{paper['authors']} {paper['year']}"
        for paper in references()
        if not any(names_first(paper, *one) for one in here) and not any(g in paper["title"] for g in guidelines)
    ]
    assert not idle, f"take out of pipeline/report/references.csv, or cite where it is used: {idle}"


def test_the_citation_file_names_this_version():
    said = dict(re.findall(r"^([\w-]+): ?\"?(.*?)\"?$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.M))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert said["cff-version"] == "1.2.0"
    assert {"message", "title", "type", "authors", "license", "abstract"} <= said.keys()
    assert (said["version"], said["license"]) == (project["version"], project["license"])
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
