"""A small line beside a number: how it went from period to period, on the scale of its row."""

from collections.abc import Sequence

WIDTH, HEIGHT, EDGE = 84, 18, 2.5
FEWEST = 3  # points that make a course


def has_line(values: Sequence[float | None]) -> bool:
    """Whether enough points are known to be drawn."""
    return sum(value is not None for value in values) >= FEWEST


def sparkline(values: Sequence[float | None], low: float, high: float, color: str, target: float | None = None) -> str:
    """The line as SVG between low and high; None is a gap; the last point is marked, a target is a dashed line.  Empty
    where fewer than three points are known."""
    if not has_line(values) or high <= low:
        return ""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    step = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)

    def across(place: int) -> str:
        return f"{EDGE + step * place:.1f}"

    def down(value: float) -> str:
        return f"{HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (value - low) / (high - low):.1f}"

    path, broken = "", True
    for place, value in enumerate(values):
        if value is not None:
            path += f"{'M' if broken else 'L'}{across(place)} {down(value)}"
        broken = value is None
    last, end = known[-1]
    aim = f'<path d="M0 {down(target)}H{WIDTH}" stroke="#56626e" stroke-dasharray="3 2"/>' if target is not None else ""
    return (
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" focusable="false">{aim}'
        f'<path d="{path}" fill="none" stroke="{color}" stroke-width="1.5"/>'
        f'<circle cx="{across(last)}" cy="{down(end)}" r="2.2" fill="{color}"/></svg>'
    )
