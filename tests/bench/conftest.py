"""The benchmarks' one table: printed when all have run, and kept in `build/performance.md`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.measuring import FIGURES, table

KEPT = Path(__file__).resolve().parents[2] / "build" / "performance.md"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not FIGURES:
        return
    text = table(FIGURES)
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(text + "\n", encoding="utf-8")
    terminalreporter.write_sep("=", "figures")
    terminalreporter.write_line(text)
