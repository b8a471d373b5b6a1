"""People who start intensive outpatient care on day 0, and their PHQ-9 scores as drawn."""

from tests.spec.staged import staged

COLUMNS = "patient_id | instrument_id | assessed_day | score"


def scores(*rows):
    return "\n".join([COLUMNS, *[f"{name} | PHQ9 | {day} | {score}" for name, day, score in rows]])


def started(assessments, *names, more="", seen_to=4000):
    sessions = "\n".join(
        [
            "patient_id | level_of_care | service_day | minutes_scheduled | minutes_attended",
            *[f"{name} | IOP | 0 | 180 | 180" for name in names or ("ann",)],
            *more.strip().splitlines(),
        ]
    )
    return staged(sessions=sessions, assessments=assessments, patients=f"patient_id | observed_to_day\nann | {seen_to}")
