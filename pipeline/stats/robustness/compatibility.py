"""What limits leave open, what they rule out, and how many more people would narrow them; in the outcome's unit."""

from math import ceil, floor, isfinite, log10

from pipeline.errors import NotEstimable

STEPS = (5, 2, 1)  # of a decade: numbers that are remembered
FINE = 5.0  # a difference is told in steps of about a fifth of itself
CLEARLY = 0.9  # of the present half-width: nearer to it there is nothing to be gained
NARROWER = 2 / 3  # of the present half-width: a step that a program can see ahead


def ruled_out(low: float, high: float) -> float:
    """The smallest round difference that lies beyond both limits, whichever way it goes.

    The first multiple of 1, 2 or 5 of a decade, at most a fifth of max(|low|, |high|), that is above it also as it is
    told, in two digits.  Raises NotEstimable for limits that are missing, reversed, or both zero.
    """
    farthest = max(abs(low), abs(high))
    if not (isfinite(low) and isfinite(high) and low <= high and farthest > 0):
        raise NotEstimable("the limits are missing, reversed or both zero; estimate the difference first")
    farthest = max(farthest, float(f"{farthest:.2g}"))
    step = round_below(farthest / FINE)
    whole = floor(float(f"{farthest / step:.12g}"))  # 0.3 / 0.05 is 5.999999999999999
    return float(f"{(whole + 1) * step:.12g}")


def narrower(half_width: float, margin: float | None = None) -> tuple[float, ...]:
    """The half-widths that would be worth having, narrowest first: the margin where limits are clearly wider; beyond
    it, or alone, a round number at two thirds of what they are.  Raises NotEstimable for one that is not positive."""
    if not (isfinite(half_width) and half_width > 0):
        raise NotEstimable("the limits have no width; estimate the difference first")
    step = round_below(NARROWER * half_width)
    if margin is None or not 0 < margin < CLEARLY * half_width:
        return (step,)
    return (margin, step) if margin < step else (margin,)


def more_people(measured: int, half_width: float, target: float) -> int:
    """How many people more, measured like those that are, would narrow limits to this half-width.

    measured ((half_width / target)^2 - 1), rounded up to two digits; 0 where limits are as narrow.  Limits narrow as
    one over the root of people where overlap, weights and design effect (people of one site or therapist) stay as they
    are, so all three are in it.  Raises NotEstimable where nobody is measured or a width is not positive.
    """
    if not (
        isfinite(measured)
        and measured > 0
        and isfinite(half_width)
        and half_width > 0
        and isfinite(target)
        and target > 0
    ):
        raise NotEstimable("how many more people are needed takes people measured and two positive widths")
    more = measured * ((half_width / target) ** 2 - 1)
    if more <= 0:
        return 0
    unit = 10 ** max(floor(log10(more)) - 1, 0)
    return int(ceil(round(more / unit, 9)) * unit)


def round_below(value: float) -> float:
    """The largest of 1, 2 and 5 of a decade that is not above a positive value."""
    decade = 10.0 ** floor(log10(value))
    step = next((one for one in STEPS if one * decade <= value * (1 + 1e-12)), 1)
    return float(f"{step * decade:.12g}")
