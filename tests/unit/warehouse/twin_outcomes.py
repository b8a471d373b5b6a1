"""What the tables of scores and of staying in care say, said plainly; the study's own choices are one of several
ways."""

from types import SimpleNamespace

from tests.unit.warehouse.twins import Rows, Warehouse, care_of, nearest, scores_of


def own_choice(rows: Rows, name: str, value: object) -> Rows:
    """The rows made by the study's own choice, without the column that says so."""
    return [
        SimpleNamespace(**{key: cell for key, cell in vars(row).items() if key != name})
        for row in rows
        if getattr(row, name) == value
    ]


def baseline_scores_by_choice(w: Warehouse) -> Rows:
    out = []
    for e in w.index_episodes:
        for o in w.scoring:
            found = nearest(
                scores_of(w, e.patient_id, o.instrument_id, e.start_day, (o.baseline_from, o.baseline_to)), 0
            )
            if found:
                out.append(
                    SimpleNamespace(
                        episode_id=e.episode_id,
                        outcome=o.outcome,
                        varied=o.varied,
                        baseline_score=found[1].score,
                        baseline_day=found[0],
                        recall_variant=found[1].recall_variant,
                    )
                )
    return out


def same_recall(scores: list, before: SimpleNamespace | None) -> list:
    return [pair for pair in scores if before is None or pair[1].recall_variant == before.recall_variant]


def reminded(w: Warehouse, e: SimpleNamespace, first: int, day: int) -> bool:
    return any(
        f.patient_id == e.patient_id and f.reached == "not_reached" and first <= f.contact_day - e.start_day <= day
        for f in w.raw_followups
    )


def followup_scores_by_choice(w: Warehouse) -> Rows:
    out, before = [], {(b.episode_id, b.outcome, b.varied): b for b in w.baseline_scores_by_choice}
    for e in w.index_episodes:
        for o in w.scoring:
            scores = scores_of(w, e.patient_id, o.instrument_id, e.start_day, (o.window_from, o.window_to))
            found = nearest(same_recall(scores, before.get((e.episode_id, o.outcome, o.varied))), o.at_day)
            if found:
                out.append(
                    SimpleNamespace(
                        episode_id=e.episode_id,
                        outcome=o.outcome,
                        varied=o.varied,
                        followup_score=found[1].score,
                        followup_day=found[0],
                        late=2 * found[0] > o.at_day + o.window_to or reminded(w, e, o.window_from, found[0]),
                    )
                )
    return out


def interim_scores_by_choice(w: Warehouse) -> Rows:
    out, before = [], {(b.episode_id, b.outcome, b.varied): b for b in w.baseline_scores_by_choice}
    for e in w.index_episodes:
        for o in w.scoring:
            b = before.get((e.episode_id, o.outcome, o.varied))
            first = max(1, b.baseline_day) + 1 if b else 0
            between = (first, o.window_from - 1)
            scores = same_recall(scores_of(w, e.patient_id, o.instrument_id, e.start_day, between), b) if b else []
            if scores:
                day, last = max(scores, key=lambda pair: pair[0])
                fall = b.baseline_score - last.score
                out.append(
                    SimpleNamespace(
                        episode_id=e.episode_id,
                        outcome=o.outcome,
                        varied=o.varied,
                        interim_day=day,
                        interim_improvement=round(fall if o.higher_is == "worse" else -fall, 6),
                    )
                )
    return out


def outcome_set_by_choice(w: Warehouse) -> Rows:
    out = []
    between = {(i.episode_id, i.outcome, i.varied): i for i in w.interim_scores_by_choice}
    before = {(b.episode_id, b.outcome, b.varied): b for b in w.baseline_scores_by_choice}
    after = {(f.episode_id, f.outcome, f.varied): f for f in w.followup_scores_by_choice}
    for e in w.index_episodes:
        for o in w.scoring:
            b, f = before.get((e.episode_id, o.outcome, o.varied)), after.get((e.episode_id, o.outcome, o.varied))
            i = between.get((e.episode_id, o.outcome, o.varied))
            change = f.followup_score - b.baseline_score if b and f else None
            better = change if change is None else round(change if o.higher_is == "better" else -change, 6)
            seen = e.start_day + o.window_to <= e.observed_to_day
            judged = seen and better is not None
            out.append(
                SimpleNamespace(
                    episode_id=e.episode_id,
                    outcome=o.outcome,
                    varied=o.varied,
                    baseline_score=getattr(b, "baseline_score", None),
                    baseline_day=getattr(b, "baseline_day", None),
                    followup_score=getattr(f, "followup_score", None),
                    followup_day=getattr(f, "followup_day", None),
                    late=getattr(f, "late", None),
                    interim_improvement=getattr(i, "interim_improvement", None),
                    interim_day=getattr(i, "interim_day", None),
                    raw_change=change,
                    improvement=better,
                    observable=seen,
                    observed=judged,
                    reliably_improved=better >= o.rci if judged else None,
                    reliably_deteriorated=-better >= o.rci if judged else None,
                    not_improvable=round(abs(b.baseline_score - o.best_score), 6) < o.rci if b else None,
                )
            )
    return out


def baseline_scores(w: Warehouse) -> Rows:
    return own_choice(w.baseline_scores_by_choice, "varied", "")


