"""Every category is tested for balance: the most common one and the rare ones too."""

import numpy as np
import pytest

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.diagnostics import NOT_IN_MODEL, balance_lines
from pipeline.analysis.comparison.fitted import fit
from pipeline.analysis.contrasts import contrasts
from tests.unit.analysis.made_records import made_records, study


def lines(folder, races, n=1500):
    """Balance of the first comparison, of people whose races are drawn from these shares."""
    records, own = made_records(n=n), study(folder)
    rng = np.random.default_rng(1)
    records.people["race_ethnicity"] = rng.choice(list(races), n, p=list(races.values()))
    first = next(iter(contrasts(own)))
    people, _ = people_asked(records, first.endpoint, first.arms)
    comparison = fit(people, first.arms, own, first.endpoint)
    found = list(balance_lines(comparison, own, "x"))
    return {one.covariate: one for one in found if one.check == "balance"}, comparison


@pytest.fixture(scope="module")
def common(tmp_path_factory):
    return lines(tmp_path_factory.mktemp("study"), {"WHITE": 0.6, "BLACK": 0.36, "ASIAN": 0.04})


def test_the_most_common_category_and_a_rare_one_are_tested_as_well(common):
    found, _ = common
    assert {f"Race and ethnicity: {name}{NOT_IN_MODEL}" for name in ("WHITE", "BLACK", "ASIAN")} <= found.keys()
    assert {"Sex: F", "Sex: M"} <= {name.removesuffix(NOT_IN_MODEL) for name in found}


def test_the_most_common_category_has_its_own_standardized_difference(common):
    found, comparison = common
    white = (comparison.used_people["race_ethnicity"] == "WHITE").to_numpy()
    shares = [white[comparison.used_codes == code].mean() for code in (0, 1)]
    spread = np.sqrt(sum(share * (1 - share) for share in shares) / 2)
    told = found[f"Race and ethnicity: WHITE{NOT_IN_MODEL}"].before
    assert told == pytest.approx(abs(shares[0] - shares[1]) / spread, rel=1e-2)


def test_a_yes_or_no_measure_is_tested_once(common):
    found, _ = common
    assert len([name for name in found if name.startswith("Trauma")]) == 1


def test_where_a_category_is_too_small_to_tell_the_most_common_one_is_not_told_either(tmp_path):
    found, _ = lines(tmp_path, {"WHITE": 0.6, "BLACK": 0.38, "ASIAN": 0.02}, n=900)
    race = {name: one.after for name, one in found.items() if name.startswith("Race and ethnicity")}
    assert race[f"Race and ethnicity: rare{NOT_IN_MODEL}"] is None
    assert race[f"Race and ethnicity: WHITE{NOT_IN_MODEL}"] is None
    assert race[f"Race and ethnicity: BLACK{NOT_IN_MODEL}"] is not None
