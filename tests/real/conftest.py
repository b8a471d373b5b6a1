"""One connection to the published files and one built study, shared by every test of this folder."""

import duckdb
import pytest

from tests.real.trials import built, copied, raw_views

BY_TRIAL = "SELECT who, 'T' || project AS site FROM everybody"
BY_MASKED_SITE = "SELECT who, 'M' || site_masked AS site FROM site_masked"


@pytest.fixture(scope="session")
def published():
    """The published files, as views."""
    con = raw_views(duckdb.connect())
    yield con
    con.close()


@pytest.fixture(scope="session")
def ctn0094(tmp_path_factory):
    """A copy of data/ctn0094 with its warehouse built from the published files."""
    return built(copied(tmp_path_factory.mktemp("by_trial")))


@pytest.fixture(scope="session")
def by_masked_site(tmp_path_factory):
    """The same study with the masked site as its site; the programs follow it."""
    folder = copied(tmp_path_factory.mktemp("by_masked_site"))
    for name in ("programs", "episodes", "sessions"):
        path = folder / "sources" / f"{name}.sql"
        assert BY_TRIAL in path.read_text(), f"{name}.sql no longer says where its site comes from"
        path.write_text(path.read_text().replace(BY_TRIAL, BY_MASKED_SITE))
    return built(folder)
