"""Reads study.toml into a Study, and refuses one that contradicts itself or asks for what does not exist.

Unknown keys are refused with the nearest known one, so that no choice is ever silently ignored.
"""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from pipeline.choices.answered import Sensitivity
from pipeline.choices.asked import Confounders, Cost
from pipeline.choices.records import Episodes
from pipeline.errors import StudyError
from pipeline.levels import LEVELS
from pipeline.study import CONFOUNDERS, PERSPECTIVES, REGIMES, Study, standing_outcomes, tracks_are_primary
from pipeline.study_toml.engine import check_engine
from pipeline.study_toml.limits import LARGEST_FILE, check_limits
from pipeline.study_toml.outcomes import check_borrowing, check_outcome
from pipeline.study_toml.targets import check_targets
from pipeline.study_toml.toml_errors import typing_error


def load_study(folder: Path | str) -> Study:
    """The Study of a folder.  Raises StudyError where study.toml is missing, unreadable or asks for what cannot be."""
    folder = Path(folder)
    path = folder / "study.toml"
    if not path.is_file():
        raise StudyError(no_study(folder, path))
    study = study_from(folder, toml_of(path))
    check_limits(study)
    check(study)
    return study


def no_study(folder: Path, path: Path) -> str:
    """What is wrong where there is no study.toml, with the way to one; init writes into a folder that is new, empty, or
    holds nothing but raw files."""
    if folder.is_file():
        return f"{folder} is a file; name the study's folder, which holds study.toml and raw/"
    around = folder.parent if len(folder.parts) > 1 else folder.resolve().parent
    if folder.is_dir() and (around / path.name).is_file():
        return f"{folder} lies in a study and is none itself; name the study: {around}"
    if not folder.is_dir() or {one.name for one in folder.iterdir()} <= {"raw"}:
        return f"{folder} is no study folder: it holds no study.toml; make one with: carelevels init {folder}"
    wrong = f"{path} is a folder; move it away" if path.is_dir() else f"{folder} holds no study.toml"
    return f"{wrong}; an empty file of that name will do, or copy the one that this makes: carelevels init NEW_FOLDER"


