"""One organization's pooling file, from what its disclosure gate released."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.pooling.files import ENDING, Shared, SharedRow, write_shared
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.release_ledger import note_release
from pipeline.report.released import Released, released
from pipeline.results import Analysis, Diagnostic, Result
from pipeline.study import Study, jsonable

SHARED = (Analysis.CLAIM, Analysis.LIKE_FOR_LIKE)
ASKED = ("question", "population", "outcome", "day", "arm", "reference", "measure", "unit", "target", "estimator")
TOLD = ("question", "population", "outcome", "arm", "reference", "measure", "unit", "gate", "reason")
NUMBERS = ("estimate", "se", "low", "high", "level", "p", "n", "n_reference")
BALANCE = "balance"


def share(study: Study, out: Path) -> int:
    """Writes the study's pooling file, notes in its ledger what was shown, and says how many differences it holds.

    Raises UsageError for a name that `pool` would not find.
    """
    if not out.name.endswith(ENDING):
        raise UsageError(f"{out.name}: a pooling file ends in {ENDING}, by which carelevels pool finds it")
    found = released(study)
    note_release(study, found.tables)
    shared = shared_of(found)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_shared(shared, out)
    return sum(row.estimate is not None for row in shared.rows)


def shared_of(found: Released) -> Shared:
    """The adjusted differences of two arms over all sites, those withheld too: that they are is part of the answer."""
    rows = [row for row in found.tables.results if row.analysis in SHARED and row.arm and row.reference]
    whole = [row for row in rows if not (row.site or row.payer or row.period or row.stratum or row.twin_of)]
    return Shared(
        found.study.name,
        found.study.study.synthetic,
        found.results_hash,
        tuple(shared_row(row, found.tables.diagnostics, found.study) for row in whole),
    )


def shared_row(row: Result, checks: Sequence[Diagnostic], study: Study) -> SharedRow:
    """One difference; what the gate hid is empty and named."""
    hidden = [name for name in NUMBERS if getattr(row, name) is SUPPRESSED]
    df = row.df if isinstance(row.df, float) and math.isfinite(row.df) else None
    cells: dict[str, Any] = {name: str(getattr(row, name) or "") for name in TOLD}
    cells |= {name: shown(getattr(row, name)) for name in NUMBERS}
    return SharedRow(
        asked=json.dumps([getattr(row, name) for name in ASKED], default=str),
        definition=definition(row, study),
        df=df,
        largest_smd=largest_smd(row, checks),
        hidden=" ".join(hidden),
        **cells,
    )


def shown(value: Any) -> Any:
    """A number that may leave; none where it is hidden or not known."""
    return value if isinstance(value, (int, float)) and math.isfinite(value) else None


def largest_smd(row: Result, checks: Sequence[Diagnostic]) -> float | None:
    """How unlike the arms were left, over all covariates; none where that is hidden."""
    left = [one.after for one in checks if one.result_id == row.result_id and one.check == BALANCE]
    values = [abs(one) for one in left if isinstance(one, float) and math.isfinite(one)]
    return max(values) if values and len(values) == len(left) else None


def definition(row: Result, study: Study) -> str:
    """The study's choices that must be the same elsewhere for two answers to be to one question."""
    scored = [one for one in study.outcomes if one.name == row.outcome.removeprefix("reliable_")]
    said = {
        "arms": {arm: sorted(study.arms[arm]) for arm in (row.arm, row.reference) if arm in study.arms},
        "outcome": [
            {name: value for name, value in jsonable(one).items() if name not in ("margin", "comparator_effect")}
            for one in scored
        ],
        "retention_gap_days": None if scored else study.retention.gap_days,
        "washout_days": study.episodes.washout_days,
        "currency": [study.cost.currency, study.cost.perspective] if row.outcome.startswith("cost_") else None,
    }
    return json.dumps(said, sort_keys=True)
