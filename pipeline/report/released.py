"""Reads results.duckdb once, through the gate; what pages, notebooks and exports may know is a Released, and nothing
else."""

import contextlib
import hashlib
import json
import os
import pickle
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import duckdb

from pipeline.baselines import with_frozen
from pipeline.errors import DamagedError, StageError, UsageError
from pipeline.report.disclosure.earlier import NOTHING
from pipeline.report.disclosure.gate import Tables
from pipeline.report.disclosure.held_back import Edition, is_held_back, leaving
from pipeline.report.disclosure.last_shown import group_of
from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.internal import as_shown_inside, is_internal
from pipeline.report.release_ledger import earlier_release, edition_of, first_charts, note_release
from pipeline.results import RESULT_TABLES, CurvePoint, Diagnostic, Result, table_columns
from pipeline.store import RESULTS, damaged_words, engine_faults, read_rows
from pipeline.study import Study, run_command
from pipeline.study_toml.file import load_study

if TYPE_CHECKING:
    import pandas as pd

Sorted = Mapping[tuple[Any, ...], tuple[Result, ...]]  # rows by what some columns hold
PUBLISHING = "CARELEVELS_PUBLISHING"  # set in the kernels of `report`, which notes what its pages show
HANDED = "CARELEVELS_HANDED"  # there, the file with what passed the gate: once for all pages
DTYPES = {"VARCHAR": "string", "BIGINT": "Int64", "DOUBLE": "Float64", "BOOLEAN": "boolean"}
UNRELEASED = (
    "episodes",
    "rows_read",
    "rows_quarantined",
)  # totals that would undo the gate: hidden arms and files could be subtracted


@dataclass(frozen=True, slots=True)
class Released:
    """What may leave of one study: tables whose hidden cells hold SUPPRESSED, the manifest, and the study's own
    choices."""

    study: Study
    tables: Tables
    manifest: Mapping[str, Any]
    results_hash: str
    curves_held: tuple[str, ...] = ()  # arms whose curves few people changed since they were last shown
    days: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by table and group: shown as released then
    found: dict[tuple[str, ...], Sorted] = field(default_factory=dict, init=False, repr=False, compare=False)

    def released_on(self, row: Any) -> str:
        """The day of the edition that a row is shown from, as 2026-01-31; '' for one that is shown anew."""
        table = next(name for name, kind in RESULT_TABLES.items() if isinstance(row, kind))
        return self.days.get(table, {}).get(group_of(row), "")

    @property
    def held(self) -> int:
        """How many rows are held back because few people changed them, or what stands beside them, since they were last
        shown."""
        return sum(map(is_held_back, self.tables.results))

    @property
    def arms(self) -> tuple[str, ...]:
        """Arms with a scorecard, in study order."""
        present = {row.arm for row in self.rows(analysis="scorecard")}
        return tuple(arm for arm in self.study.arms if arm in present)

    def rows(self, **wanted: Any) -> tuple[Result, ...]:
        """The results rows whose columns hold these values, in stored order."""
        return self.sorted_by(*wanted).get(tuple(wanted.values()), ()) if wanted else self.tables.results

    def sorted_by(self, *columns: str) -> Sorted:
        """The results rows by what these columns hold, sorted once: pages ask thousands of times."""
        if columns not in self.found:
            groups = defaultdict(list)
            held = [map(attrgetter(name), self.tables.results) for name in columns]
            for row, *key in zip(self.tables.results, *held, strict=True):
                groups[tuple(key)].append(row)
            self.found[columns] = {key: tuple(rows) for key, rows in groups.items()}
        return self.found[columns]

    def row(self, **wanted: Any) -> Result | None:
        """The first such row, or None where the analysis wrote none."""
        return next(iter(self.rows(**wanted)), None)

    def curves(self, analysis: str, **wanted: Any) -> tuple[CurvePoint, ...]:
        """The curve points of one analysis whose columns hold these values, in stored order."""
        of = {row.result_id for row in self.rows(analysis=analysis)}
        return tuple(point for point in holding(self.tables.curves, wanted) if point.result_id in of)

    def frame(self, table: str = "results", **wanted: Any) -> "pd.DataFrame":
        """A released table as a DataFrame: results, curves, diagnostics, attrition or points.

        Hidden and unknown cells are both NA; the column `suppressed` names the hidden ones of each row, and is empty
        where none is.  wanted are values of the table's own columns or, where it has a result_id, of the results'
        columns.  Raises UsageError for a table or a column that does not exist.
        """
        import pandas as pd

        columns = columns_of(table)
        rows = self.of_table(table, **wanted)
        cells = {name: [getattr(row, name) for row in rows] for name in columns}
        frame = {name: pd.array([seen(one) for one in cells[name]], dtype=DTYPES[sql]) for name, sql in columns.items()}
        hidden = [" ".join(name for name in columns if is_suppressed(getattr(row, name))) for row in rows]
        return pd.DataFrame(frame | {"suppressed": pd.array(hidden, dtype="string")})

    def of_table(self, table: str, **wanted: Any) -> list[Any]:
        """The rows of a released table that hold these values, or whose results do."""
        columns = columns_of(table)
        known = columns | (columns_of("results") if "result_id" in columns else {})
        if unknown := [name for name in wanted if name not in known]:
            raise UsageError(f'the table {table} has no column "{unknown[0]}"; it has: {", ".join(known)}')
        theirs = {name: value for name, value in wanted.items() if name not in columns}
        of = {row.result_id for row in self.rows(**theirs)} if theirs else set()
        own = {name: value for name, value in wanted.items() if name in columns}
        return [row for row in holding(getattr(self.tables, table), own) if not theirs or row.result_id in of]


