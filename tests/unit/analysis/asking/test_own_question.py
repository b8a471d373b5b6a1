"""A question of one's own is answered by the study's own comparison, of the people asked for, and carries no verdict
word."""

from dataclasses import replace

import pytest

from pipeline.analysis.asking.own_question import OwnQuestion, answer_own, categories
from pipeline.analysis.comparison.like_for_like import compare
from pipeline.errors import UsageError
from pipeline.results import Result
from tests.unit.analysis.made_records import made_records, study

ASKED = {"outcome": "phq9_day90", "arms": ("iop", "inpatient")}


@pytest.fixture(scope="module")
def records():
    return made_records(seed=3, n=4000)


@pytest.fixture
def declared(tmp_path):
    return study(tmp_path)


def asked(records, declared, **question):
    return answer_own(records, declared, OwnQuestion(**(ASKED | question)))


def test_asked_as_the_study_asks_it_gives_the_studys_own_numbers(records, declared):
    row, twin, *means = asked(records, declared).results
    own = next(
        one
        for one in compare(records, declared)
        if isinstance(one, Result) and (one.outcome, one.arm, one.reference) == ("phq9_day90", "iop", "inpatient")
    )
    assert (row.estimate, row.low, row.high, row.n) == (own.estimate, own.low, own.high, own.n)
    assert row.verdict == "exploratory"
    assert row.result_id != own.result_id
    assert twin.analysis == "as_observed"
    assert twin.twin_of == row.result_id
    assert [mean.twin_of for mean in means] == [row.result_id] * 2


def test_a_part_is_asked_as_if_the_others_had_never_been_there(records, declared):
    part = asked(records, declared, where={"sex": "F"}, without_sites=("s1",))
    people = records.people[(records.people["sex"] == "F") & (records.people["site"] != "s1")]
    alone = asked(replace(records, people=people.reset_index(drop=True)), declared)
    assert part.results[0].estimate == alone.results[0].estimate
    assert part.results[0].population.endswith("(sex: F; without site s1)")
    assert part.diagnostics[0].result_id == part.results[0].result_id


def test_everybody_is_counted_by_what_the_question_restricts_them_by(records, declared):
    counts = asked(records, declared, where={"sex": "F"}).counts
    people = records.people[records.people["arm"].isin(ASKED["arms"])]
    assert sum(counts.values()) == len(people)
    assert {values for _, _, _, values in counts} == {("F",), ("M",)}
    women = sum(n for (arm, _, site, values), n in counts.items() if (arm, site, values) == ("iop", "s2", ("F",)))
    assert women == ((people["arm"] == "iop") & (people["site"] == "s2") & (people["sex"] == "F")).sum()
    assert {outcome for _, outcome, _, _ in counts} <= {"measured", "not measured", "not asked"}


def test_covariates_take_the_place_of_the_others_and_the_core_ones_stay(records, declared):
    def adjusted_for(**question):
        checks = asked(records, declared, **question).diagnostics
        return {one.covariate.split(":")[0] for one in checks if one.check == "balance"}

    assert "Payer" in adjusted_for()
    fewer = adjusted_for(covariates=("age",))
    assert "Payer" not in fewer
    assert {"Age", "PHQ9 at start", "Diagnosis"} <= fewer


def test_a_question_that_fails_the_gate_is_withheld_with_the_reason(declared):
    apart = made_records(seed=4, n=3000, site_is_level=True)
    row, twin = asked(apart, declared).results
    assert (row.gate, row.estimate, twin.estimate) == ("withheld", None, None)
    assert "level and site cannot be separated" in row.reason


def test_a_part_with_few_starts_at_a_level_is_withheld(records, declared):
    few = records.people.assign(sex=records.people["sex"].astype(object).where(records.people.index > 40, "X"))
    row, _ = asked(replace(records, people=few), declared, where={"sex": "X"}).results
    assert row.gate == "withheld"
    assert "too few people started" in row.reason


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            {"outcome": "phq9_day60"},
            r"is none of this study: phq9_day90, .*declare another as an \[\[outcomes\]\] block",
        ),
        ({"arms": ("iop", "residential")}, "no arm is called"),
        ({"arms": ("iop", "iop")}, "two different ones"),
        ({"covariates": ("payor",)}, 'did you mean "payer"'),
        ({"where": {"age": "44"}}, "no column to pick people by"),
        ({"where": {"sex": "woman"}}, r"no value of sex is called .woman.; known are: F, M"),
        ({"where": {"sex": "F", "payer": "medicaid", "sud": "yes"}}, "at most 2 columns"),
        ({"without_sites": ("s99",)}, "no site is called"),
    ],
)
def test_a_word_the_study_does_not_know_is_refused_beside_those_it_does(records, declared, question, said):
    with pytest.raises(UsageError, match=said):
        asked(records, declared, **question)


def test_a_value_that_only_a_few_have_is_answered_like_one_that_nobody_has(records, declared):
    told = records.people["sex"].astype(object).where(records.people.index > 4, "X")
    few = replace(records, people=records.people.assign(sex=told))
    said = []
    for of in (records, few):
        with pytest.raises(UsageError) as refused:
            asked(of, declared, where={"sex": "X"})
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_what_is_not_recorded_is_a_value_to_ask_of_whether_categories_are_texts_or_codes(records):
    plain = records.people.astype({"housing": object})
    said = [categories(people, "housing").value_counts().to_dict() for people in (records.people, plain)]
    assert said[0] == said[1]
    assert set(said[0]) == {"independent", "not recorded"}
