"""One column, one meaning: every download of the demonstration and the dictionary of columns."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import openpyxl
import pandas as pd
import pytest

import stp_dash.pages as pages_of_the_site
from db.settings import load_settings
from db.store import Store
from stp_dash.analysis.download_columns import column_definition, column_definitions
from stp_dash.analysis.sheet import Column, Sheet
from stp_dash.application import create_app
from stp_dash.elements.links import DOWNLOADS
from stp_dash.frame.download import _csv, _workbook
from stp_dash.frame.request import Site
from stp_dash.pages import PAGES
from stp_dash.web.router import Router
from tests.support.seed import store_for_a_module, three_subjects
from tests.support.site.cells import faults
from tests.support.site.pages import file_at, view_at

FIRST = (
    "/", "/?by=ccg", "/variation", "/variation?by=icb", "/variation?by=practice&indicator=gp-nurse-fte-rate",
    "/variation?by=team&indicator=stroke-thrombolysed", "/trend", "/trend?organisation=RVV",
    "/trend?indicator=stroke-thrombolysed&organisation=S148",
    "/trend?indicator=cancer-31-day-combined&organisation=RVV",
    "/organisation", "/organisation?organisation=RVV", "/organisation?organisation=S148", "/staffing",
    "/data", "/data?indicator=gp-nurse-fte-rate", "/data?indicator=stroke-thrombolysed&organisation=S148",
)  # fmt: skip
MOST_OF_A_PAGE = 8
"""Of each page the first states, and some that they lead to: four times as many lead to no other sheet or column."""
LINK = re.compile(r'(?:href|value)="(/[^"#]*)')


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from store_for_a_module(tmp_path_factory, "columns", three_subjects(), demonstration=True)


def downloads(store: Store) -> Iterator[tuple[str, bytes]]:
    """Every CSV that pages near the first ones lead to, by its address."""
    router = Router(Site(store, load_settings()), PAGES)
    waiting, known, walked = deque(FIRST), set(FIRST), dict[str, int]()
    while waiting:
        address = waiting.popleft()
        path = urlsplit(address).path
        if path.startswith("/download/"):
            if path.endswith(".csv"):
                content = file_at(router, address)
                assert content is not None, address
                yield address, content
            continue
        walked[path] = walked.get(path, 0) + 1
        if walked[path] > MOST_OF_A_PAGE:
            continue
        for found in LINK.findall(view_at(router, address).html):
            link = unescape(found)
            if link not in known and not link.startswith(("/operations", "/_", "/assets", "/sign", "/pack")):
                known.add(link)
                waiting.append(link)


def table_of(content: bytes) -> tuple[list[str], list[dict[str, str]]]:
    lines = content.decode("utf-8-sig").split("\r\n")
    rows = csv.reader(
        io.StringIO("\r\n".join(line for line in lines if not line.startswith("#")), newline="")
    )
    heads, *cells = list(rows)
    return heads, [dict(zip(heads, row, strict=True)) for row in cells]


def test_every_cell_of_every_download_is_what_the_dictionary_says(store: Store) -> None:
    catalogue = store.catalogue.indicators.values()
    units = {item.id.replace("-", "_"): item.unit for item in catalogue}
    told, used, kinds = set[str](), set[str](), set[str]()
    for address, content in downloads(store):
        heads, rows = table_of(content)
        assert len(set(heads)) == len(heads), address
        used |= {column_definition(key).key for key in heads}
        parts = urlsplit(address)
        kinds.add(f"{parts.path.rpartition('/')[2]} {parts.query.rpartition('sheet=')[2]}")
        told |= {f"{address} {fault}" for fault in faults(heads, rows, units)}
    assert told == set()
    assert len(kinds) >= 15, kinds
    assert used <= set(column_definitions())


def test_nothing_is_described_that_no_page_writes() -> None:
    pages = Path(pages_of_the_site.__file__).parents[1].rglob("*.py")
    text = "".join(path.read_text("utf-8") for path in pages)
    built = ("decile_", "among_", "funnel_lower_", "funnel_upper_")
    unwritten = [key for key in column_definitions() if f'"{key}"' not in text and f"__{key}" not in text]
    assert [key for key in unwritten if not key.startswith(built)] == []


def sample() -> Sheet:
    texts = ["-5 and so on", 'say "#1", then', "=1+1", ""]
    numbers = [-3, -0.0, 1 / 3, None]
    columns = (
        Column("", (), "organisation_name", texts),
        Column("", (), "short_of_national", numbers),
        Column("", (), "rank", [1, 2, 3, 4]),
    )
    return Sheet("s", "S", "S", columns, "Us")


def test_only_text_is_kept_from_being_a_formula() -> None:
    _, rows = table_of(_csv(sample(), []))
    assert [row["short_of_national"] for row in rows] == ["-3", "0.0", "0.3333333333333333", ""]
    assert [row["organisation_name"] for row in rows] == ["'-5 and so on", 'say "#1", then', "'=1+1", ""]


def test_pandas_skips_the_first_lines_as_comments_and_reads_every_cell(tmp_path: Path) -> None:
    about = [("Title", 'One, two "three" and #4'), ("Source", "Us, them")]
    file = tmp_path / "sample.csv"
    file.write_bytes(_csv(sample(), about))
    assert file.read_bytes().startswith(
        b'\xef\xbb\xbf# Title: One, two "three" and #4\r\n# Source: Us, them\r\n'
    )
    read = pd.read_csv(file, comment="#")
    assert list(read.columns) == ["organisation_name", "short_of_national", "rank"]
    assert read["short_of_national"].tolist()[:3] == [-3.0, 0.0, 1 / 3]
    assert read["organisation_name"].tolist()[1] == 'say "#1", then'
    assert read["rank"].dtype.kind == "i"


def test_a_reader_that_cuts_lines_at_a_comment_outside_quotes_loses_nothing() -> None:
    """As R's read.csv does with comment.char = "#"."""
    text = _csv(sample(), [("Title", "One, two")]).decode("utf-8-sig")
    kept, quoted = [], False
    for line in text.splitlines():
        out = ""
        for letter in line:
            quoted ^= letter == '"'
            if letter == "#" and not quoted:
                break
            out += letter
        if out:
            kept.append(out)
    heads, rows = table_of(text.encode())
    assert list(csv.reader(kept)) == [heads, *([row[key] for key in heads] for row in rows)]


def test_a_workbook_says_what_its_columns_mean_and_leaves_the_missing_empty() -> None:
    book = openpyxl.load_workbook(io.BytesIO(_workbook(sample(), [("Title", "T")])))
    told = [[cell.value for cell in row] for row in book["Columns"].iter_rows()]
    last = [cell.value for cell in list(book["Numbers"].iter_rows())[-1]]
    book.close()
    known = column_definition("short_of_national")
    assert told[0] == ["column", "meaning", "unit", "type"]
    assert told[2] == ["short_of_national", known.meaning, known.unit, "number"]
    assert last == [None, None, 4]


def test_the_page_of_columns_is_the_dictionary(store: Store) -> None:
    client = create_app(store).server.test_client()
    shown = unescape(client.get(DOWNLOADS).get_data(as_text=True))
    for key, known in column_definitions().items():
        assert f"<code>{key}</code>" in shown, key
        assert known.meaning in shown, key
    assert f'href="{DOWNLOADS}"' in client.get("/data").get_data(as_text=True)
