"""The small charts over time: where a line goes on under other codes."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from datetime import date

from db.catalogue import LineageStep
from db.domain import Period
from stp_dash.analysis.kinds import COMPARISONS
from stp_dash.pages.variation.multiples import Multiples, MultiplesInput, PanelSeries, multiples
from tests.stp_dash.analysis.test_area import INDICATOR, reading

MONTHS = [Period.month(2026, number) for number in range(1, 7)]
STEPS = (LineageStep(("QNX",), None, date(2026, 3, 31)),)


def drawn(steps: Sequence[LineageStep], codes: Sequence[str]) -> Multiples:
    both = zip(codes, MONTHS, strict=True)
    readings = tuple(reading(code, month, 70 + n, 100) for n, (code, month) in enumerate(both))
    line = PanelSeries(INDICATOR, "Ours", codes[-1], "/trend", readings, steps=tuple(steps))
    found = multiples(
        MultiplesInput(INDICATOR, COMPARISONS["icb"], MONTHS[-1], "all", (line,), None, {}, "A source")
    )
    assert found is not None
    return found


def test_a_line_that_goes_on_under_another_code_is_ruled_and_says_from_which_to_which() -> None:
    merged = drawn(STEPS, ["QNX"] * 3 + ["S9B9J"] * 3)
    alone = drawn((), ["S9B9J"] * 6)
    (after,), (before,) = (
        [b64decode(panel.image.partition(",")[2]).decode() for panel in item.panels]
        for item in (merged, alone)
    )
    assert merged.panels[0].label == f"{alone.panels[0].label} QNX → S9B9J."
    assert after.count("<path") == before.count("<path") + 1
    assert merged.key == f"{alone.key} Thin upright line: a change of codes by merger or split: QNX → S9B9J."
    assert drawn(STEPS, ["S9B9J"] * 6).panels == alone.panels
