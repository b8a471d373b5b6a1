"""What the tables of what followed the start say (control outcomes, costs, satisfaction), said plainly."""

from types import SimpleNamespace

from tests.unit.warehouse.twins import Rows, Warehouse, by, scores_of


def control_outcomes(w: Warehouse) -> Rows:
    out = []
    for e in w.index_episodes:
        mine = [
            f
            for f in w.raw_followups
            if f.patient_id == e.patient_id
            and f.control_outcome
            and f.value is not None
            and 1 <= f.contact_day - e.start_day <= 365
        ]
        out += [
            SimpleNamespace(episode_id=e.episode_id, control_outcome=name, happened=int(any(f.value for f in rows)))
            for name, rows in by(mine, lambda f: f.control_outcome).items()
        ]
    return out


def sort_of(row: SimpleNamespace) -> tuple:
    return (row.perspective, row.amount_kind, row.currency, row.price_year)


def cost_kinds(w: Warehouse) -> Rows:
    chosen, out = w.choice, []
    factors = {row.price_year: row.factor for row in w.price_factor}
    kinds = by(w.raw_costs, sort_of)
    asked = {
        sort
        for sort in kinds
        if sort[0] == chosen.cost_perspective
        and chosen.cost_kind in ("", sort[1])
        and chosen.cost_currency in ("", sort[2])
    }
    years = {sort[3] for sort in asked}
    whole = len({sort[1:3] for sort in asked}) == 1 and (
        years <= factors.keys() if chosen.cost_price_year else len(years) == 1
    )
    for sort, rows in kinds.items():
        out.append(
            SimpleNamespace(
                perspective=sort[0],
                amount_kind=sort[1],
                currency=sort[2],
                price_year=sort[3],
                amounts=len(rows),
                asked=sort in asked,
                factor=factors.get(sort[3]) if chosen.cost_price_year else 1.0,
                used=sort in asked and whole,
            )
        )
    return out


def cost_amounts(w: Warehouse) -> Rows:
    out, factor = [], {sort_of(row): row.factor for row in w.cost_kinds if row.used}
    for e in w.index_episodes:
        mine = [
            c
            for c in w.raw_costs
            if c.patient_id == e.patient_id and sort_of(c) in factor and c.service_day >= e.start_day
        ]
        for day, rows in by(mine, lambda c: c.service_day).items():
            stay = [
                c
                for c in rows
                if (e.start_day <= day <= e.last_day if c.episode_id is None else c.episode_id == e.recorded_episode_id)
            ]
            total, index = (float(sum(c.amount * factor[sort_of(c)] for c in some)) for some in (rows, stay))
            out.append(
                SimpleNamespace(episode_id=e.episode_id, day=day - e.start_day, amount=total, index_amount=index)
            )
    return out


def cost_days(w: Warehouse) -> Rows:
    out = []
    for episode_id, rows in by(w.cost_amounts, lambda row: row.episode_id).items():
        for span in w.cost_interval:
            inside = [row.amount for row in rows if row.day in range(span.starts, span.ends)]
            if inside:
                out.append(SimpleNamespace(episode_id=episode_id, ends=span.ends, amount=sum(inside)))
    return out


def cost_set(w: Warehouse) -> Rows:
    out, spent = [], by(w.cost_amounts, lambda row: row.episode_id)
    endings, last = {row.episode_id: row for row in w.endings}, max(p.observed_to_day for p in w.raw_patients)
    for e in w.index_episodes:
        deaths = [
            endings[x.episode_id].last_contact_day
            for x in w.episodes
            if x.patient_id == e.patient_id and endings[x.episode_id].ending == "died"
        ]
        deaths += [
            f.contact_day
            for f in w.raw_followups
            if f.patient_id == e.patient_id and (f.reached == "died" or f.alive is False)
        ]
        death = min(deaths, default=None)
        if (
            death is not None and death < e.start_day
        ):  # a death before day 0 is an error in the records, and so is not believed
            death = None
        rows, seen = spent.get(e.episode_id, []), w.people[e.patient_id].observed_to_day - e.start_day + 1
        died = bool(rows) and death is not None and death - e.start_day + 1 <= seen
        known = 0 if not rows else death - e.start_day + 1 if died else seen
        out.append(
            SimpleNamespace(
                episode_id=e.episode_id,
                linked=bool(rows),
                known_days=known,
                died=died,
                possible_days=last - e.start_day + 1 if w.choice.calendar else None,
                index_amount=sum(row.index_amount for row in rows) if rows else None,
            )
        )
    return out


