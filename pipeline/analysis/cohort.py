"""Which rows: people of the analysis set, their outcomes, and why others are not here, counted as they leave."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from pipeline.analysis.contrasts import Endpoint
from pipeline.analysis.frames import NUMBER, NUMBERED, beside, coded, column_beside, rows_of
from pipeline.results import AttritionStep
from pipeline.study import Study, main_outcome

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

SILENCE = "silence of "
INTERIM_SCORE, INTERIM_DAY = "interim_improvement", "interim_day"
SO_FAR = ("interim_care_days", "interim_left")  # on the day before an outcome's window opens
MIN_STARTS = 30  # an arm with fewer people cannot carry a percentage worth reading


@dataclass(frozen=True, slots=True)
class OtherChoices:
    """The same people under other choices, and what a careless analyst would take for an outcome or an exposure.

    scores   outcomes under other windows, first scores and reliabilities, named in varied
    care_at  retention under other silences (gap_days), read when it is first asked for: most answers never ask
    last     the last score of each outcome taken in care
    ever     the arms at which each person had any episode in the first 90 days
    deaths   the day after the start by which each person who died was known to have; None where that was not looked up
    """

    scores: pd.DataFrame
    care_at: Callable[[], pd.DataFrame]
    last: pd.DataFrame
    ever: pd.DataFrame
    deaths: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What an analysis may read of the warehouse, as frames: one row per person, or per person and outcome or day.

    scores and care_at name no arm: a question may put the same people into arms of its own.
    other is None where nothing but the study's own choices was read.
    """

    people: pd.DataFrame
    scores: pd.DataFrame
    care: pd.DataFrame
    care_at: pd.DataFrame
    stays: pd.DataFrame
    visits: pd.DataFrame
    screens: pd.DataFrame
    flow: pd.DataFrame
    arms: tuple[str, ...]
    main_outcome: str
    controls: pd.DataFrame | None = None
    other: OtherChoices | None = None


def read_records(con: duckdb.DuckDBPyConnection, study: Study) -> Records:
    """Reads the analysis tables; arms with fewer than MIN_STARTS people are left out, and the flow says so."""
    started = f"SELECT {coded(con, 'analysis_set')} FROM analysis_set JOIN ({NUMBERED}) USING (episode_id)"
    people = con.execute(f"{started} ORDER BY patient_id").df()
    starts = people["arm"].value_counts()
    arms = tuple(arm for arm in study.arms if starts.get(arm, 0) >= MIN_STARTS)
    kept = people[people["arm"].isin(arms)].reset_index(drop=True)
    arm_of = kept.set_index("episode_id")["arm"]

    def of_the_kept(table: str, order: str) -> pd.DataFrame:
        frame = con.execute(f"SELECT * FROM {table} ORDER BY {order}").df()
        return frame[frame["episode_id"].isin(arm_of.index)].reset_index(drop=True)

    def by_arm(table: str, order: str) -> pd.DataFrame:
        frame = of_the_kept(table, order)
        return frame.assign(arm=frame["episode_id"].map(arm_of))

    def by_number(table: str, *order: str) -> pd.DataFrame:
        own = coded(con, table).replace("*", "* EXCLUDE (episode_id)", 1)
        numbered = f"SELECT {own} FROM {table} JOIN ({NUMBERED}) USING (episode_id)"
        frame = con.execute(f"{numbered} ORDER BY {', '.join((NUMBER, *order))}").df()
        here = rows_of(frame, kept) >= 0
        return frame if here.all() else frame[here].reset_index(drop=True)

    scale = main_outcome(study)
    flow = con.execute("SELECT * FROM attrition_flow ORDER BY step, arm").df()
    return Records(
        people=kept,
        scores=of_the_kept("outcome_set_by_choice WHERE varied = ''", "episode_id, outcome"),
        care=beside(by_number("retention_set"), kept[[NUMBER, "arm"]]),
        care_at=by_number("retention_at", "at_day"),
        stays=con.execute("SELECT * FROM readmission ORDER BY stay_id").df(),
        visits=by_arm("index_attendance", "episode_id"),
        screens=by_arm("screen_weeks", "episode_id, instrument_id, week"),
        flow=flow,
        arms=arms,
        main_outcome="" if scale is None else scale.name,
        controls=read_controls(con),
        other=other_choices(con, arm_of, study),
    )


