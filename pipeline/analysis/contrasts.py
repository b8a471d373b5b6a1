"""What is asked: every outcome of every declared pair of arms, and how sure an answer must be to carry a verdict."""

from dataclasses import dataclass
from typing import Any, Literal

from pipeline.choices.asked import Outcome
from pipeline.measures.library import instruments
from pipeline.stats.estimate import LEVEL
from pipeline.study import Study

Role = Literal["primary", "confirmatory", "exploratory"]  # an exploratory contrast carries no verdict word


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What two arms are compared on.

    kind     score: mean improvement in points · share: a yes-or-no outcome · cost: an amount of money
    margin   the largest difference that would not matter; None: no verdict needs one
    harm     True where less of it is better
    source   the study's outcome it is made from; None where it is made from care or costs
    column   where the analysis frames hold it
    """

    code: str
    name: str
    day: int
    kind: Literal["score", "share", "cost"]
    unit: str
    margin: float | None = None
    harm: bool = False
    source: Outcome | None = None
    column: str = "outcome"


def score_of(code: str, source: Outcome) -> Endpoint:
    """Mean improvement of a scale on its own day."""
    return Endpoint(
        code=code,
        name=source.name,
        day=source.day,
        kind="score",
        unit="points",
        margin=source.usable_margin,
        source=source,
        column="improvement",
    )


def share_of(code: str, name: str, day: int, column: str = "outcome", **more: Any) -> Endpoint:
    """The share of people with a yes-or-no outcome by a day."""
    return Endpoint(code=code, name=name, day=day, kind="share", unit="share", column=column, **more)


def endpoints(study: Study) -> list[Endpoint]:
    """The outcomes every contrast is asked about, scores first."""
    asked = []
    for outcome in study.outcomes:
        reliable = share_of("C2", f"reliable_{outcome.name}", outcome.day, "reliably_improved", source=outcome)
        asked += [score_of("C2", outcome), reliable]
    last = max(study.retention.days)
    asked.append(share_of("C4", f"dropped_out_day{last}", last, "dropped_out", harm=True))
    return [*asked, share_of("C4", f"retained_day{last}", last, "retained")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Two arms compared on one endpoint.

    level  confidence of its limits; a confirmatory answer is given its own once it is known who else is answered
    """

    endpoint: Endpoint
    arm: str
    reference: str
    role: Role
    level: float = LEVEL

    @property
    def arms(self) -> tuple[str, str]:
        """Reference first: the code of an arm is its place."""
        return (self.reference, self.arm)


def contrasts(study: Study) -> list[Contrast]:
    """Every question of every declared pair.  One primary contrast; the same outcome for the other pairs and dropout
    for all are confirmatory and share one error (analysis/standing.py); everything else is exploratory and carries no
    verdict word.
    """
    return [
        Contrast(endpoint=endpoint, arm=arm, reference=reference, role=role(study, endpoint, arm, reference))
        for endpoint, arm, reference in pairs(study)
    ]


def pairs(study: Study) -> list[tuple[Endpoint, str, str]]:
    """Every question with every declared arm and reference."""
    return [
        (endpoint, arm, reference) for endpoint in endpoints(study) for arm, reference in study.comparison.contrasts
    ]


def role(study: Study, endpoint: Endpoint, arm: str, reference: str) -> Role:
    """primary, confirmatory (a verdict word, its error shared) or exploratory (none)."""
    primary = tuple(study.comparison.primary)
    if (arm, reference, endpoint.name) == primary:
        return "primary"
    same_outcome = bool(primary) and endpoint.name == primary[2]
    return "confirmatory" if same_outcome or endpoint.name.startswith("dropped_out") else "exploratory"


def raw_sign(endpoint: Endpoint) -> float:
    """-1 where the scale's own number falls as people improve."""
    falls = endpoint.source is not None and instruments()[endpoint.source.instrument]["higher_is"] == "worse"
    return -1.0 if endpoint.kind == "score" and falls else 1.0
