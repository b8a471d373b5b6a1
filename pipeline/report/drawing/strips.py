"""Small pictures of shares beside a number: a bar from 0 to 100 % with its range, and a strip of dots, one for each
site."""

from collections.abc import Iterable, Sequence
from html import escape
from math import ceil

from pipeline.report.fragment import text

WIDTH, HEIGHT = 110, 20
LINE = "#56626e"


def across(share: float, width: float = WIDTH) -> float:
    """Where a share lies between the edges, in the picture's units."""
    return round(4 + (width - 8) * min(max(share, 0.0), 1.0), 1)


def share_bar(
    value: float, low: float, high: float, color: str, published: Iterable[float] = (), target: float | None = None
) -> str:
    """A share from 0 to 100 % with its range as SVG; ticks for published figures, a dashed line for a target."""
    middle = HEIGHT / 2
    ticks = "".join(f'<path d="M{across(one)} 1v5" stroke="{LINE}" stroke-width="1.5"/>' for one in published)
    aim = (
        f'<path d="M{across(target)} 1V{HEIGHT - 1}" stroke="{LINE}" stroke-dasharray="3 2"/>'
        if target is not None
        else ""
    )
    return (
        f'<svg class="strip" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" focusable="false">'
        f'<path d="M4 {middle}H{WIDTH - 4}" stroke="#dde3e9" stroke-width="3"/>{ticks}{aim}'
        f'<path d="M{across(low)} {middle}H{across(high)}" stroke="{color}" stroke-width="2.5"/>'
        f'<circle cx="{across(value)}" cy="{middle}" r="3.4" fill="{color}"/></svg>'
        '<span class="vh">drawn from 0 to 100%</span>'
    )


def dot_strip(values: Sequence[float], color: str, own: float | None = None) -> str:
    """A dot for each site from 0 to 100 % as SVG, one's own ringed; empty where there are none."""
    if not values and own is None:
        return ""
    middle = HEIGHT / 2
    dots = "".join(
        f'<circle cx="{across(one)}" cy="{middle}" r="2.6" fill="{color}" fill-opacity=".45"/>' for one in values
    )
    ring = (
        f'<circle cx="{across(own)}" cy="{middle}" r="4.5" fill="none" stroke="#1d2733" stroke-width="1.5"/>'
        if own is not None
        else ""
    )
    return (
        f'<svg class="strip" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" focusable="false">'
        f'<path d="M4 {middle}H{WIDTH - 4}" stroke="#dde3e9" stroke-width="1"/>{dots}{ring}</svg>'
    )


Line = tuple[str, str, Sequence[tuple[str, float, float, float]]]  # name, color, and a site's code, share and range
LABELED, ROW, LEFT, RIGHT, LETTER = 380.0, 34, 92.0, 14.0, 6.2  # of a strip with names


def labeled_strips(lines: Sequence[Line], name: str, title: str, about: str) -> str:
    """Strips one under another with a common scale as SVG: name, color, and each site's code, share and range.

    A site's code stands at its dot where there is room beside the one before.
    """
    high = max((one[3] for _, _, dots in lines for one in dots), default=1.0)
    top = min(1.0, ceil(round(5 * high, 6)) / 5 or 0.2)  # by fifths: a quarter of it is a whole percent
    height = ROW * len(lines) + 22

    def at(share: float) -> float:
        return round(LEFT + (LABELED - LEFT - RIGHT) * min(share, top) / top, 1)

    body = "".join(
        f'<path d="M{at(top * step / 4)} 4V{height - 18}" stroke="#e3e8ed"/>'
        f'<text x="{at(top * step / 4)}" y="{height - 4}" text-anchor="middle" fill="{LINE}">'
        f"{round(100 * top * step / 4)}%</text>"
        for step in range(5)
    )
    for number, (label, color, dots) in enumerate(lines):
        y = ROW * number + 24
        body += f'<text x="0" y="{y + 4}" fill="{color}" font-weight="700">{text(label)}</text>'
        for _, share, low, up in dots:
            body += f'<path d="M{at(low)} {y}H{at(up)}" stroke="{color}" stroke-opacity=".25" stroke-width="2"/>'
            body += f'<circle cx="{at(share)}" cy="{y}" r="3.6" fill="{color}" fill-opacity=".8"/>'
        for code, x in with_room([(code, at(share)) for code, share, _, _ in dots]):
            body += f'<text x="{x}" y="{y - 7}" text-anchor="middle" fill="#1d2733">{text(code)}</text>'
    return (
        f'<svg viewBox="0 0 {LABELED:.0f} {height}" font-size="11" font-family="Arial, sans-serif" role="img"'
        f' aria-labelledby="{name}-title {name}-desc"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(about)}</desc>{body}</svg>'
    )


def with_room(names: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """The names that do not run into each other: the last and the first before those between them."""
    placed: list[tuple[str, float]] = []
    first, *rest = sorted(names, key=lambda one: one[1]) or [("", 0.0)]
    for code, x in [*rest[-1:], first, *rest[:-1]]:
        half = LETTER * len(code) / 2 + 1.5
        if all(abs(x - other) >= half + LETTER * len(name) / 2 + 1.5 for name, other in placed):
            placed.append((code, x))
    return placed