def satisfaction_scores(w: Warehouse) -> Rows:
    answered: dict[int, Rows] = {}
    for e in w.index_episodes:
        for wanted in w.satisfaction_instrument:
            answered.setdefault(wanted.priority, []).extend(
                SimpleNamespace(
                    episode_id=e.episode_id,
                    day=day,
                    instrument_id=wanted.instrument_id,
                    score=a.score,
                    occasion=a.occasion,
                )
                for day, a in scores_of(w, e.patient_id, wanted.instrument_id, e.start_day, (0, 10_000))
            )
    early = [
        priority
        for priority, rows in sorted(answered.items())
        if any(w.choice.survey_from <= row.day <= w.choice.survey_to for row in rows)
    ]
    return answered[early[0]] if early else []


def satisfaction_landmark(w: Warehouse) -> Rows:
    out, answers = [], by(w.satisfaction_scores, lambda row: row.episode_id)
    last = {care.episode_id: care.last_contact for care in w.retention_set}
    end, close = max(row.at_day for row in w.retention_day), w.choice.survey_to
    for e in w.index_episodes:
        stayed = last[e.episode_id]
        seen = e.observed_to_day - e.start_day >= end + w.choice.retention_gap_days
        early = min(
            (a for a in answers[e.episode_id] if w.choice.survey_from <= a.day <= close),
            key=lambda a: a.day,
            default=None,
        )
        late = max(
            (a for a in answers[e.episode_id] if a.occasion == "discharge" or a.day >= stayed),
            key=lambda a: a.day,
            default=None,
        )
        out.append(
            SimpleNamespace(
                episode_id=e.episode_id,
                instrument_id=getattr(early, "instrument_id", None),
                in_care=stayed >= close,
                survey_day=getattr(early, "day", None),
                survey_score=getattr(early, "score", None),
                observable=seen,
                care_days=min(stayed, end) if seen else None,
                stayed_days=min(stayed, end) - close if seen and stayed >= close else None,
                late_score=getattr(late, "score", None),
            )
        )
    return out


def satisfaction_change(w: Warehouse) -> Rows:
    out, answered = [], {row.episode_id: row for row in w.satisfaction_landmark if row.survey_day is not None}
    baseline = {(b.episode_id, b.outcome): b for b in w.baseline_scores}
    own = [o for o in w.outcome_set_by_choice if o.varied == ""]
    after = {(o.episode_id, o.outcome): o for o in own if o.followup_day is not None}
    observable = {(o.episode_id, o.outcome) for o in own if o.observable}
    for e in w.index_episodes:
        for o in w.outcome_definition:
            key = (e.episode_id, o.outcome)
            if e.episode_id not in answered or key not in baseline or key not in after or key not in observable:
                continue
            asked = answered[e.episode_id].survey_day
            before = [
                pair
                for pair in scores_of(w, e.patient_id, o.instrument_id, e.start_day, (o.baseline_from, asked))
                if pair[1].recall_variant == baseline[key].recall_variant
            ]
            if before and after[key].followup_day > asked:
                score = max(before, key=lambda pair: pair[0])[1].score
                change = after[key].followup_score - score
                out.append(
                    SimpleNamespace(
                        episode_id=e.episode_id,
                        outcome=o.outcome,
                        score_before=score,
                        followup_score=after[key].followup_score,
                        improvement_after=-change if o.higher_is == "worse" else change,
                    )
                )
    return out
