"""Organizations that share no rows: what they say together, what stays out and why, and files that are none."""

import csv
import json
import math
from dataclasses import replace

import pytest

from pipeline.__main__ import main
from pipeline.errors import PoolError
from pipeline.pooling.files import Shared, SharedRow, read_shared, write_shared
from pipeline.pooling.pool import pool
from tests.copy_editor import faults, words_of

ROW = SharedRow(
    asked="q",
    definition="d",
    question="C2",
    population="people who could have started in either",
    outcome="phq9_day90",
    arm="iop",
    reference="inpatient",
    measure="difference",
    unit="points",
    gate="passed",
    reason="",
    estimate=1.0,
    se=0.5,
    df=7.0,
    low=-0.18,
    high=2.18,
    level=0.95,
    p=0.08,
    n=120,
    n_reference=90,
    largest_smd=0.04,
    hidden="",
)
WITHHELD = replace(
    ROW, gate="withheld", reason="too few people", estimate=None, se=None, df=None, low=None, high=None, p=None
)


def organizations(*rows):
    """One organization for each row, called a, b, c …"""
    return [Shared("abcdef"[place], False, "0" * 16, (row,)) for place, row in enumerate(rows)]


def only(*rows):
    [found] = pool(organizations(*rows))
    return found


def test_one_organization_pooled_is_its_own_answer_to_the_last_digit():
    found = only(ROW)
    assert (found.answer.estimate, found.answer.low, found.answer.high, found.p) == (1.0, -0.18, 2.18, 0.08)
    assert (found.expected, found.without, found.tau) == (None, (), None)
    bare = replace(ROW, se=None, p=None, n=None, n_reference=None, hidden="se p n n_reference")
    assert (only(bare).answer, only(bare).p) == (found.answer, None)
    assert only(bare, ROW).used == ("b",)


def test_organizations_that_agree_are_averaged_by_their_precision():
    found = only(replace(ROW, estimate=1.0, se=0.5), replace(ROW, estimate=2.0, se=1.0))
    assert found.answer.estimate == pytest.approx((1.0 / 0.25 + 2.0) / (1 / 0.25 + 1), abs=1e-12)
    half = 12.7062047361747 * math.sqrt(1 / (4 + 1))  # t of one degree of freedom: two say little about differences
    assert found.answer.high - found.answer.estimate == pytest.approx(half, rel=1e-9)


def test_a_new_organization_is_promised_less_than_the_mean_from_three_on():
    rows = [replace(ROW, estimate=value) for value in (-1.0, 1.0, 3.0, 5.0)]
    assert only(*rows[:2]).expected is None
    found = only(*rows)
    assert found.expected.low < found.answer.low < found.answer.high < found.expected.high
    assert found.tau > 1


def test_the_answer_without_each_organization_is_the_pool_of_the_others():
    rows = [replace(ROW, estimate=value) for value in (0.0, 1.0, 5.0)]
    without = dict(only(*rows).without)
    assert without["c"] == only(*rows[:2]).answer
    assert list(without) == ["a", "b", "c"]
    assert only(*rows[:2]).without == ()


def test_ratios_are_pooled_by_their_logarithms_and_shown_as_ratios():
    ratio = replace(ROW, measure="hazard_ratio", unit="ratio", estimate=2.0, se=0.3, low=1.1, high=3.6)
    found = only(ratio, replace(ratio, estimate=0.5))
    assert found.answer.estimate == pytest.approx(1.0, abs=1e-12)
    assert found.answer.low * found.answer.high == pytest.approx(1.0, abs=1e-12)


def test_who_withheld_or_hid_it_or_asked_otherwise_stays_out_and_is_named():
    hidden = replace(ROW, se=None, hidden="se")
    found = only(ROW, WITHHELD, hidden, replace(ROW, definition="another gap"), replace(ROW, estimate=3.0))
    assert (found.used, found.otherwise) == (("a", "e"), ("d",))
    assert only(WITHHELD, WITHHELD).answer is None


def written(folder, *rows, **changed):
    folder.mkdir(parents=True, exist_ok=True)
    for one in organizations(*rows):
        write_shared(replace(one, **changed), folder / f"{changed.get('organization', one.organization)}.pooling.json")
    return folder


def test_a_pool_is_a_page_and_a_table_with_every_organization_s_answer_and_fate(tmp_path, capsys):
    folder = written(tmp_path / "shared", ROW, replace(ROW, estimate=2.0), replace(ROW, estimate=0.5), WITHHELD)
    assert main(["pool", str(folder), "--reports", str(tmp_path / "reports"), "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["answered"] == 1
    assert "4 organizations, 1 question, 1 answered" in said.err
    page = (tmp_path / "reports/pool/index.html").read_text(encoding="utf-8")
    assert "Over 3 organizations: IOP against inpatient care" in page
    assert "C2: PHQ-9 at day 90, IOP and inpatient care" in page
    assert faults(words_of(page)) == []
    assert "not pooled: too few people" in page
    assert "No row of a record left any organization" in page
    [line] = csv.DictReader((tmp_path / "reports/pool/pool.csv").open(encoding="utf-8"))
    assert (line["organizations"], line["pooled"]) == ("4", "3")
    assert float(line["low"]) < float(line["estimate"]) < float(line["high"]) < float(line["expected_high"])


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}", '{"carelevels_pooling": 1, "rows": [{}]}', "x" * 10,
        '{"carelevels_pooling": 1, "organization": 3, "synthetic": false, "made_from": "", "rows": []}',
        '{"carelevels_pooling": 1, "organization": "a", "synthetic": "no", "made_from": "", "rows": []}',
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_with_the_command_that_makes_one(tmp_path, content):
    path = tmp_path / "a.pooling.json"
    path.write_text(content)
    with pytest.raises(PoolError, match="have it made anew: carelevels results STUDY --pooling"):
        read_shared(path)


@pytest.mark.parametrize("change", [{"estimate": "1"}, {"se": True}, {"n": 1.5}, {"reason": "x" * 3000}, {"more": 1}])
def test_a_row_of_another_shape_is_refused(tmp_path, change):
    path = written(tmp_path, ROW) / "a.pooling.json"
    content = json.loads(path.read_text())
    content["rows"][0] |= change
    path.write_text(json.dumps(content))
    with pytest.raises(PoolError, match="is no pooling file"):
        read_shared(path)


def test_a_file_comes_back_as_it_was_written_and_one_of_another_version_is_refused(tmp_path):
    path = written(tmp_path, ROW) / "a.pooling.json"
    assert read_shared(path).rows == (ROW,)
    path.write_text(path.read_text().replace('"carelevels_pooling": 1', '"carelevels_pooling": 2'))
    with pytest.raises(PoolError, match="another version than 1"):
        read_shared(path)


def test_nobody_counts_twice_and_invented_records_stand_beside_no_real_ones(tmp_path, capsys):
    one, other = written(tmp_path / "one", ROW), written(tmp_path / "other", ROW)
    assert main(["pool", str(one), str(other), "--reports", str(tmp_path)]) == 1
    assert "two pooling files are of one organization (a)" in capsys.readouterr().err
    drawn = written(tmp_path / "drawn", ROW, synthetic=True, organization="drawn")
    assert main(["pool", str(one), str(drawn), "--reports", str(tmp_path)]) == 1
    assert "synthetic records and some of real ones" in capsys.readouterr().err


def test_a_folder_without_a_pooling_file_is_told_with_the_command_that_makes_one(tmp_path, capsys):
    assert main(["pool", str(tmp_path)]) == 1
    assert f"carelevels results STUDY --pooling {tmp_path}/NAME.pooling.json" in capsys.readouterr().err
