"""How rows of results count people: what the disclosure gate must know of them before any may leave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Heads(StrEnum):
    """How the groups of people behind a question's rows lie to each other."""

    NESTED = "nested"  # one inside another: two head counts that differ by few are not shown side by side
    BY_PLACE = "by place"  # sites add up to their level, levels to everybody
    BY_MEASURE = "by measure"  # as the measure says: those who started, those scored at the start, then again


class Marks(StrEnum):
    """How the groups of people behind the marks of one figure lie to each other."""

    ADD_UP = "add up"  # over a series, to everybody in it
    SHARES = "shares"  # add up, and so do those with and those without what the share is about
    MATRIX = "matrix"  # of recommended and received levels: adds up below, at and above the recommendation as well
    WEEK_BY_WEEK = "week by week"  # each group holds the next one
    OVERLAP = "overlap"  # one thing may be counted in several marks
    OF_ROWS = "of rows"  # each mark stands for a row, and is hidden with it
    UNCOUNTED = "uncounted"  # no head count: shown with its row


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """How rows count people: what the disclosure gate must know of them.

    measures   what the rows may tell of, besides what every comparison tells of
    analyses   analyses whose measures are declared elsewhere, as the measure library's are
    adds_up    kind → measures that share a denominator and add up to at most all of it
    grows      measures whose later days count everybody of the earlier ones
    within     measures each of which counts everybody of the one before it
    figures    figure → how its marks count; a name that ends in _ stands for all that begin so
    curves     analyses that draw curves
    starters   those of them whose curves begin with everybody who started
    flows      how the names of its flows begin, where that is not with an outcome
    uncounted  measures, or analyses, whose shares are no number of people over another: of visits, weeks or hours, told
               in coarse steps, published, or the middle of many; any other observed share carries both of its counts
    """

    measures: tuple[str, ...] = ()
    analyses: tuple[str, ...] = ()
    heads: Heads = Heads.NESTED
    adds_up: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    grows: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    figures: Mapping[str, Marks] = field(default_factory=dict)
    curves: tuple[str, ...] = ()
    starters: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    uncounted: tuple[str, ...] = ()


class Checks(StrEnum):
    """What the numbers of a check say of people."""

    PEOPLE = "people"  # how many
    EFFECTIVE = "effective"  # how many, after weighting
    SHARE = "share"  # which share of those asked
    GAP = "gap"  # between two such shares
    WEIGHTED = "weighted"  # nothing that counts anybody


CHECKS: Mapping[str, Checks] = {
    "observed_n": Checks.PEOPLE,
    "followed_n": Checks.PEOPLE,
    "effective_size": Checks.EFFECTIVE,
    "recorded": Checks.SHARE,
    "observed_share": Checks.SHARE,
    **dict.fromkeys(("overlap", "strategy_overlap", "observation_weight", "strategy_weight"), Checks.SHARE),
    "recorded_gap": Checks.GAP,
    **dict.fromkeys(
        (
            *("balance", "balance_expanded", "baseline", "variance_ratio", "max_person_share", "largest_weight"),
            *("estimable", "shared_sites", "sites", "controls", "control_outcome", "negative_controls"),
            *("clusters", "icc", "design_effect", "set_aside"),
        ),
        Checks.WEIGHTED,
    ),
}  # every check that a diagnostic may report
MADE_OF_SIZE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("balance", "balance_expanded", "variance_ratio", "recorded_gap"), ("threshold",)),
    **dict.fromkeys(("observation_weight", "max_person_share"), ("threshold",)),
    "design_effect": ("before", "after"),
}  # what of a check follows from how many people there are, as a line set by chance does, and gives them back

COMPARED = Counting(
    measures=(
        *("difference", "risk_difference", "risk_ratio", "odds_ratio", "rate_ratio", "hazard_ratio", "rmst_difference"),
        *("adjusted_mean", "adjusted_share", "interaction"),
        *("detectable_difference", "e_value", "e_value_to_margin", "strongest_measured", "tipping_point"),
        *("at_face_value", "at_plausible_limit", "plausible_departure", "tipping_point_sd", "tipping_multiple"),
        *("other_analyses", "other_analyses_agree"),
        *("compatible_low", "compatible_high", "ruled_out", "narrower_limits", "people_to_narrow", "months_to_narrow"),
        *("borrowed_difference", "borrowed_before", "borrowed_after", "borrowed_conflict", "borrowed_error"),
        *("people", "effective_people", "mean", "sd", "share"),  # of Table 1
    ),
    heads=Heads.BY_MEASURE,
    figures={"overlap": Marks.ADD_UP},
    uncounted=("table_1",),
)  # what any comparison of two groups may tell of
DESCRIBED = Counting(
    measures=(
        *(
            "starts",
            "high_risk",
            "baseline_mean",
            "mean_change",
            "not_improvable",
            "observed",
            "readmitted",
            "readmitted_own",
            "between_therapists",
        ),
        *("reliably_improved", "reliably_deteriorated", "retained", "dropped_out", "visits_kept", "screen_positive"),
    ),
    analyses=("measures", "measure_definition", "definitions", "benchmark", "control_chart", "funnel"),
    heads=Heads.BY_MEASURE,
    adds_up={"change": ("reliably_improved", "reliably_deteriorated"), "care": ("retained", "dropped_out")},
    grows=("dropped_out",),
    figures={
        "quarter_starts": Marks.ADD_UP,
        "pathways": Marks.ADD_UP,
        "data_quality": Marks.ADD_UP,
        "breach_": Marks.OVERLAP,
        "control_chart": Marks.OF_ROWS,
        "funnel": Marks.OF_ROWS,
        "funnel_95": Marks.OF_ROWS,
    },
    flows=("all people",),
    uncounted=("visits_kept", "readmitted_own", "between_therapists", "funnel", "benchmark"),
)  # what belongs to no question: scorecard, measures, charts, flows and what arrived; its rows are coded M
