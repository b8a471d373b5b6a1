"""The table of results: every line the scripts printed, against the line it has to meet."""

import json
import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring import with_module

HERE = Path(__file__).parent
RESULTS, LINES = HERE / "RESULTS.md", HERE / "results.jsonl"
OURS = ("numpy", "scipy", "duckdb", "pandas", "statsmodels")
ASKED = ("scikit-learn", "lifelines", "tableone", "numpy", "pandas")
R_PACKAGES = ("survival", "cmprsk", "nnet", "lme4")
VERSIONS = "import importlib.metadata as m, sys; print(', '.join(f'{p} {m.version(p)}' for p in sys.argv[1:]))"
Line = dict[str, Any]
HOW = (
    (
        "Same numbers, same machine, one run, a fresh process for every measurement, ours and the peers' in turns,"
        " median of three (a"
    ),
    (
        "process of more than ten seconds is asked once). Seconds are those of the computation without reading the"
        " file; peak MB are of the"
    ),
    (
        "whole process. Apart is the largest difference of an answer from ours, in standard errors (SE) where the"
        " answer has one; peers"
    ),
    "stop at their own tolerance.",
)


def setting() -> dict[str, str]:
    """What the run was made on and with."""
    return {
        "machine": machine(),
        "ours": f"Python {platform.python_version()}, " + ", ".join(f"{p} {installed(p)}" for p in OURS),
        "peers": peers(),
        "threads": "in Python as the libraries choose and with one (marked ¹), the faster counts; in R as it comes",
        "date": datetime.now(UTC).date().isoformat(),
    }


def machine() -> str:
    """Processor, cores and memory."""
    told = Path("/proc/cpuinfo")
    model = (
        next(
            (line.split(":")[1].strip() for line in told.read_text().splitlines() if line.startswith("model name")),
            platform.processor(),
        )
        if told.exists()
        else platform.processor()
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}"


def installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def peers() -> str:
    """Versions of the peers that are there."""
    found = []
    python = with_module("sklearn") or with_module("lifelines")
    if python:
        said = subprocess.run([python, "-c", VERSIONS, *ASKED], capture_output=True, text=True, check=False)
        found.append(said.stdout.strip() or "some peers in Python are not installed")
    rscript = shutil.which("Rscript")
    if rscript:
        words = ", ".join(f"'{package}'" for package in R_PACKAGES)
        program = f"cat(R.version.string, sapply(c({words}), function(p) paste(p, packageVersion(p))), sep = ', ')"
        found.append(
            subprocess.run([rscript, "-e", program], capture_output=True, text=True, check=False).stdout.strip()
        )
    return "; ".join(found) or "none is installed"


def fastest(line: Line) -> Line | None:
    """The peer that took the shortest, of those that answered."""
    answered = [peer for peer in line["peers"] if "seconds" in peer]
    return min(answered, key=lambda peer: peer["seconds"], default=None)


def ratio(line: Line) -> float | None:
    """How many times our seconds the fastest peer takes."""
    peer = fastest(line)
    return peer["seconds"] / line["seconds"] if peer and "failed" not in line else None


def met(line: Line) -> bool | None:
    """Whether a line meets what it has to; None where there is nothing to meet or nobody to compare with."""
    if "failed" in line:
        return False
    times, found = ratio(line), []
    if line.get("times") and times is not None:
        found.append(times >= line["times"])
    if line.get("at_most") and times is not None:
        found.append(1 / times <= line["at_most"])
    if line.get("limit"):
        found.append(line["seconds"] <= line["limit"])
    if line.get("peak_limit"):
        found.append(line["peak_mb"] < line["peak_limit"])
    return all(found) if found else None


def target(line: Line) -> str:
    """What a line has to meet, in words."""
    said = []
    if line.get("times"):
        said.append(f"≥ {line['times']:g}×")
    if line.get("at_most"):
        said.append(f"≤ {line['at_most']:g} × as long")
    if line.get("limit"):
        said.append(f"≤ {line['limit']:g} s")
    if line.get("peak_limit"):
        said.append(f"< {line['peak_limit']:,} MB")
    return ", ".join(said) or "–"


