"""One connection to the published files and one built study, shared by every test of this folder."""

import shutil

import duckdb
import pytest

from pipeline import store
from pipeline.study import load_study
from tests.real.trials import STUDY, raw_views


@pytest.fixture(scope="session")
def published():
    """The published files, as views."""
    con = raw_views(duckdb.connect())
    yield con
    con.close()


@pytest.fixture(scope="session")
def ctn0094(tmp_path_factory):
    """A copy of data/ctn0094 with its warehouse built from the published files: (study, ingest report)."""
    return built(tmp_path_factory.mktemp("real") / "ctn0094")


@pytest.fixture(scope="session")
def by_masked_site(tmp_path_factory):
    """The same study with the masked site as its site; the programs follow it."""
    folder = tmp_path_factory.mktemp("masked") / "ctn0094"
    shutil.copytree(STUDY, folder, ignore=shutil.ignore_patterns("*.duckdb*", "ledger"))
    for name in ("programs", "episodes", "sessions"):
        path = folder / "sources" / f"{name}.sql"
        text = path.read_text()
        by_trial = "SELECT who, 'T' || project AS site FROM everybody"
        assert by_trial in text, f"{name}.sql no longer says where its site comes from"
        path.write_text(text.replace(by_trial, "SELECT who, 'M' || site_masked AS site FROM site_masked"))
    return built(folder)


def built(folder):
    from pipeline.ingest.run import ingest
    from pipeline.warehouse.build import build

    if not folder.exists():
        shutil.copytree(STUDY, folder, ignore=shutil.ignore_patterns("*.duckdb*", "ledger"))
    study = load_study(folder)
    with store.replacing(study, store.WAREHOUSE) as con:
        report = ingest(study, con)
        build(con, study)
    return study, report
