"""The tables of what people said: assessments and followups."""

import numpy as np
import pandas as pd

from pipeline.synthetic.people import SyntheticPeople
from pipeline.synthetic.records.afterwards import CONTROLS, REACHED, WINDOWS, Attempts, ControlClaims
from pipeline.synthetic.records.columns import PERSON, coded, flags, listed, whole
from pipeline.synthetic.records.scores import INSTRUMENTS, ITEMS, OCCASIONS, PHQ9, Scored
from pipeline.synthetic.scenarios import LEVELS


def assessment_table(
    scored: Scored, people: SyntheticPeople, episode_ids: np.ndarray, patient_ids: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """One row per administration; PHQ-9 rows carry their ninth item."""
    n = scored.person.size
    by_clinician = scored.instrument == INSTRUMENTS.index("CSSRS")
    return pd.DataFrame(
        {
            PERSON: scored.person,
            "patient_id": listed(scored.person, patient_ids),
            "episode_id": listed(scored.stay, episode_ids),
            "instrument_id": coded(scored.instrument, INSTRUMENTS),
            "subscale": coded(np.full(n, -1), ["none"]),
            "assessed_day": whole(scored.day),
            "score": whole(scored.score),
            "n_items_answered": whole(ITEMS[scored.instrument]),
            "occasion": coded(scored.occasion, OCCASIONS),
            "mode": coded(np.where(by_clinician, 1, rng.integers(0, 2, n) * 2), ["self", "clinician", "electronic"]),
            "item_9": ninth_item(scored, people, rng),
            "form_version": coded(rng.integers(0, 2, n), ["v1", "v2"]),
        }
    )


def ninth_item(scored: Scored, people: SyntheticPeople, rng: np.random.Generator) -> pd.arrays.IntegerArray:
    """0 to 3, follows the C-SSRS at intake and falls with the total."""
    left = np.where(people.phq9[scored.person] > 0, scored.score / np.maximum(people.phq9[scored.person], 1), 0)
    value = 0.6 * people.cssrs[scored.person] * np.minimum(left, 1.2) + 0.4 * rng.normal(size=left.size)
    value = np.minimum(np.clip(np.rint(value), 0, 3), scored.score)
    return whole(value, scored.instrument != PHQ9)


def followup_table(attempts: Attempts, claims: ControlClaims, patient_ids: np.ndarray) -> pd.DataFrame:
    """Survey attempts, then claims for the control outcomes."""
    answered = attempts.reached == 0
    known = {
        name: flags(np.maximum(getattr(attempts, name), 0), getattr(attempts, name) < 0)
        for name in ("readmitted", "ed_visit", "self_harm", "employed")
    }
    dead = attempts.reached == REACHED.index("died")
    survey = pd.DataFrame(
        {
            PERSON: attempts.person,
            "patient_id": listed(attempts.person, patient_ids),
            "window": coded(attempts.window, WINDOWS),
            "contact_day": attempts.day,
            "reached": coded(attempts.reached, REACHED),
            "readmitted": known["readmitted"],
            "readmitted_on_day": whole(attempts.readmitted_on, attempts.readmitted_on < 0),
            "readmitted_level": coded(attempts.readmitted_level, LEVELS),
            "ed_visit": known["ed_visit"],
            "self_harm": known["self_harm"],
            "employed": known["employed"],
            "alive": flags(answered, ~(answered | dead)),
            "control_outcome": None,
            "value": whole(np.zeros(dead.size), np.ones(dead.size, dtype=bool)),
            "source": "survey",
        }
    )
    physical = pd.DataFrame(
        {
            PERSON: claims.person,
            "patient_id": listed(claims.person, patient_ids),
            "contact_day": claims.day,
            "reached": "reached",
            "control_outcome": coded(claims.control, list(CONTROLS)),
            "value": whole(claims.value),
            "source": "claims",
        }
    )
    return stacked(survey, physical)


def stacked(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Rows of both; texts become plain where the words differ, absent columns are missing."""
    parts = [
        part.astype({name: object for name in part if isinstance(part[name].dtype, pd.CategoricalDtype)})
        for part in (first, second)
    ]
    return pd.concat([parts[0], parts[1].reindex(columns=parts[0].columns)], ignore_index=True)