def last_care_scores(w: Warehouse) -> Rows:
    out, before = [], {(b.episode_id, b.outcome): b for b in w.baseline_scores}
    until = {care.episode_id: care.last_contact for care in w.retention_set}
    for e in w.index_episodes:
        for o in w.outcome_definition:
            b = before.get((e.episode_id, o.outcome))
            scores = same_recall(
                scores_of(w, e.patient_id, o.instrument_id, e.start_day, (2, until[e.episode_id] + 7)), b
            )
            if scores:
                day, last = max(scores, key=lambda pair: pair[0])
                fall = b.baseline_score - last.score if b else None
                better = fall if fall is None or o.higher_is == "worse" else -fall
                out.append(
                    SimpleNamespace(
                        episode_id=e.episode_id,
                        outcome=o.outcome,
                        last_score=last.score,
                        last_day=day,
                        improvement=better,
                    )
                )
    return out


def ever_started(w: Warehouse) -> Rows:
    arms = {
        (i.patient_id, e.arm)
        for i in w.index_episodes
        for e in w.episodes
        if e.patient_id == i.patient_id and e.arm is not None and 0 <= e.start_day - i.start_day <= 90
    }
    return [SimpleNamespace(patient_id=patient, arm=arm) for patient, arm in arms]


def retention_contacts_by_gap(w: Warehouse) -> Rows:
    out = []
    for e in w.index_episodes:
        for rule in w.silence_rule:
            (last, setting), (level, _) = (
                last_contact(w, e, places, rule.gap_days) for places in (None, e.level_of_care)
            )
            out.append(
                SimpleNamespace(
                    person_no=e.person_no,
                    gap_days=rule.gap_days,
                    last_contact_day=last,
                    last_level_day=level,
                    last_setting_no=setting,
                )
            )
    return out


def last_contact(w: Warehouse, e: SimpleNamespace, level: str | None, gap: int) -> tuple[int, int]:
    last, reached = e.start_day, []
    for day, to, place in care_of(w, e.person_no):
        counts = place.sets_the_day and level in (None, place.level_of_care)
        if not counts or to < e.start_day:
            continue
        if reached and day - last > gap:
            break
        reached.append((-to, -day, place.setting_no))
        last = max(last, to)
    return last, min(reached)[2]


def retention_set_by_gap(w: Warehouse) -> Rows:
    out, endings = [], {row.episode_id: row for row in w.endings}
    index, settings = {e.person_no: e for e in w.index_episodes}, {s.setting_no: s for s in w.setting}
    for contact in w.retention_contacts_by_gap:
        e, place = index[contact.person_no], settings[contact.last_setting_no]
        cutoff = e.observed_to_day - contact.gap_days - e.start_day
        stayed, days, state = contact.last_contact_day - e.start_day, None, None
        held = [
            x
            for x in w.episodes
            if (x.patient_id, x.program_id, x.level_of_care) == (e.patient_id, place.program_id, place.level_of_care)
            and x.start_day <= contact.last_contact_day <= x.last_day
        ]
        last = min(held, key=lambda x: (x.last_day, x.episode_id))
        ending = endings[last.episode_id]
        later = last.latest_day - last.last_day if last.last_day == contact.last_contact_day else 0
        died = (ending.source, ending.ending) == ("discharge", "died") and last.last_day <= contact.last_contact_day
        if died:
            days, state = stayed, "died"
        elif cutoff >= 0 and stayed > cutoff:
            days, state = cutoff, "in_care"
        elif cutoff >= 0:
            days, state = stayed, ending.ending if ending.source in ("discharge", "went on", "came back") else "unknown"
            if last.last_day > contact.last_contact_day:
                state = "dropped_out"
        out.append(
            SimpleNamespace(
                episode_id=e.episode_id,
                gap_days=contact.gap_days,
                last_contact=stayed,
                last_contact_in_level=contact.last_level_day - e.start_day,
                seen_until=cutoff,
                observable=cutoff >= 0 or died,
                care_days=days,
                care_days_latest=None if days is None else stayed + later if died else min(stayed + later, cutoff),
                state=state,
            )
        )
    return out


def retention_at_by_gap(w: Warehouse) -> Rows:
    out, index = [], {e.episode_id: e for e in w.index_episodes}
    for care in w.retention_set_by_gap:
        e = index[care.episode_id]
        here, there = care.last_contact, care.last_contact_in_level
        for at in [row.at_day for row in w.retention_day]:
            seen = e.start_day + at + care.gap_days <= e.observed_to_day or care.state == "died"
            left = here < at and care.state in ("dropped_out", "ama")
            out.append(
                SimpleNamespace(
                    episode_id=e.episode_id,
                    gap_days=care.gap_days,
                    at_day=at,
                    observable=seen,
                    retained=here >= at if seen else None,
                    retained_in_level=there >= at if seen else None,
                    dropped_out=left if seen else None,
                )
            )
    return out


def retention_set(w: Warehouse) -> Rows:
    return own_choice(w.retention_set_by_gap, "gap_days", w.choice.retention_gap_days)


def retention_at(w: Warehouse) -> Rows:
    return own_choice(w.retention_at_by_gap, "gap_days", w.choice.retention_gap_days)
