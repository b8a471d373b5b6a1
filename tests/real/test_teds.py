"""The official counts of the nation's discharges, through the recipe: endings by level as printed, stays as ranges."""

import csv
import itertools
import os
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from pipeline.analysis.cohort import read_records
from pipeline.analysis.described.retention import retention
from pipeline.analysis.headline import Asking
from pipeline.analysis.questions.stay_length import stay_length
from pipeline.ingest.run import ingest
from pipeline.start import start_study
from pipeline.study_toml.file import load_study
from tests.spec.asked import claim, the
from tests.spec.staged import built

SET_TO = os.environ.get("CARELEVELS_REAL", "")
TEDS = Path(SET_TO) / "teds"
pytestmark = pytest.mark.skipif(
    not (bool(SET_TO) and TEDS.is_dir()),
    reason="the published counts are not here: CARELEVELS_REAL must name the folder that holds teds/",
)
ONE_OF = 20  # discharges of the 957,491 counted
REASONS = {"completed": 1, "transferred": 4, "dropped_out": 2, "terminated": 3, "other": 7}
SERVICES = {
    "Outpatient": 7,
    "Intensive outpatient": 6,
    "Short-term residential": 4,
    "Long-term residential": 5,
    "Hospital residential": 3,
    "Detoxification": 2,
}
LEVELS = {"Outpatient": "OP", "Intensive outpatient": "IOP", "Hospital residential": "IP"}


def rows_of(name):
    with (TEDS / name).open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def printed():
    return {row["service"]: row for row in rows_of("teds_d_2004_table_2_5_service_by_reason.csv")}


def official_stays():
    """The code of the length of stay -> discharges of 2019."""
    rows = rows_of("teds_d_codebook_frequencies_2015_2019.csv")
    kept = [row for row in rows if (row["year"], row["variable"]) == ("2019", "LOS") and row["value"].isdigit()]
    return {int(row["value"]): int(row["frequency"]) for row in kept}


def spread_out(stays, n):
    """n codes of stays, each as often as its share of the official counts asks."""
    total, reached, given = sum(stays.values()), 0, 0
    for code, count in stays.items():
        reached += count
        upto = round(n * reached / total)
        yield from itertools.repeat(code, upto - given)
        given = upto


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    """One in twenty of the discharges of 2004 by service and reason, each service with the stays of 2019."""
    folder = tmp_path_factory.mktemp("teds") / "study"
    start_study(folder, "teds-d")
    number, lines = 0, ["DISYR,CASEID,STFIPS,SERVICES,REASON,LOS"]
    for service, code in SERVICES.items():
        reasons = [
            reason for name, reason in REASONS.items() for _ in range(round(int(printed()[service][name]) / ONE_OF))
        ]
        # coprime to the number of rows: reasons and stays are spread over each other
        places = [place * 7919 % len(reasons) for place in range(len(reasons))]
        for place, stay in zip(places, spread_out(official_stays(), len(reasons)), strict=True):
            number += 1
            lines.append(f"2019,{number},{6 + number % 8 // 4 * 30},{code},{reasons[place]},{stay}")
    (folder / "raw/tedsd_puf_2019.csv").write_text("\n".join(lines) + "\n")
    study = load_study(folder)
    con = duckdb.connect()
    ingest(study, con)
    return built(con, study=study), study


def test_endings_by_level_are_the_printed_shares(register):
    con, _ = register
    counted = con.execute(
        "SELECT level_of_care, ending, count(*) FROM episodes JOIN endings USING (episode_id) GROUP BY ALL"
    ).fetchall()
    of_level = Counter()
    for level, _, n in counted:
        of_level[level] += n
    shares = {(level, ending): 100 * n / of_level[level] for level, ending, n in counted}
    for service, level in LEVELS.items():
        row = printed()[service]
        for reason in REASONS:
            assert shares[level, reason] == pytest.approx(float(row[f"pub_pct_{reason}"]), abs=0.2)


def test_fewer_drop_out_of_iop_than_of_outpatient_care_as_counted(register):
    con, _ = register
    [(iop, op)] = con.execute(
        "SELECT avg(CASE WHEN ending = 'dropped_out' THEN 1 ELSE 0 END) FILTER (WHERE level_of_care = 'IOP'),"
        " avg(CASE WHEN ending = 'dropped_out' THEN 1 ELSE 0 END) FILTER (WHERE level_of_care = 'OP')"
        " FROM episodes JOIN endings USING (episode_id)"
    ).fetchall()
    assert iop / op == pytest.approx(0.853, abs=0.001)


def test_who_is_in_care_by_day_is_as_the_official_lengths_of_stay_say(register):
    con, study = register
    rows = list(retention(Asking(con, read_records(con, study), study, [])))
    stays = official_stays()
    longer = {30: range(31, 38), 60: range(33, 38), 90: range(34, 38)}
    for day, codes in longer.items():
        share = sum(stays[code] for code in codes) / sum(stays.values())
        assert the(rows, measure="survival", arm="iop", day=day).estimate == pytest.approx(share, abs=2e-4)
    assert the(rows, measure="median_care_days", arm="iop").estimate == 26  # 50.03 % have left by then


def test_stays_of_weeks_to_months_are_as_the_official_lengths_of_stay_say(register):
    con, study = register
    stays = official_stays()
    share = sum(stays[code] for code in range(21, 35)) / sum(stays.values())
    assert claim(list(stay_length(Asking(con, None, study, [])))).estimate == pytest.approx(share, abs=2e-4)
