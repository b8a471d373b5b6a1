"""What leaves an organization: what its own disclosure gate released, and nothing that the gate hid."""

import json
from dataclasses import replace

import pytest

from pipeline.errors import UsageError
from pipeline.pooling.files import read_shared
from pipeline.pooling.pool import pool
from pipeline.pooling.share import NUMBERS, definition, share, shared_of
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.released import released
from pipeline.study_toml.file import load_study
from tests.unit.report.example_pages import example_study


@pytest.fixture(scope="module")
def study():
    return load_study(example_study())


def test_a_shared_number_is_the_released_one_and_what_is_hidden_is_empty_and_named(study):
    found = released(study)
    rows = {json.dumps([row.question, row.outcome, row.arm, row.reference, row.population]): row for row in found.tables.results
            if row.analysis in ("claim", "like_for_like") and not row.twin_of}  # fmt: skip
    shared = shared_of(found).rows
    assert len([row for row in shared if row.estimate is not None]) > 2
    for one in shared:
        row = rows[json.dumps([one.question, one.outcome, one.arm, one.reference, one.population])]
        for name in NUMBERS:
            cell = getattr(row, name)
            assert getattr(one, name) == (None if cell is SUPPRESSED else cell), (one.outcome, name)
            assert (name in one.hidden.split()) == (cell is SUPPRESSED)


def test_the_gate_hides_a_small_group_from_the_pool_too(study):
    found = released(study)
    place, row = next((place, row) for place, row in enumerate(found.tables.results) if row.analysis == "like_for_like")
    hidden = replace(row, n=SUPPRESSED, se=SUPPRESSED, df=SUPPRESSED)
    rows = (*found.tables.results[:place], hidden, *found.tables.results[place + 1 :])
    shared = shared_of(replace(found, tables=replace(found.tables, results=rows)))
    one = next(
        one for one in shared.rows if (one.outcome, one.arm, one.reference) == (row.outcome, row.arm, row.reference)
    )
    assert (one.n, one.se, one.df) == (None, None, None)
    assert {"se", "n"} <= set(one.hidden.split())
    several = pool([shared, replace(shared, organization="another")])
    assert all(answer.used == () for answer in several if answer.row == one)


def test_sharing_is_noted_in_the_ledger_as_every_release_is(study, tmp_path, monkeypatch):
    noted = []
    monkeypatch.setattr("pipeline.pooling.share.note_release", lambda one, tables: noted.append((one, tables)))
    path = tmp_path / "new" / "mine.pooling.json"
    assert share(study, path) == sum(row.estimate is not None for row in read_shared(path).rows)
    assert [one for one, _ in noted] == [study]
    with pytest.raises(UsageError, match=r"a pooling file ends in \.pooling\.json"):
        share(study, tmp_path / "mine.json")


def test_answers_to_two_definitions_are_two_questions(study):
    row = next(row for row in released(study).tables.results if row.analysis == "like_for_like")
    said = definition(row, study)
    shorter = replace(study, episodes=replace(study.episodes, washout_days=30))
    renamed = replace(study, disclosure=replace(study.disclosure, threshold=12))
    assert definition(row, shorter) != said
    assert definition(row, renamed) == said