def markdown(lines: list[Line], head: dict[str, str], small: bool) -> str:
    """The whole page."""
    words = ["# Seconds and memory beside the peers'", ""]
    if small:
        words += ["**A quick look at small sizes: the ratios say nothing about the targets.**", ""]
    words += [
        f"- Machine: {head['machine']}",
        f"- Ours: {head['ours']}",
        f"- Peers: {head['peers']}",
        f"- Threads: {head['threads']}",
        f"- Made on {head['date']} with `python -m tests.benchmarks`; rows of another date were kept from that run",
        "",
        *HOW,
        "",
        "| job | size | ours: s (MB) | peers: s (MB) | fastest peer / ours | target | met | answers apart | date |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    words += [row(line, small) for line in lines]
    missed = [] if small else [line for line in lines if met(line) is False]
    if missed:
        words += ["", "## Missed, and what bounds it", ""]
        words += [
            f"- **{line['job']}, {size(line)}**: {line.get('failed') or line.get('bound') or 'not profiled'}."
            for line in missed
        ]
    away = sorted(
        {
            f"{peer['name']} ({line['job']}): {peer['left_out']}"
            for line in lines
            for peer in line["peers"]
            if "left_out" in peer
        }
    )
    if away:
        words += ["", "## Left out", "", *(f"- {one}." for one in away)]
    return "\n".join(words) + "\n"


def row(line: Line, small: bool) -> str:
    """One row of the table; at small sizes nothing is met or missed."""
    if "failed" in line:
        return f"| {line['job']} | {size(line)} | failed | | | {target(line)} | no | | {line['date']} |"
    told = [f"{peer['name']} {taken(peer)}" for peer in line["peers"] if "seconds" in peer]
    times, good = ratio(line), None if small else met(line)
    return " ".join(
        [
            "|",
            line["job"],
            "|",
            size(line),
            "|",
            taken(line),
            "|",
            "; ".join(told) or "–",
            "|",
            "–" if times is None else f"{times:.3g}",
            "|",
            target(line),
            "|",
            {True: "yes", False: "**no**", None: "–"}[good],
            "|",
            "; ".join(filter(None, (distance(peer) for peer in line["peers"]))) or "–",
            "|",
            line["date"],
            "|",
        ]
    )


def taken(line: Line) -> str:
    """Seconds, marked where one thread was the faster, and peak MB."""
    return f"{line['seconds']:g}{'¹' * bool(line.get('one_thread'))} ({line['peak_mb']:,})"


def size(line: Line) -> str:
    return f"{line['size']:,} {line['unit']}"


def distance(peer: Line) -> str:
    """How far a peer's answers lie from ours."""
    if peer.get("apart") is None:
        return f"{peer['name']}: other answers" if peer.get("agrees") is False else ""
    errors = f", SEs {peer['errors_apart']:.0e}" if "errors_apart" in peer else ""
    return (
        f"{peer['name']} {peer['apart']:.0e} {peer['in']}".strip() + errors + ("" if peer["agrees"] else " (too far)")
    )


def kept(scripts: set[str]) -> list[Line]:
    """Lines of earlier runs of other scripts."""
    if not LINES.exists():
        return []
    return [
        line
        for line in map(json.loads, LINES.read_text(encoding="utf-8").splitlines())
        if line["script"] not in scripts
    ]


def store(lines: list[Line], order: list[str], head: dict[str, str]) -> None:
    """Writes the lines, those of other scripts kept, and the table."""
    both = sorted(kept({line["script"] for line in lines}) + lines, key=lambda line: order.index(line["script"]))
    LINES.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in both), encoding="utf-8")
    RESULTS.write_text(markdown(both, head, small=False), encoding="utf-8")
