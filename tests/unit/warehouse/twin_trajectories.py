"""What the tables of scores along the way and half a year later say, said plainly."""

from types import SimpleNamespace

from tests.unit.warehouse.twin_outcomes import same_recall
from tests.unit.warehouse.twins import Rows, Warehouse, by, nearest, scores_of


def better(score: float, before: float, higher_is: str) -> float:
    return round(before - score if higher_is == "worse" else score - before, 6)


def trajectory_scores(w: Warehouse) -> Rows:
    out, before = [], {(b.episode_id, b.outcome): b for b in w.baseline_scores}
    for e in w.index_episodes:
        for o in w.outcome_definition:
            baseline = before.get((e.episode_id, o.outcome))
            if baseline is None:
                continue
            scores = scores_of(w, e.patient_id, o.instrument_id, e.start_day, (1, w.schedule[0].last_seen_day))
            for day, score in same_recall(scores, baseline):
                if day > baseline.baseline_day:
                    minutes = [
                        s.attended_minutes
                        for s in w.sessions
                        if s.patient_id == e.patient_id
                        and s.attended_minutes
                        and e.start_day <= s.service_day <= e.start_day + day
                    ]
                    change = better(score.score, baseline.baseline_score, o.higher_is)
                    out.append(
                        SimpleNamespace(
                            episode_id=e.episode_id,
                            outcome=o.outcome,
                            day=day,
                            improvement=change,
                            improved=change >= o.rci,
                            attended_hours=sum(minutes) / 60,
                        )
                    )
    return out


def scheduled_scores(w: Warehouse) -> Rows:
    out, every = [], w.schedule[0].every_days
    marks = range(0, w.schedule[0].last_day + 1, every)
    for (episode, outcome), rows in by(w.trajectory_scores, lambda r: (r.episode_id, r.outcome)).items():
        for mark, scores in by(rows, lambda r: min(marks, key=lambda m: (abs(m - r.day), m))).items():
            if mark > 0:
                row = min(scores, key=lambda r: (abs(r.day - mark), r.day))
                out.append(
                    SimpleNamespace(
                        episode_id=episode,
                        outcome=outcome,
                        mark=mark // every,
                        day=row.day,
                        improvement=row.improvement,
                        improved=row.improved,
                    )
                )
    return out


def schedule_set(w: Warehouse) -> Rows:
    out, chosen = [], w.schedule[0]
    scores = by(w.trajectory_scores, lambda r: (r.episode_id, r.outcome))
    for e in w.index_episodes:
        for o in w.outcome_definition:
            early = [r for r in scores.get((e.episode_id, o.outcome), []) if r.day <= chosen.ask_day]
            out.append(
                SimpleNamespace(
                    episode_id=e.episode_id,
                    outcome=o.outcome,
                    observable=e.start_day + chosen.last_seen_day <= e.observed_to_day,
                    scores_taken=len(early),
                    first_crossing_day=min((r.day for r in early if r.improved), default=None),
                )
            )
    return out


def later_scores(w: Warehouse) -> Rows:
    out, before, look = [], {(b.episode_id, b.outcome): b for b in w.baseline_scores}, w.later_look[0]
    for e in w.index_episodes:
        for o in w.outcome_definition:
            baseline = before.get((e.episode_id, o.outcome))
            scores = (
                scores_of(w, e.patient_id, o.instrument_id, e.start_day, (look.window_from, look.window_to))
                if baseline
                else []
            )
            found = nearest(same_recall(scores, baseline), look.at_day)
            if found:
                out.append(
                    SimpleNamespace(
                        episode_id=e.episode_id, outcome=o.outcome, later_score=found[1].score, later_day=found[0]
                    )
                )
    return out


def durability_set(w: Warehouse) -> Rows:
    out, look = [], w.later_look[0]
    episodes = {e.episode_id: e for e in w.index_episodes}
    later = {(r.episode_id, r.outcome): r.later_score for r in w.later_scores}
    below, definitions = {r.outcome: r.below for r in w.remission_line}, {o.outcome: o for o in w.outcome_definition}
    begun = {
        key: min(p.start_day for p in parts)
        for key, parts in by(w.stay_parts, lambda p: (p.patient_id, p.stay)).items()
    }
    for s in (o for o in w.outcome_set_by_choice if o.varied == ""):
        e, o, line = episodes[s.episode_id], definitions[s.outcome], below[s.outcome]
        after, observed = later.get((s.episode_id, s.outcome)), bool(s.observed)
        out.append(
            SimpleNamespace(
                episode_id=s.episode_id,
                outcome=s.outcome,
                baseline_score=s.baseline_score,
                measured=observed,
                improvement=s.improvement if observed else None,
                remitted_at_start=None if line is None or s.baseline_score is None else s.baseline_score < line,
                remitted=s.followup_score < line if observed and line is not None else None,
                observable_later=e.start_day + look.window_to <= e.observed_to_day,
                later_improvement=None if after is None else better(after, s.baseline_score, o.higher_is),
                remitted_later=None if after is None or line is None else after < line,
                back_in_24h=any(
                    patient == e.patient_id and o.at_day < day - e.start_day <= look.at_day
                    for (patient, _), day in begun.items()
                ),
            )
        )
    return out