def holding(rows: Sequence[Any], wanted: Mapping[str, Any]) -> Sequence[Any]:
    """The rows whose columns hold these values."""
    return [row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())]


def columns_of(table: str) -> dict[str, str]:
    """The columns of a released table with their SQL types.  Raises UsageError for a table that does not exist."""
    if table not in RESULT_TABLES:
        raise UsageError(f'there is no released table "{table}"; there are: {", ".join(RESULT_TABLES)}')
    return table_columns(RESULT_TABLES[table])


def seen(value: Any) -> Any:
    """A cell as a frame holds it."""
    return None if is_suppressed(value) else value


def open_released(folder: Path | str) -> Released:
    """The released tables of a study folder, found from here or from a folder above, for a notebook: what they show is
    noted in the ledger.  Raises StageError where the analysis has not run."""
    study = load_study(study_folder(folder))
    if (handed := taken_over(study)) is not None:
        return handed
    found = released(study)
    if PUBLISHING not in os.environ and not is_internal():  # pages are noted together, once all of them are made
        note_release(study, found.tables, opened=edition_of(found.manifest))
    return found


def hand_over(outcome: Released, path: Path) -> None:
    """Writes what passed the gate for the kernels that make its pages; path lies where only this user reads."""
    days = {table: dict(shown) for table, shown in outcome.days.items()}
    path.write_bytes(pickle.dumps(replace(outcome, manifest=dict(outcome.manifest), days=days)))


def taken_over(study: Study) -> Released | None:
    """What this kernel was handed over, if it is of this very study; None elsewhere."""
    handed = handed_at(os.environ.get(HANDED, "")) if PUBLISHING in os.environ else None
    return handed if handed is not None and handed.study == study else None


@cache
def handed_at(path: str) -> Released | None:
    """What was handed over in this file, read once for all pages that a process makes; None without one."""
    if not path:
        return None
    handed: Released = pickle.loads(Path(path).read_bytes())
    return replace(handed, manifest=MappingProxyType(dict(handed.manifest)))


def study_folder(folder: Path | str) -> Path:
    """The folder from here or, where there is no such study, from the nearest folder above: JupyterLab starts each
    notebook in the notebook's own folder."""
    given = Path(folder)
    if given.is_absolute():
        return given
    above = [place / given for place in (Path.cwd(), *Path.cwd().parents)]
    found = next((one for one in above if (one / "study.toml").is_file()), None)
    return given if found is None or found == above[0] else found