def toml_of(path: Path) -> dict[str, Any]:
    """The file's content.  Raises StudyError where it cannot be read, is far too large, or is no TOML."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise StudyError(f"{path} is larger than a study.toml can be ({LARGEST_FILE >> 20} MB)")
        content = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(content)
    except OSError as fault:
        raise StudyError(f"{path} cannot be read ({fault.strerror}); check its permissions") from None
    except tomllib.TOMLDecodeError as fault:
        raise StudyError(f"{path} is not valid TOML: {typing_error(str(fault), content)}") from None
    except (ValueError, RecursionError):  # no UTF-8, a number of thousands of digits, brackets in brackets without end
        raise StudyError(f"{path} is not valid TOML: it holds what no text editor writes; save it as UTF-8") from None


def study_from(folder: Path, content: Mapping[str, Any]) -> Study:
    """The Study that parsed TOML describes; keys and types are checked, meaning is not."""
    known = [f.name for f in fields(Study) if f.name != "folder"]
    refuse_unknown(content, known, "study.toml")
    hints = get_type_hints(Study)
    return Study(folder=folder, **{key: converted(value, hints[key], f"[{key}]") for key, value in content.items()})


def converted(value: Any, wanted: Any, where: str) -> Any:
    """One TOML value as the type its field declares, or a StudyError that names the place."""
    if is_dataclass(wanted):
        return section(value, wanted, where)
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin is tuple:
        if not isinstance(value, list):
            raise StudyError(f"study.toml {where} must be a list")
        inner = arguments[0] if arguments[-1] is Ellipsis else None
        return tuple(converted(item, inner or arguments[i], where) for i, item in enumerate(value))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise StudyError(f"study.toml {where} must be a table of keys and values")
        return {key: converted(item, arguments[1], f"{where} {key}") for key, item in value.items()}
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise StudyError(
            f"study.toml {where} must be {READABLE[wanted]}, not {READABLE.get(type(value), type(value).__name__)}"
        )
    return value


READABLE: dict[type, str] = {
    str: "text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


def section(value: Any, kind: Any, where: str) -> Any:
    """One [section] as its dataclass; maps keep their defaults for keys that are not given."""
    if not isinstance(value, dict):
        raise StudyError(f"study.toml {where} must be a section of keys and values")
    hints = get_type_hints(kind)
    refuse_unknown(value, list(hints), f"study.toml {where}")
    given = {key: converted(item, hints[key], f"{where} {key}") for key, item in value.items()}
    defaults = kind()
    for key, item in given.items():
        if isinstance(item, dict):
            given[key] = {**getattr(defaults, key), **item}
    return kind(**given)


RETIRED = {
    "delta_points": "it is replaced by delta_alike and delta_apart, in SD instead of points; take the line out"
}  # keys of an earlier version, with what to do


def refuse_unknown(content: Mapping[str, Any], known: list[str], where: str) -> None:
    """Refuses keys that nothing reads; a choice that is silently ignored is the worst kind."""
    for key in content:
        if key not in known:
            if key in RETIRED:
                raise StudyError(f"{where} {key} is no longer read: {RETIRED[key]}")
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f'; did you mean "{near[0]}"?' if near else f"; known are: {', '.join(known)}"
            raise StudyError(f'{where} has an unknown key "{key}"{hint}')


def check(study: Study) -> None:
    """Refuses a study that contradicts itself; every message names the key and a way out."""
    if study.study.regime not in REGIMES:
        raise StudyError(f"study.toml [study] regime must be one of {', '.join(REGIMES)}")
    check_arms(study)
    check_days(study)
    check_confounders(study.confounders)
    check_sensitivity(study.sensitivity)
    for outcome in study.outcomes:
        check_outcome(outcome)
    check_comparison(study)
    check_borrowing(study)
    check_cost(study.cost)
    check_set_aside(study)
    check_schedule(study)
    check_satisfaction(study)
    check_targets(study)
    check_engine(study.engine)
    if study.disclosure.threshold < 2 or study.disclosure.round_to < 1:
        raise StudyError("study.toml [disclosure] threshold must be at least 2 and round_to at least 1")
    if not 2 <= study.disclosure.internal_threshold <= study.disclosure.threshold:
        raise StudyError("study.toml [disclosure] internal_threshold must lie between 2 and threshold")


def check_arms(study: Study) -> None:
    if len(study.arms) < 2:
        raise StudyError("study.toml [arms] needs at least two arms to compare")
    seen: dict[str, str] = {}
    for arm, levels in study.arms.items():
        if not levels:
            raise StudyError(f"study.toml [arms] {arm} holds no level; name some, or take the arm out")
        for level in levels:
            if level not in LEVELS:
                raise StudyError(f"study.toml [arms] {arm}: unknown level; known are {', '.join(LEVELS)}")
            if level in seen:
                raise StudyError(
                    f"study.toml [arms]: {level} is in both {seen[level]} and {arm}; each level belongs to one arm"
                )
            seen[level] = arm
    for level in study.episodes.gap_days:
        if level not in Episodes().gap_days:
            raise StudyError(f"study.toml [episodes] gap_days: unknown level {level}")


def check_comparison(study: Study) -> None:
    names = [outcome.name for outcome in study.outcomes]
    if len(set(names)) != len(names):
        raise StudyError("study.toml [[outcomes]]: two outcomes share a name; give each its own")
    for pair in study.comparison.contrasts:
        if len(pair) != 2 or pair[0] == pair[1] or not set(pair) <= set(study.arms):
            raise StudyError(
                "study.toml [comparison] contrasts: each is [arm, reference], two different ones of"
                f" {', '.join(study.arms)}"
            )
    arms = [frozenset(pair) for pair in study.comparison.contrasts]
    if repeated := next((pair for pair in arms if arms.count(pair) > 1), None):
        raise StudyError(
            f"study.toml [comparison] contrasts: {' and '.join(sorted(repeated))} are compared twice; keep one of them"
        )
    primary = study.comparison.primary
    known = [*names, *standing_outcomes(study)]
    if primary and not (
        len(primary) == 3
        and ((tuple(primary[:2]) in study.comparison.contrasts and primary[2] in known) or tracks_are_primary(study))
    ):
        raise StudyError(
            "study.toml [comparison] primary is [arm, reference, outcome]: one of the contrasts and one of the"
            f' outcomes ({", ".join(known)}), or ["trauma", "general", an outcome by the PCL5]; an empty list'
            " declares none"
        )
    if not study.comparison.interim_share > 0:
        raise StudyError(
            "study.toml [comparison] interim_share must be above 0, such as 0.5; 1.1 leaves those scores aside"
        )
    target = study.comparison.target
    if target not in ("overlap", "combined", "matching") and target.removeprefix("treated:") not in study.arms:
        raise StudyError("study.toml [comparison] target must be overlap, combined, matching or treated:<arm>")


def check_days(study: Study) -> None:
    days = study.retention.days
    if not days or min(days) < 1 or len(set(days)) < len(days):
        raise StudyError(
            "study.toml [retention] days must be one or more different days after day 0, such as [30, 60, 90]"
        )


def check_sensitivity(chosen: Sensitivity) -> None:
    if any(gap < 1 for gap in chosen.retention_gap_days) or any(factor <= 0 for factor in chosen.window_factors):
        raise StudyError(
            "study.toml [sensitivity] retention_gap_days must be days after day 0 and window_factors above 0"
        )


def check_satisfaction(study: Study) -> None:
    window = study.satisfaction.window
    if not (len(window) == 2 and 0 <= window[0] <= window[1] < max(study.retention.days)):
        raise StudyError(
            "study.toml [satisfaction] window is [first day, last day], from day 0 on and ending before the last of "
            "[retention] days"
        )


def check_set_aside(study: Study) -> None:
    gate = study.gate
    if not 0 <= gate.told_set_aside <= gate.max_set_aside <= 1:
        raise StudyError(
            "study.toml [gate] told_set_aside and max_set_aside are shares, the first not above the second"
        )


def check_cost(cost: Cost) -> None:
    if cost.perspective not in PERSPECTIVES:
        raise StudyError(f"study.toml [cost] perspective must be one of {', '.join(PERSPECTIVES)}")
    if not cost.days or min(cost.days) < 1 or len(set(cost.days)) < len(cost.days):
        raise StudyError("study.toml [cost] days must be one or more different days after day 0, such as [90, 180]")
    if not cost.worth or not all(0 <= value < float("inf") for value in cost.worth):
        raise StudyError("study.toml [cost] worth must be one or more amounts that are not negative")
    if not all(year.isdigit() and index > 0 for year, index in cost.price_index.items()):
        raise StudyError(
            "study.toml [cost] price_index must give a positive price level for each year, such as { 2024 = 103.4 }"
        )
    if cost.price_index and str(cost.price_year) not in cost.price_index:
        raise StudyError(
            "study.toml [cost] price_index: name the price_year that amounts are brought to, and give its price"
            " level too"
        )


def check_schedule(study: Study) -> None:
    schedule, later = study.schedule, study.durability
    whole = (
        schedule.every_days >= 1
        and schedule.day % schedule.every_days == 0
        and schedule.last_day % schedule.every_days == 0
    )
    if not (whole and 0 < schedule.day < schedule.last_day):
        raise StudyError(
            "study.toml [schedule]: day and last_day must be multiples of every_days, and last_day later than day, "
            "such as 14, 56 and 98"
        )
    if not (len(later.window) == 2 and 0 < later.window[0] <= later.day <= later.window[1]):
        raise StudyError(f"study.toml [durability] window is [first day, last day] and must hold day {later.day}")


def check_confounders(confounders: Confounders) -> None:
    for name in (*confounders.core, *confounders.more):
        if name not in CONFOUNDERS:
            near = difflib.get_close_matches(name, CONFOUNDERS, n=1, cutoff=0.5)
            hint = f'did you mean "{near[0]}"?' if near else f"known are: {', '.join(CONFOUNDERS)}"
            raise StudyError(f'study.toml [confounders] has an unknown confounder "{name}"; {hint}')
