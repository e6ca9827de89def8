"""Mid-year estimates: components of change, whose sums are made where every authority that is known is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from db.catalogue import load_catalogue
from db.domain import ENGLAND, Period
from etl.source import Hints, LayoutError
from etl.sources.population import SOURCE
from tests.etl.sources.population.made_up import KENT, components

YEAR_2002 = Period.snapshot(date(2002, 6, 30)).key
DISTRICTS = dict.fromkeys(KENT, (1_000, 0))


def totals(
    rows: dict[str, tuple[int, int]], *, prefix: str = "lad", mark: bytes = b""
) -> dict[str, tuple[float, bool]]:
    """Of 2002 by organisation: residents, and whether the row is a sum."""
    raw = components(rows, prefix=prefix, mark=mark)
    assert SOURCE.recognise(raw)
    frame = SOURCE.parse(raw, Hints()).frame
    own = frame[frame["period"] == YEAR_2002]
    columns = (own[name].tolist() for name in ("organisation", "value", "derived"))
    return {code: (value, derived) for code, value, derived in zip(*columns, strict=True)}


@pytest.mark.parametrize(("prefix", "mark"), [("lad", b""), ("la", b"\xef\xbb\xbf")])
def test_a_county_is_the_sum_of_its_districts_and_a_part_has_no_england(prefix: str, mark: bytes) -> None:
    found = totals({**DISTRICTS, "E06000035": (500, 0), "W06000023": (700, 0)}, prefix=prefix, mark=mark)
    assert found["E06000035"] == (520, False)
    assert found["E10000016"] == (12 * 1_020, True)
    assert not {ENGLAND, "W06000023"} & found.keys()
    assert "E10000016" not in totals(dict.fromkeys(KENT[1:], (1_000, 0)))


def test_england_is_the_sum_of_its_authorities() -> None:
    day = date(2019, 4, 1)
    whole = [
        item.code
        for item in load_catalogue().organisations.values()
        if item.code.startswith(("E06", "E08", "E09"))
        and (item.opened_on or day) <= day <= (item.closed_on or day)
    ]
    found = totals({**DISTRICTS, **dict.fromkeys(whole, (100, 0)), "S12000005": (900, 0)})
    assert found[ENGLAND] == (12 * 1_020 + len(whole) * 120, True)


def test_a_year_is_the_one_before_with_its_changes_but_for_rounding() -> None:
    rounded = SOURCE.parse(components({"E06000035": (500, 10)}), Hints())
    (told,) = rounded.findings
    assert (told.check, told.count) == ("changes", 1)
    assert "Area, E06000035 2002" in told.message
    with pytest.raises(LayoutError, match=r"about 531 residents of Area, E06000035 in 2002, .* found 520"):
        SOURCE.parse(components({"E06000035": (500, 11)}), Hints())


def test_a_blank_row_above_says_nothing_and_a_header_alone_is_refused() -> None:
    whole = components(DISTRICTS)
    assert len(SOURCE.parse(replace(whole, content=b"\r\n,,\r\n" + whole.content), Hints()).frame) == 2 * 13
    with pytest.raises(LayoutError, match="row 1: wanted authorities of England below, found none"):
        SOURCE.parse(replace(whole, content=whole.content.split(b"\r\n")[0]), Hints())
