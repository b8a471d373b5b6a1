"""What the tables of hours, lengths of stay and how often somebody was measured say, said plainly."""

from itertools import pairwise
from types import SimpleNamespace

from tests.unit.warehouse.twins import Rows, Warehouse, by


def band(w: Warehouse, hours: float | None) -> str | None:
    if hours is None:
        return None
    return "below" if hours < w.choice.iop_hours else "within" if hours < w.choice.php_hours else "above"


def quarter(day: int) -> str:
    """Random records lie around the first quarter of 1970."""
    return "1969Q4" if day < 0 else "1970Q1" if day < 90 else "1970Q2"


def patient_weeks(w: Warehouse) -> Rows:
    out, episodes = [], {e.episode_id: e for e in w.episodes}
    for d in w.dose_weeks:
        e = episodes[d.episode_id]
        if e.level_of_care in ("OP", "IOP", "PHP"):
            scheduled, attended = (
                (None, None) if d.untimed_days or not w.raw_sessions else (d.scheduled_hours, d.attended_hours)
            )
            out.append(
                SimpleNamespace(
                    episode_id=e.episode_id,
                    week=d.week,
                    person_no=e.person_no,
                    level_of_care=e.level_of_care,
                    arm=e.arm,
                    site=e.site,
                    period=quarter(e.start_day + 7 * d.week) if w.choice.calendar else e.period,
                    complete=d.complete,
                    scheduled_hours=scheduled,
                    attended_hours=attended,
                    imputed_hours=d.imputed_hours,
                    untimed_days=d.untimed_days,
                    scheduled_band=band(w, scheduled),
                    attended_band=band(w, attended),
                )
            )
    return out


def stay_lengths(w: Warehouse) -> Rows:
    out, endings = [], {row.episode_id: row for row in w.endings}
    numbers = {(s.program_id, s.level_of_care): s.setting_no for s in w.setting}
    for e in [e for e in w.episodes if e.level_of_care == "IOP"]:
        patient, ending = w.people[e.patient_id], endings[e.episode_id]
        seen_to = patient.observed_to_day - w.gaps["IOP"]
        days = {
            d.service_day
            for d in w.service_days
            if d.person_no == e.person_no
            and d.source == "day"
            and d.setting_no == numbers.get((e.program_id, "IOP"))
            and e.start_day <= d.service_day <= e.last_day
        }
        contact = e.last_day - e.start_day + 1
        out.append(
            SimpleNamespace(
                episode_id=e.episode_id,
                person_no=e.person_no,
                arm=e.arm,
                site=e.site,
                period=e.period,
                new_stay=e.start_day - patient.observed_from_day >= w.gaps["IOP"],
                too_young=e.start_day > seen_to,
                days=min(e.last_day, seen_to) - e.start_day + 1,
                days_latest=min(e.latest_day, seen_to) - e.start_day + 1,
                ended=e.last_day <= seen_to,
                days_seen=seen_to - e.start_day + 1,
                contact_days=contact,
                attended_days=len(days) or None,
                ending=ending.ending,
                closure_lag=ending.closure_lag,
                days_to_closure=None if ending.closure_lag is None else contact + ending.closure_lag,
            )
        )
    return out


def scores_since(w: Warehouse, e: SimpleNamespace, first: SimpleNamespace) -> list[tuple[int, float]]:
    """Day and improvement of each score of the stay, from the one at the start on, in time order."""
    scale = {o.outcome: o for o in w.outcome_definition}[first.outcome]
    sign = 1 if scale.higher_is == "worse" else -1
    return sorted(
        (a.assessed_day - e.start_day, round(sign * (first.baseline_score - a.score), 6))
        for a in w.raw_assessments
        if (a.patient_id, a.instrument_id, a.subscale) == (e.patient_id, scale.instrument_id, "")
        and e.start_day + first.baseline_day <= a.assessed_day <= e.last_day
        and (a.recall_variant or "") == (first.recall_variant or "")
    )


def taper_weeks(w: Warehouse) -> Rows:
    out, reliable = [], {o.outcome: o.rci for o in w.outcome_definition}
    weeks = by([p for p in w.patient_weeks if p.complete and p.attended_hours is not None], lambda p: p.episode_id)
    index = {e.episode_id: e for e in w.index_episodes if e.level_of_care == "IOP"}
    for first in [b for b in w.baseline_scores if b.episode_id in index]:
        scores = scores_since(w, index[first.episode_id], first)
        if len(scores) < 3:
            continue
        improved = min((day for day, better in scores if better >= reliable[first.outcome]), default=None)
        hours = {p.week: p.attended_hours for p in weeks[first.episode_id]}
        for p in weeks[first.episode_id]:
            out.append(
                SimpleNamespace(
                    episode_id=p.episode_id,
                    outcome=first.outcome,
                    week=p.week,
                    person_no=p.person_no,
                    site=p.site,
                    scores=len(scores),
                    attended_hours=p.attended_hours,
                    scheduled_hours=p.scheduled_hours,
                    next_attended_hours=hours.get(p.week + 1),
                    improved_by=improved is not None and improved < 7 * (p.week + 1),
                    improved_week=None if improved is None else improved // 7,
                )
            )
    return out


def modality_hours(w: Warehouse) -> Rows:
    out = []
    for e in [e for e in w.index_episodes if e.level_of_care == "IOP"]:
        came = [
            s
            for s in w.sessions
            if s.patient_id == e.patient_id
            and s.status == "attended"
            and s.attended_minutes
            and 0 <= s.service_day - e.start_day <= 27
        ]
        out += [
            SimpleNamespace(
                episode_id=e.episode_id, service_type=kind, hours=sum(s.attended_minutes for s in rows) / 60
            )
            for kind, rows in by(came, lambda s: s.service_type).items()
            if kind in ("individual", "group", "family", "medication", "somatic")
        ]
    return out


def measured_gaps(w: Warehouse) -> Rows:
    out, horizon = [], max(row.at_day for row in w.retention_day)
    for e in w.index_episodes:
        for o in w.outcome_definition:
            care = min(e.last_day - e.start_day, horizon)
            days = [
                max(a.assessed_day - e.start_day, 0)
                for a in w.raw_assessments
                if (a.patient_id, a.instrument_id, a.subscale) == (e.patient_id, o.instrument_id, "")
                and o.baseline_from <= a.assessed_day - e.start_day <= care
            ]
            marks = sorted([0, *days, care])
            longest = max(after - before for before, after in pairwise(marks))
            out.append(
                SimpleNamespace(
                    episode_id=e.episode_id,
                    outcome=o.outcome,
                    care_day=care,
                    observable=e.observed_to_day - e.start_day >= horizon,
                    scores=len(days),
                    longest_gap=longest,
                    every_14_days=bool(days) and longest < 15,
                    every_30_days=bool(days) and longest < 31,
                )
            )
    return out


def course_scores(w: Warehouse) -> Rows:
    out, index = [], {e.episode_id: e for e in w.index_episodes}
    for first in w.baseline_scores:
        e = index[first.episode_id]
        later = [pair for pair in scores_since(w, e, first) if pair[0] > max(first.baseline_day, 0)]
        for place, (day, improvement) in enumerate(later):
            after = later[place + 1][0] if place + 1 < len(later) else None
            out.append(
                SimpleNamespace(
                    episode_id=e.episode_id,
                    outcome=first.outcome,
                    day=day,
                    last_day=e.last_day - e.start_day,
                    baseline_score=first.baseline_score,
                    improvement=improvement,
                    next_day=after,
                )
            )
    return out
