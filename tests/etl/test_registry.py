"""Every real file is claimed by the one source that it is of."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.registry import SOURCES
from etl.source import RawFile

FOLDERS = {
    "cancer/monthly-provider-csv-2015-06-to-2017-07": "*.csv",
    "stroke/scoring_summary": "*.csv",
    "cancer": "*.xlsx",
}
NOT_OURS = {"Technical-note-on-tumour-classifications-in-31-and-62-day-combined-standards.xlsx"}


@pytest.mark.real_data
@pytest.mark.parametrize(("folder", "pattern"), FOLDERS.items())
def test_each_file_is_claimed_once(shared_data: Path, folder: str, pattern: str) -> None:
    expected = "ssnap" if folder.startswith("stroke") else "cancer_waiting_times"
    files = sorted((shared_data / folder).glob(pattern))[::4]
    assert files
    for path in files:
        raw = RawFile(path.name, path.read_bytes())
        claims = [source.id for source in SOURCES.values() if source.recognise(raw)]
        assert claims == ([] if path.name in NOT_OURS else [expected]), path.name
