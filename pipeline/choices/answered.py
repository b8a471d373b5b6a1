"""When an answer may be given, with which other choices it is made again, and what of it may be shown."""

from dataclasses import dataclass

from pipeline.choices.reason import chosen


@dataclass(frozen=True, slots=True)
class Gate:
    """[gate]: an adjusted contrast that fails one of these lines is withheld."""

    max_smd: float = chosen(0.10, "the usual guide; up to twice this only the outcome-augmented estimate is shown")
    max_variance_ratio: float = chosen(2.0, "and its inverse")
    min_equipoise: float = chosen(0.20, "share of each arm that could plausibly have been in the other")
    max_person_share: float = chosen(0.05, "no single person decides")
    min_ess: float = chosen(30.0, "effective people per arm after all weights")
    max_set_aside: float = chosen(
        0.05, "share of a table's rows that could not be read: beyond it what rests on the table is withheld"
    )
    told_set_aside: float = chosen(
        0.02, "beyond it, or where the arms differ by so much, what rests on the table says so"
    )
    min_recorded: float = chosen(0.80, "share of each arm with the core confounder recorded")
    max_recorded_gap: float = chosen(0.10, "between the arms")
    min_observed_share: float = chosen(0.20, "share of each arm with the outcome measured")
    min_observed: int = chosen(30, "people per arm with the outcome measured; limits of fewer rest on models alone")
    max_observation_weight: float = chosen(10.0, "nobody stands for more than ten who were not measured")
    max_truncated_share: float = chosen(0.01, "share of an arm whose weight may be cut off at that bound")
    delta_alike: tuple[float, ...] = chosen(
        (0.25, 0.5), "SD of the score; a claim must survive the unmeasured of both arms having done so much worse"
    )
    delta_apart: float = chosen(
        0.2, "SD by which on top of that one arm did worse; the margin where the outcome has one"
    )
    max_systematic_error: float = chosen(
        0.25, "expected error on outcomes that no level of care can change, as a log risk ratio"
    )
    min_sites: int = chosen(6, "fewer: the answer holds for these sites only")
    min_observed_per_site: int = chosen(10, "observed people per arm for a site to count")
    min_observed_per_small_site: int = chosen(
        2,
        "the same where those sites hold fewer than twice min_observed people in an arm: small sites are then taken in,"
        " and the answer holds for these sites only",
    )
    min_shared_site_share: float = chosen(0.20, "otherwise level and site cannot be separated")


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """[sensitivity]: which other choices each answer is made with, to see whether it depends on them."""

    retention_gap_days: tuple[int, ...] = chosen(
        (14, 30, 45, 60), "a longer silence allowed makes every level look better"
    )
    window_factors: tuple[float, ...] = chosen((0.5, 1.5), "how much narrower and wider the follow-up window is made")
    baseline_to: int = chosen(
        3, "a later first score is half a treatment on a six-day stay, yet some programs ask no earlier"
    )
    imputed: bool = chosen(
        True, "the primary answer also with those not measured filled in; one data set for each percent missing"
    )


@dataclass(frozen=True, slots=True)
class Disclosure:
    """[disclosure]: the smallest count that may be shown."""

    threshold: int = chosen(11, "the rule of US federal health data: no cell of 1 to 10")
    round_to: int = chosen(1, "1 leaves counts as they are; 5 is the English habit")
    internal: bool = chosen(
        False, "true where the program's own people may see their own small counts: report --internal"
    )
    internal_threshold: int = chosen(3, "the smallest count that the internal edition may show")