def read_controls(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per person for whom control outcomes were looked up, one column per outcome, empty where it was not."""
    long = con.execute(
        "SELECT episode_id, control_outcome, happened FROM control_outcomes ORDER BY episode_id, control_outcome"
    ).df()
    return long.pivot(index="episode_id", columns="control_outcome", values="happened").astype("float64")


def other_choices(con: duckdb.DuckDBPyConnection, arm_of: pd.Series, study: Study) -> OtherChoices:
    """Reads what sensitivity analyses and naive twins need, of the people compared."""
    kept = "SELECT episode_id FROM analysis_set WHERE arm IN (SELECT UNNEST(?))"
    arms = [sorted(set(arm_of))]
    scores = con.execute(
        f"""SELECT episode_id, outcome, varied, baseline_score, improvement, observable, observed, reliably_improved,
                   interim_improvement, interim_day
            FROM outcome_set_by_choice WHERE varied <> '' AND episode_id IN ({kept}) ORDER BY ALL""",
        arms,
    ).df()

    @cache
    def care_at() -> pd.DataFrame:
        return con.execute(
            f"""SELECT * EXCLUDE (episode_id) FROM retention_at_by_gap JOIN ({NUMBERED}) USING (episode_id)
                WHERE gap_days <> ? AND episode_id IN ({kept}) ORDER BY ALL""",
            [study.retention.gap_days, *arms],
        ).df()

    last = con.execute(
        f"SELECT episode_id, outcome, improvement FROM last_care_scores WHERE episode_id IN ({kept}) ORDER BY ALL", arms
    ).df()
    deaths = con.execute(
        f"""SELECT started.episode_id, death.death_day - started.start_day AS death_day
            FROM analysis_set AS started JOIN known_deaths AS death ON death.patient_id = started.patient_id
            WHERE death.death_day >= started.start_day AND started.episode_id IN ({kept}) ORDER BY ALL""",
        arms,
    ).df()
    ever = con.execute("SELECT patient_id, arm FROM ever_started ORDER BY ALL").df()
    return OtherChoices(scores, care_at, last, ever, deaths)


def people_asked(
    records: Records, endpoint: Endpoint, arms: tuple[str, ...]
) -> tuple[pd.DataFrame, list[AttritionStep]]:
    """One row per person in these arms for whom the question can be put, with `outcome`, and who was left out in
    sentences.

    Nobody is dropped for having no follow-up score: that person's outcome is missing, not absent.
    To ask under another choice, hand over records whose scores or care_at were made by it (`chosen_otherwise`).
    """
    frame = records.people[records.people["arm"].isin(arms)]
    label = f"{endpoint.name}: {' and '.join(arms)}"
    if endpoint.source is not None:
        scores = records.scores[records.scores["outcome"] == endpoint.source.name]
        frame = beside(frame, scores)
        rules = [
            (
                "their records end before the follow-up window does, by death or otherwise",
                frame["observable"].fillna(False).astype(bool),
            ),
            (f"no {endpoint.source.instrument} score was taken at the start", frame["baseline_score"].notna()),
        ]
        outcome = frame[endpoint.column].astype("float64").where(frame["observed"].fillna(False).astype(bool))
        frame = with_care_so_far(frame, records, endpoint.source.window[0])
    else:
        at = records.care_at[records.care_at["at_day"] == endpoint.day]
        frame = beside(frame, at)
        rules = [
            (
                f"their records end before day {endpoint.day} and the silence after it",
                frame["observable"].fillna(False).astype(bool),
            )
        ]
        outcome = frame[endpoint.column].astype("float64")
        frame = with_first_baseline(frame, records)
        if endpoint.harm:
            frame = frame.assign(ending_known=ending_known(frame, records))
    frame = frame.assign(outcome=outcome)
    here = frame[["arm"]]  # all that is counted: many columns are slow to take rows of
    steps, keep = [*count_arms(here, arms, label, 0, "people who started at one of these levels", None)], None
    for number, (sentence, rule) in enumerate(rules, start=1):
        before, keep = keep, rule if keep is None else keep & rule
        earlier = here if before is None else here[before]
        steps += count_arms(here[keep], arms, label, number, f"left out: {sentence}", earlier)
    return frame if keep is None or keep.all() else frame[keep].reset_index(drop=True), steps


def chosen_otherwise(records: Records, other: OtherChoices, varied: str) -> Records:
    """The records with their outcomes made by another choice: a name in other.scores, or `silence of N days`."""
    if varied.startswith(SILENCE):
        gap = int(varied.removeprefix(SILENCE).removesuffix(" days"))
        care_at = other.care_at()
        care_at = care_at[care_at["gap_days"] == gap].drop(columns=["gap_days"])
        return replace(records, care_at=care_at)
    return replace(records, scores=other.scores[other.scores["varied"] == varied])


def died_unmeasured(records: Records, other: OtherChoices, endpoint: Endpoint) -> pd.Series:
    """(scores,) whether a person was known to have died by the end of the window of this very outcome and has none."""
    scores, source = records.scores, endpoint.source
    if other.deaths is None or source is None:
        return scores["episode_id"].isna()
    dead = other.deaths.loc[other.deaths["death_day"] <= source.window[1], "episode_id"]
    unmeasured = ~scores["observed"].fillna(False).astype(bool)
    return scores["episode_id"].isin(dead) & unmeasured & (scores["outcome"] == source.name)


def with_deaths(records: Records, other: OtherChoices, endpoint: Endpoint, died: pd.Series) -> Records:
    """The records in which those who died have an outcome: not reliably better; of a mean, the last score while alive,
    where there is one."""
    name = endpoint.source.name if endpoint.source is not None else ""
    last = other.last[other.last["outcome"] == name].set_index("episode_id")["improvement"]
    alive = records.scores["episode_id"].map(last)
    scores = records.scores.assign(
        observable=records.scores["observable"].where(~died, True),
        observed=records.scores["observed"].where(~died, alive.notna() if endpoint.kind == "score" else True),
        improvement=records.scores["improvement"].where(~died, alive),
        reliably_improved=records.scores["reliably_improved"].where(~died, False),
    )
    return replace(records, scores=scores)


def with_care_so_far(frame: pd.DataFrame, records: Records, opens: int) -> pd.DataFrame:
    """Adds days in care, and whether somebody had left early, as they stood when the outcome's window opened."""
    days = column_beside(frame, records.care, "care_days").astype("float64")
    left = (column_beside(frame, records.care, "state") == "dropped_out") & (days < opens)
    return frame.assign(**dict(zip(SO_FAR, (days.clip(upper=opens).fillna(0.0), left.astype("float64")), strict=True)))


def with_first_baseline(frame: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Adds the baseline score of the study's main outcome, a confounder of every other question; absent where no scale
    was used."""
    first = records.scores[records.scores["outcome"] == records.main_outcome]
    if first.empty:
        return frame
    return frame.assign(baseline_score=column_beside(frame, first, "baseline_score"))


def ending_known(left: pd.DataFrame, records: Records) -> pd.Series:
    """For those out of care by the day: whether anybody wrote down how it ended; missing for those still in care."""
    state = column_beside(left, records.care, "state")
    return (state != "unknown").where(left["retained"].eq(False))


def left_out(
    frame: pd.DataFrame, arms: tuple[str, ...], label: str, rules: Iterable[tuple[str, pd.Series]]
) -> Generator[AttritionStep, None, pd.DataFrame]:
    """Says who is left out by each rule (a sentence, and True for whoever stays), and returns those who stay by all."""
    yield from count_arms(frame, arms, label, 0, "people who started at one of these levels", None)
    for step, (sentence, rule) in enumerate(rules, start=1):
        left = frame[rule[frame.index]]
        yield from count_arms(left, arms, label, step, f"left out: {sentence}", frame)
        frame = left
    return frame.reset_index(drop=True)


def at_other_sites(
    people: pd.DataFrame, kept: pd.DataFrame, arms: tuple[str, ...], steps: Sequence[AttritionStep]
) -> list[AttritionStep]:
    """The last step of a comparison's flow: whoever is at a site that does not have enough people of every level."""
    before = steps[-1]
    sentence = "left out: treated at a site with too few people of one of the levels"
    return count_arms(kept, arms, before.analysis, before.step + 1, sentence, people)


def count_arms(
    frame: pd.DataFrame, arms: tuple[str, ...], analysis: str, step: int, sentence: str, before: pd.DataFrame | None
) -> list[AttritionStep]:
    """One attrition row per arm."""
    left = {arm: int((frame["arm"] == arm).sum()) for arm in arms}
    earlier = left if before is None else {arm: int((before["arm"] == arm).sum()) for arm in arms}
    return [
        AttritionStep(
            analysis=analysis,
            step=step,
            sentence=sentence,
            arm=arm,
            n_left=left[arm],
            n_removed=earlier[arm] - left[arm],
        )
        for arm in arms
    ]
