"""A synthetic draw as the frames an analysis reads, without writing files: what the warehouse would hand over, for many
seeds."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.analysis.cohort import Records
from pipeline.endings import CODES as ENDINGS
from pipeline.measures.library import instruments
from pipeline.study import Study
from pipeline.study_toml.file import study_from
from pipeline.synthetic.care import stays_of
from pipeline.synthetic.courses import Courses
from pipeline.synthetic.coverage import Coverage, draw_coverage, seen_courses
from pipeline.synthetic.output.study_file import synthetic_study
from pipeline.synthetic.people import DIAGNOSES, HOUSING, MODALITIES, PAYERS, RACES, REFERRALS, SEXES
from pipeline.synthetic.population import Draw, draw, retention
from pipeline.synthetic.records.codes import therapist_code
from pipeline.synthetic.records.scores import INSTRUMENTS, WINDOW, discharge, during
from pipeline.synthetic.scenarios import LEVELS, Scenario

NOT_RECORDED = 0.04  # share of each confounder that nobody wrote down, as in the records
SCALES = {"phq9_day90": ("PHQ9", "phq9"), "gad7_day90": ("GAD7", "gad7"), "pcl5_day90": ("PCL5", "pcl5")}


def study_of(scenario: Scenario) -> Study:
    """The study.toml that synthesize would write, without the ways of its sensitivity rows."""
    return study_named(scenario.name)


@lru_cache(maxsize=32)
def study_named(name: str) -> Study:
    import tomllib

    return study_from(Path(name), tomllib.loads(synthetic_study(name, "limited-data-set", 1, name)))


def records_of(scenario: Scenario, people: int, seed: int) -> tuple[Records, Draw, np.ndarray]:
    """One study's frames, the draw behind them and (n,) True for those who start new; every arm of the study is
    present."""
    rng = np.random.default_rng([seed, scenario.world_seed])
    return records_from(draw(people, rng, scenario), study_of(scenario), rng)


def records_from(
    drawn: Draw, study: Study, rng: np.random.Generator, outcomes: Sequence[str] = tuple(SCALES)
) -> tuple[Records, Draw, np.ndarray]:
    """The frames of a draw, whoever decided its levels; of these outcomes alone where others are not asked about."""
    courses = drawn.courses()
    coverage = draw_coverage(drawn.people, courses, drawn.world, rng)
    who = np.flatnonzero(coverage.new_user)
    arms = study.arms
    arm_of_level = np.array([next((arm for arm, levels in arms.items() if level in levels), "") for level in LEVELS])
    frame = people_frame(drawn, arm_of_level, rng).iloc[who].reset_index(drop=True)
    whole = [score_frame(drawn, name, rng) for name in outcomes]
    last = last_scores(drawn, courses, coverage, rng)
    for name, scores in zip(outcomes, whole, strict=True):
        scores["interim_day"], score = last[SCALES[name][0]]
        scores["interim_improvement"] = scores["baseline_score"] - score
        scores.loc[scores["interim_improvement"].isna(), "interim_day"] = np.nan
    scores = pd.concat([one.iloc[who] for one in whole], ignore_index=True)
    care, care_at = (part.iloc[who].reset_index(drop=True) for part in care_frames(courses))
    empty = pd.DataFrame()
    return (
        Records(
            people=frame,
            scores=scores,
            care=care.assign(arm=frame["arm"]),
            care_at=care_at,
            stays=empty,
            visits=empty,
            screens=empty,
            flow=empty,
            arms=tuple(arms),
            main_outcome="phq9_day90",
        ),
        drawn,
        coverage.new_user,
    )


@lru_cache(maxsize=4)
def ids(n: int) -> np.ndarray:
    return np.array([f"p{i:06d}" for i in range(n)], dtype=object)


def people_frame(drawn: Draw, arm_of_level: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """One row per person with what was known on day 0; a few cells of most columns are not recorded."""
    p, n = drawn.people, len(drawn.people)

    def coded(codes: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
        return np.where(rng.random(n) < NOT_RECORDED, None, np.array(names, dtype=object)[codes])

    def flag(values: np.ndarray) -> pd.arrays.BooleanArray:
        return pd.array(np.where(rng.random(n) < NOT_RECORDED, pd.NA, values.astype(object)), dtype="boolean")

    def number(values: np.ndarray) -> np.ndarray:
        return np.where(rng.random(n) < NOT_RECORDED, np.nan, values)

    programs = np.array([[f"{site}-{level}" for level in range(len(LEVELS))] for site in range(drawn.scenario.sites)])
    own = {"therapist_id": therapists(drawn)} if drawn.scenario.own_therapists else {}  # elsewhere sites are counted
    quarter = p.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // 3
    return pd.DataFrame(
        {
            "patient_id": ids(n),
            "episode_id": ids(n),
            "arm": arm_of_level[drawn.level],
            "level_of_care": np.array(LEVELS)[drawn.level],
            "program_id": programs[p.site, drawn.level],
            "site": p.site.astype(str),
            **own,
            "start_day": p.day,
            "period": quarter.astype(str),
            "age": number(p.age.astype(float)),
            "sex": coded(p.sex, SEXES),
            "race_ethnicity": coded(p.race, RACES),
            "payer": coded(p.payer, PAYERS),
            "referral_source": coded(p.referral, REFERRALS),
            "diagnosis_group": coded(p.diagnosis, DIAGNOSES),
            "housing": coded(p.housing, HOUSING),
            "prior_24h_care": flag(p.prior_24h),
            "prior_episodes": number(p.prior_episodes.astype(float)),
            "sud": flag(p.sud),
            "trauma": flag(p.trauma),
            "psychosis": flag(p.psychosis),
            "baseline_modality": np.array(MODALITIES, dtype=object)[p.modality],
            "suicide_risk": number(p.cssrs.astype(float)),
            "suicide_risk_source": "CSSRS",
            "function_score": number(p.whodas.astype(float)),
            "function_source": "WHODAS12",
        }
    )


def therapists(drawn: Draw) -> list[str]:
    """Whom each person sees at the level where they start."""
    seen = zip(drawn.people.site, drawn.level, drawn.people.therapist, strict=True)
    return [therapist_code(*one) for one in seen]


def score_frame(drawn: Draw, name: str, rng: np.random.Generator) -> pd.DataFrame:
    """One row per person for one outcome: measured at both ends, at the start only, or (the PCL-5 without trauma)
    never."""
    instrument, field = SCALES[name]
    n, reached = len(drawn.people), np.arange(len(drawn.people))
    asked = drawn.people.trauma if field == "pcl5" else np.ones(n, dtype=bool)
    before = np.where(asked & (rng.random(n) >= NOT_RECORDED), getattr(drawn.people, field).astype(float), np.nan)
    seen = drawn.scores.measured[reached, drawn.level] & asked
    after = np.where(seen, getattr(drawn.scores, field)[reached, drawn.level].astype(float), np.nan)
    improvement, rci = before - after, float(instruments()[instrument]["rci_default"])
    known = np.isfinite(improvement)
    return pd.DataFrame(
        {
            "episode_id": ids(n),
            "outcome": name,
            "baseline_score": before,
            "followup_score": after,
            "raw_change": -improvement,
            "improvement": improvement,
            "observable": True,
            "observed": known,
            "reliably_improved": pd.array(np.where(known, (improvement >= rci).astype(object), pd.NA), dtype="boolean"),
            "reliably_deteriorated": pd.array(
                np.where(known, (improvement <= -rci).astype(object), pd.NA), dtype="boolean"
            ),
            "not_improvable": before < rci,
        }
    )


def last_scores(
    drawn: Draw, courses: Courses, coverage: Coverage, rng: np.random.Generator
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The last score of each instrument in care before its window, and its day after the start: (n,) each, nan where
    there is none."""
    stays = stays_of(seen_courses(courses, coverage), drawn.people, drawn.world, coverage.to)
    taken = [made(drawn, stays, coverage, rng) for made in (during, discharge)]
    person, instrument, day, score = (
        np.concatenate([getattr(one, name) for one in taken]) for name in ("person", "instrument", "day", "score")
    )
    since = day - coverage.start[person]
    found = {}
    for name in dict(SCALES.values()):
        here = np.flatnonzero((instrument == INSTRUMENTS.index(name)) & (since < WINDOW[0]))
        here = here[np.argsort(since[here], kind="stable")]
        days, scores = np.full((2, len(drawn.people)), np.nan)
        days[person[here]], scores[person[here]] = since[here], score[here]  # of several the last one stays
        found[name] = days, scores
    return found


def care_frames(courses: Courses) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How long each person stayed and how it ended, and the same at day 90."""
    stayed, n = retention(courses), len(courses.level)
    state = np.array(ENDINGS, dtype=object)[stayed.ending]
    care = pd.DataFrame({"episode_id": ids(n), "care_days": stayed.days, "state": state, "observable": True})
    at = pd.DataFrame(
        {
            "episode_id": ids(n),
            "at_day": 90,
            "observable": True,
            "retained": stayed.retained(90),
            "retained_in_level": stayed.retained(90),
            "dropped_out": stayed.dropped_out(90),
        }
    )
    return care, at


def tracks_table(drawn: Draw) -> pd.DataFrame:
    """What the warehouse's trauma_tracks would say: everybody in IOP with a PCL-5 at or above its cut-off, and their
    track."""
    p = drawn.people
    here = (drawn.level == LEVELS.index("IOP")) & p.trauma & (p.pcl5 >= float(instruments()["PCL5"]["caseness_cut"]))
    return pd.DataFrame(
        {
            "episode_id": np.array(ids(len(p)))[here],
            "by_score": True,
            "by_diagnosis": False,
            "track": np.where(p.trauma_track[here], "trauma", "general"),
        }
    )
