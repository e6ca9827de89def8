"""The rebuilt table of printed rows: England's figures, and its ages left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.domain import ENGLAND, Period
from etl.source import Hints, RawFile
from etl.sources.outcomes_framework import SOURCE

pytestmark = pytest.mark.real_data

PRINTED = {
    2023: (841.8, 839.5, 844.1, 521065, 507865.9),
    2021: (808.9, 806.6, 811.2, 486173, 493128.1),
    2019: (862.1, 859.8, 864.5, 512608, 487822.8),
}


def test_england_has_the_printed_figures(shared_data: Path) -> None:
    path = shared_data / "outcomes_framework/NHSOF_2.3.i_I00708_D_rebuilt.csv"
    raw = RawFile(path.name, path.read_bytes())
    assert SOURCE.recognise(raw)
    frame = SOURCE.parse(raw, Hints()).frame
    columns = ["value", "lower_95", "upper_95", "numerator", "denominator"]
    found = {item["period"]: tuple(item[name] for name in columns) for item in frame.to_dict("records")}
    assert found == {Period.financial_year(year).key: figures for year, figures in PRINTED.items()}
    assert set(frame["organisation"]) == {ENGLAND}