def released(study: Study) -> Released:
    """The released tables of a study: of results that were released, the same again."""
    tables, manifest = stored(study)
    if is_internal():
        inside = as_shown_inside(study)
        return as_released(inside, leaving(tables, inside.disclosure, NOTHING), manifest)
    earlier = earlier_release(study, before=edition_of(manifest))
    return as_released(study, leaving(tables, study.disclosure, earlier), manifest)


def released_beside(
    study: Study, results: Sequence[Result], checks: Sequence[Diagnostic]
) -> tuple[Released, tuple[Result, ...]]:
    """Rows that are not stored, through the gate together with all that are and after them; and what is released of
    those."""
    tables, manifest = stored(study)
    both = replace(tables, results=(*tables.results, *results), diagnostics=(*tables.diagnostics, *checks))
    edition = leaving(both, study.disclosure, earlier_release(study))
    out = edition.tables
    own = Tables(results=out.results[len(tables.results) :], diagnostics=out.diagnostics[len(tables.diagnostics) :])
    return as_released(study, replace(edition, tables=own), manifest), out.results[: len(tables.results)]


def as_released(study: Study, edition: Edition, manifest: Mapping[str, Any]) -> Released:
    """Tables that have passed the gate."""
    return with_tables(
        Released(study, edition.tables, MappingProxyType(manifest), "", edition.gone, edition.days), edition.tables
    )


def with_tables(outcome: Released, tables: Tables) -> Released:
    """The same of these tables; their hash is of what leaves, since one of hidden counts could be guessed."""
    return replace(outcome, tables=tables, results_hash=hashlib.sha256(repr(tables).encode()).hexdigest())


def stored(study: Study) -> tuple[Tables, dict[str, Any]]:
    """The stored tables and their manifest, which are the study's as it stands.  Not for anybody's eyes."""
    with results_database(study) as con:
        tables = Tables(**{name: read_rows(con, name, kind) for name, kind in RESULT_TABLES.items()})
        manifest = read_manifest(con, study)
    refuse_stale(study, manifest)
    first = first_charts(study, before=edition_of(manifest))
    results, points = with_frozen(tables.results, tables.points, first, study.disclosure.threshold)
    return replace(tables, results=results, points=points), manifest


def refuse_stale(study: Study, manifest: Mapping[str, Any]) -> None:
    """Pages quote the study's choices, so numbers made under other ones may not stand beside them; only title, targets
    and gate may differ."""
    kept = {"disclosure": None, "study": None, "targets": None}
    try:
        now, then = (json.loads(text) | kept for text in (study.as_json(), manifest["study_json"]))
    except (KeyError, ValueError, TypeError):
        raise DamagedError(damaged_words(study, RESULTS).format(kind="manifest")) from None
    if now != then:
        changed = ", ".join(sorted(key for key in now if now[key] != then.get(key)))
        raise StageError(f"study.toml changed since the results were made ({changed}); run: {run_command(study)}")


@contextlib.contextmanager
def results_database(study: Study) -> Iterator[duckdb.DuckDBPyConnection]:
    """results.duckdb, read-only.  Not by store.reading: DuckDB refuses its progress-bar setting inside a notebook
    kernel."""
    path = study.folder / RESULTS
    if not path.exists():
        raise StageError(f"{path} does not exist yet; run: {run_command(study)}")
    with engine_faults(path, damaged_words(study, RESULTS)):
        con = duckdb.connect(str(path), read_only=True, config={"autoinstall_known_extensions": "false"})
        with contextlib.closing(con):
            yield con


def read_manifest(con: duckdb.DuckDBPyConnection, study: Study) -> dict[str, Any]:
    """The manifest's one row without the totals that would undo the gate."""
    cursor = con.execute("SELECT * FROM manifest")
    names = [column[0] for column in cursor.description or ()]
    rows = cursor.fetchall()
    if len(rows) != 1:
        raise StageError(f"{study.folder}: results.duckdb has no manifest; run: carelevels analyze {study.folder}")
    return {name: value for name, value in zip(names, rows[0], strict=True) if name not in UNRELEASED}
