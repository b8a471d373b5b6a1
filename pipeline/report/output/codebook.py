"""codebook.csv: what each column of the released tables means, beside its type."""

import csv
import io

from pipeline.results import RESULT_TABLES, table_columns

RESULTS = {
    "result_id": "the row's name: its defining columns joined; carelevels explain takes it",
    "question": "C1 to C15, or M for what belongs to no question (scorecard, measures, charts)",
    "analysis": "claim, like_for_like: an answer; as_observed: a simple count; sensitivity: another way; or others",
    "population": "whom the number is about, in words",
    "outcome": "what was looked at: a score at a day, leaving, staying, money",
    "day": "the day after the start that it was looked at on",
    "arm": "the level of care, or the first of two that are compared",
    "reference": "the second of two that are compared; empty where nothing is",
    "site": "one site's code; empty: all",
    "payer": "one payer; empty: all",
    "period": "a year, quarter or month; empty: all",
    "stratum": "the part of the people or of the outcome that the row is about",
    "measure": "what kind of number it is: difference, share, rate, mean",
    "measure_version": "version of a measure of the library",
    "unit": "of the estimate and its limits: points, share (0 to 1), days, money",
    "target": "for whom a comparison holds: overlap, combined, matching, treated:<arm>; observed: nothing was weighted",
    "estimator": "how it was made; docs/statistics.md leads from here to the function and its papers",
    "estimate": "arm minus reference; of scores, more is better; of events, more events",
    "raw_estimate": "the same on the scale's own sign",
    "se": "standard error",
    "df": "degrees of freedom of the limits; infinite: normal",
    "low": "lower limit at the row's level",
    "high": "upper limit at the row's level",
    "level": "how sure the limits are: 0.95, or the level at which a verdict that shares its error was read",
    "p": "chance of a result at least this far from none, were there none",
    "n": "people (or stays, weeks) behind the estimate, of the arm where two are compared",
    "n_reference": "the same of the reference",
    "events": "those with the event",
    "events_reference": "the same of the reference",
    "numerator": "those counted as having what a share is about",
    "denominator": "those it was asked of",
    "ess": "how many unweighted people the weighted ones count as",
    "margin": "largest difference that was declared too small to matter",
    "verdict": "how the answer reads; docs/statistics.md, Verdicts",
    "gate": "passed or withheld, of adjusted answers",
    "reason": "why a row has no number",
    "twin_of": "the row this one stands beside",
    "varied": "the choice that was made otherwise",
    "note": "what else has to be known to read the row",
}
OTHERS = {
    "state": "in care, or how care ended",
    "at_risk": "people still followed on the day",
    "check": "what was looked at before an answer was shown",
    "covariate": "of which measure",
    "before": "as the people came",
    "after": "as they are weighted",
    "threshold": "the line that a check has to keep",
    "passed": "whether it keeps it",
    "step": "place in the flow",
    "sentence": "what is said of a row or a step",
    "n_left": "people left after the step",
    "n_removed": "people that the step left out",
    "figure": "the figure that a mark is of",
    "series": "the line or group in the figure",
    "x": "place across",
    "y": "height",
    "label": "the mark's name",
}
MEANINGS = RESULTS | OTHERS


def codebook() -> str:
    """One line a column of each table: table, column, type, meaning."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(("table", "column", "type", "meaning"))
    for table, kind in RESULT_TABLES.items():
        columns = table_columns(kind) | ({"sentence": "VARCHAR"} if table == "results" else {})
        writer.writerows((table, name, sql, MEANINGS[name]) for name, sql in columns.items())
    return written.getvalue()
