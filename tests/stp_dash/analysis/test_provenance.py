"""Where a figure comes from."""

from __future__ import annotations

import pytest

from db.domain.file import FileReference
from stp_dash.analysis.provenance import file_line, provenance
from tests.support.site.readings import NEEDLE, WITHIN, reading


@pytest.mark.parametrize(
    ("url", "demonstration", "shown"),
    [
        ("https://www.england.nhs.uk/a.xlsx", False, "https://www.england.nhs.uk/a.xlsx"),
        ("https://www.england.nhs.uk/a.xlsx", True, ""),
        ("http://127.0.0.1:4711/a.xlsx", False, ""),
        ("http://[::1]:80/a.xlsx", False, ""),
        ("http://localhost/a.xlsx", False, ""),
        ("file:///a.xlsx", False, ""),
        ("javascript:alert(1)", False, ""),
        ("", False, ""),
    ],
)
def test_only_addresses_that_a_reader_can_follow_are_links(url: str, demonstration: bool, shown: str) -> None:
    assert file_line(FileReference(1, "a.xlsx", "A", url, None, demonstration)).url == shown


def test_the_publisher_is_the_indicators_own() -> None:
    facts = dict(provenance(WITHIN, reading(WITHIN, (59, 78)), {}).facts)
    assert facts["Publisher"] == "Sentinel Stroke National Audit Programme (SSNAP), King's College London"
    assert facts["Patients thrombolysed"] == "78"


def test_a_value_without_counts_says_so() -> None:
    facts = dict(provenance(NEEDLE, reading(NEEDLE, None, value=50), {}).facts)
    assert facts["Counts"] == "None published"
    assert "Not published" not in facts
