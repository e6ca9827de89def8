"""What every benchmark shares: sides that take turns, a printed line, and a process's own peak memory."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

ROUNDS = 5
_KILOBYTES = 1024


def alternate(*sides: Callable[[], float], rounds: int = ROUNDS) -> list[float]:
    """The median seconds of each side over rounds in which they take turns."""
    times: list[list[float]] = [[] for _ in sides]
    for _ in range(rounds):
        for taken, side in zip(times, sides, strict=True):
            taken.append(side())
    return [median(taken) for taken in times]


def show(what: str, figure: float, wanted: str) -> None:
    print(f"\n{what}: {figure:.3g} (wanted {wanted})", file=sys.stderr)


def peak_megabytes() -> float:
    """This process's peak memory. Not getrusage: its peak is inherited from the process that started this one."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / _KILOBYTES
