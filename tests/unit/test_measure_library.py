"""The measure library: every file says what it must, and nothing that nobody reads."""

import pytest

from pipeline.errors import StudyError
from pipeline.measures.library import HERE, measures, read_measure
from pipeline.report.sentences import measures as words

RECOVERY = (HERE / "recovery.toml").read_text(encoding="utf-8")


def written(folder, text, name="recovery"):
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_library_covers_the_ideas_of_the_specification():
    assert {measure.idea for measure in measures()} == {
        "attendance",
        "effect size",
        "engagement",
        "follow-up after 24-hour care",
        "measured again",
        "measured at the start",
        "readmission",
        "recovery",
        "reliable deterioration",
        "reliable improvement",
        "reliable recovery",
        "remission",
        "response",
        "retention",
    }


def test_missing_as_failure_and_observed_only_stand_side_by_side():
    for name in ("reliable_improvement", "recovery", "response", "remission"):
        by_id = {measure.id: measure for measure in measures()}
        assert (by_id[name].missing, by_id[f"{name}_observed"].missing) == ("failure", "observed")
        assert by_id[name].idea == by_id[f"{name}_observed"].idea


def test_what_resembles_a_certified_measure_is_named_so_and_nothing_else():
    for measure in measures():
        assert "HEDIS" not in measure.title, measure.id
        assert measure.source.count("HEDIS") == measure.source.count("HEDIS-like") + measure.source.count(
            "the HEDIS window"
        ), measure.id


def test_every_measure_says_one_sentence_with_its_number():
    for measure in measures():
        assert measure.says.count("{number}") == 1, measure.id
        assert measure.says.endswith("."), measure.id
        assert ("{day}" in measure.says) <= bool(measure.rule.days), measure.id


def test_every_measure_idea_and_benchmark_has_words():
    assert set(words.IDS) == {measure.id for measure in measures()}
    several = {measure.idea for measure in measures() if sum(other.idea == measure.idea for other in measures()) > 1}
    assert {idea.replace("_", " ") for idea in words.IDEAS} == several | {"retention"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('id = "recovery"', 'id = "healing"'), "named after its measure"),
        (('idea = "recovery"', 'idea = "recovery"\ncolor = "red"'), 'unknown key "color"'),
        (('idea = "recovery"\n', ""), 'does not say "idea"'),
        (("least_denominator = 30", 'least_denominator = "30"'), "must be int"),
        (("cases = true", "cases = 1"), "must be bool"),
        (('missing = "failure"', 'missing = "ignored"'), "none of failure, observed, none"),
        (('evidence = "D"', 'evidence = "M"'), "none of V, V2, C, D"),
        (('event = "recovered"', 'event = "cured"'), "no such kind or event"),
        (('kind = "scores"', 'kind = "magic"'), "no such kind or event"),
        (("window = [60, 120]", "window = [120, 60]"), "first day, last day"),
        (("days = [90]", "days = []"), 'needs "days"'),
        (('"PHQ9"', '"WHO5"'), "more is worse"),
        (('"PHQ9"', '"NOPE"'), "more is worse"),
        (
            ('event = "recovered"\ninstruments = ["PHQ9", "GAD7", "PCL5"]', 'event = "halved"\ninstruments = ["PCL5"]'),
            "no published response",
        ),
        (('id = "recovery"', "id = recovery"), "not valid TOML"),
    ],
)
def test_a_measure_that_cannot_be_counted_is_refused_by_name(tmp_path, change, says):
    assert change[0] in RECOVERY
    with pytest.raises(StudyError, match=says):
        read_measure(written(tmp_path, RECOVERY.replace(*change)))


def test_a_course_is_judged_by_two_scales(tmp_path):
    text = (HERE / "nhs_recovery.toml").read_text(encoding="utf-8").replace('["PHQ9", "GAD7"]', '["PHQ9"]')
    with pytest.raises(StudyError, match="name both"):
        read_measure(written(tmp_path, text, "nhs_recovery"))
