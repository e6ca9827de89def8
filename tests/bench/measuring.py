"""What every benchmark shares: sides that take turns, figures for the one table, and a process's own memory."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import pytest

ROUNDS = 5
PEERS = Path(__file__).resolve().parents[2] / "build" / "peers" / "bin"
"""Where `make bench` installs what is only measured against: tests/bench/peers/requirements.in."""
_KILOBYTES = 1024

Result = TypeVar("Result")


@dataclass(frozen=True)
class Figure:
    """One row of the table: `wanted` is a bound in words, "" where the figure is only told."""

    part: str
    what: str
    figure: float
    unit: str
    most: float | None
    least: float | None

    @property
    def met(self) -> bool:
        above = self.most is not None and self.figure > self.most
        return not above and not (self.least is not None and self.figure < self.least)

    @property
    def wanted(self) -> str:
        if self.most is not None:
            return f"at most {self.most:g}"
        return "" if self.least is None else f"at least {self.least:g}"


FIGURES: list[Figure] = []


def alternate(*sides: Callable[[], float], rounds: int = ROUNDS) -> list[float]:
    """The median seconds of each side over rounds in which they take turns."""
    times: list[list[float]] = [[] for _ in sides]
    for _ in range(rounds):
        for taken, side in zip(times, sides, strict=True):
            taken.append(side())
    return [median(taken) for taken in times]


def note(
    part: str,
    what: str,
    figure: float,
    unit: str = "×",
    *,
    most: float | None = None,
    least: float | None = None,
) -> Figure:
    """Put a figure into the table, with the bound that it is to keep. `×` is a ratio of two sides of one run."""
    row = Figure(part, what, figure, unit, most, least)
    FIGURES.append(row)
    return row


def table(figures: Sequence[Figure]) -> str:
    """All figures as one table in Markdown, in the order of their parts."""
    lines = ["| part | what | figure | wanted | met |", "| --- | --- | ---: | --- | --- |"]
    order = {part: place for place, part in enumerate(dict.fromkeys(item.part for item in figures))}
    for item in sorted(figures, key=lambda row: order[row.part]):
        met = "" if not item.wanted else "yes" if item.met else "**no**"
        figure = f"{item.figure:,.0f}" if item.figure >= 100 else f"{item.figure:.3g}"
        lines.append(f"| {item.part} | {item.what} | {figure} {item.unit} | {item.wanted} | {met} |")
    return "\n".join(lines)


def peer(*arguments: str, **environment: str) -> str:
    """What a program of the peers' own environment prints. Skips, saying how to get it, where it is not installed."""
    program = PEERS / arguments[0]
    if not program.exists():
        pytest.skip(f"{arguments[0]} of the peers is not installed: make bench")
    command = [str(program), *arguments[1:]]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ | environment)
    if done.returncode:
        pytest.fail(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def in_own_process(work: Callable[..., Result], *arguments: Any) -> Result:
    """What `work` gives in a process of its own, and so with a memory of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def forget_peak() -> None:
    """Let this process's peak memory begin anew, from what it holds now."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_megabytes() -> float:
    """This process's peak memory. Not getrusage: its peak is inherited from the process that started this one."""
    return _status("VmHWM")


def memory_megabytes(process: int | str = "self") -> float:
    """What a process holds in memory now, what it shares with others included."""
    return _status("VmRSS", process)


def _status(name: str, process: int | str = "self") -> float:
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(name))
    return int(line.split()[1]) / _KILOBYTES
