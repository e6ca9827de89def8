"""Series and phases of no, one and two values: every page, printed page and download answers, and says the figure."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import openpyxl
import pytest
from sqlalchemy import Connection

from db.catalogue import load_catalogue
from db.domain import Period
from db.figures.data_version import data_version
from db.figures.decisions.rebases import record_rebase
from db.settings import load_settings
from stp_dash.analysis.control import LIMITS_FROM
from stp_dash.analysis.wording import value_text
from stp_dash.frame.download import download
from stp_dash.frame.request import PageRequest, Site
from stp_dash.pages import PAGES as ALL_PAGES
from stp_dash.web.router import Router
from tests.support.seed import (
    FDS,
    GPS,
    LEVEL,
    NEEDLE,
    TREATED_62,
    WITHIN_60,
    Row,
    seeded_store,
    three_subjects,
)
from tests.support.site.pages import file_at, view_at

SERIES = (
    (FDS, "RVV"),
    (TREATED_62, "QKS"),
    (WITHIN_60, "QKS"),
    (NEEDLE, "S148"),
    (LEVEL, "S148"),
    (GPS, "QKS"),
    (GPS, "G82001"),
)
RULES = ("national", "nhs-r")
TREND = "/trend?indicator={}&organisation={}"
PAGES = (
    "/",
    f"/?indicator={FDS}",
    "/challenges",
    f"/variation?indicator={FDS}",
    f"/variation?indicator={TREATED_62}&dispersion=on",
    f"/variation?indicator={WITHIN_60}",
    f"/variation?indicator={WITHIN_60}&by=team",
    f"/variation?indicator={GPS}&by=practice",
    "/organisation?organisation=QKS",
    "/organisation?organisation=RVV",
    "/organisation?organisation=S148",
    "/organisation?organisation=G82001",
    "/staffing",
    f"/data?indicator={FDS}&organisation=RVV",
)

_NOUNS = (
    "months|quarters|years|snapshots|periods|values|points|rows|files|patients|posts|trusts|ICBs|CCGs|CCG areas|areas|"
    "sub-ICB locations|teams|stroke teams|practices|groups|tumour groups|organisations|standards|indicators|figures"
)
ONE_OF_MANY = re.compile(rf"(?<![\w.,%–-])(?:1|[Oo]ne) (?:{_NOUNS})\b|\b[Aa]ll (?:1|one)\b|\b[Bb]oth \d")
"""One thing called by a plural."""


@dataclass(frozen=True)
class Case:
    """How many values each series keeps, how many newest ones are missing, and how many values a restart leaves."""

    kept: int | None = None
    missing: int = 0
    phase: int | None = None

    @property
    def has_figures(self) -> bool:
        return self.kept is None or self.kept > self.missing

    @property
    def waits(self) -> bool:
        """Whether the restart is of a day from which there is no figure yet."""
        return self.phase is not None and self.phase <= self.missing


CASES = {
    "no value": Case(kept=1, missing=1),
    "one value": Case(kept=1),
    "two values": Case(kept=2),
    "one value, then a missing one": Case(kept=2, missing=1),
    "a restart without a figure": Case(phase=0),
    "a restart at the newest figure": Case(phase=1),
    "a restart at the second newest": Case(phase=2),
    "a restart at a missing period": Case(missing=1, phase=1),
    "a restart before a missing period": Case(missing=1, phase=2),
    "two values, a restart between them": Case(kept=2, phase=1),
}


@cache
def _rows(case: Case) -> tuple[Row, ...]:
    series: dict[tuple[str, str, str], list[Row]] = {}
    for row in three_subjects():
        series.setdefault((row.indicator, row.organisation, row.breakdown), []).append(row)
    found: list[Row] = []
    for rows in series.values():
        ordered = sorted(rows, key=lambda row: row.period)[-(case.kept or 0) :]
        whole = len(ordered) - case.missing
        gone = [replace(row, numerator=None, denominator=None, value=None) for row in ordered[whole:]]
        found += [*ordered[:whole], *gone]
    return tuple(found)


def _restart(case: Case, indicator: str, organisation: str) -> date:
    """The day of the period that leaves so many periods in the last phase; for none a month after the newest."""
    periods: list[Period] = sorted(
        row.period
        for row in three_subjects()
        if (row.indicator, row.organisation, row.breakdown) == (indicator, organisation, "all")
    )
    return periods[-case.phase].start.replace(day=1) if case.phase else date(2027, 1, 1)


@dataclass(frozen=True)
class Asked:
    """The site of a case: its pages and files as the router makes them, each page once for all tests."""

    case: Case
    router: Router
    shown: dict[str, str] = field(default_factory=dict)

    def page(self, address: str) -> str:
        """A page's title and body, of which every word is looked at."""
        if address not in self.shown:
            self.shown[address] = self._made(address)
        return self.shown[address]

    def _made(self, address: str) -> str:
        view = view_at(self.router, address)
        assert view.status == 200, address
        text = f"<title>{html.escape(view.title)}</title>{view.html}"
        assert not re.search(r">[^<]*\b(nan|inf)\b[^<]*<", text), address
        wrong = ONE_OF_MANY.search(words := _words(text))
        assert not wrong, (address, words[wrong.start() - 60 : wrong.end()])
        return text

    def sheets(self, address: str) -> dict[str, bytes]:
        """Every sheet of a page as CSV, from one making of it."""
        path, _, search = address.partition("?")
        spec = next(item for item in ALL_PAGES if item.path == path)
        request = PageRequest(self.router.site, path, dict(parse_qsl(search)))

        def read(connection: Connection) -> dict[str, bytes]:
            version = data_version(connection)
            page = spec.build(request, connection, version)
            asked = {item.name: {**request.parameters, "sheet": item.name} for item in page.sheets}
            return {
                name: download(page, replace(request, parameters=parameters), version, "csv")[1]
                for name, parameters in asked.items()
            }

        return self.router.site.read(read)

    def file(self, link: str) -> bytes:
        found = file_at(self.router, link)
        assert found is not None, link
        return found


@pytest.fixture(scope="module", params=CASES, ids=lambda name: name.replace(" ", "-"))
def asked(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    case = CASES[request.param]
    store = seeded_store(tmp_path_factory.mktemp("few") / "store.sqlite", _rows(case))
    if case.phase is not None:
        with store.writing() as connection:
            for indicator, organisation in SERIES:
                record_rebase(
                    connection,
                    indicator_code=indicator,
                    organisation_code=organisation,
                    on=_restart(case, indicator, organisation),
                    reason="Boundary change",
                    role="Head of primary care",
                )
    yield Asked(case, Router(Site(store, load_settings()), ALL_PAGES))
    store.close()


def test_every_page_and_download_answers(asked: Asked) -> None:
    """Each page under one of the rule profiles, in turns by page and case, and every second one printed by the other.

    So every two of page, case, profile and print meet. Each sheet is a workbook once.
    """
    workbooks: set[str] = set()
    pages = (*PAGES, *(TREND.format(*series) for series in SERIES))
    for turn, page in enumerate(pages, list(CASES.values()).index(asked.case)):
        joint = "&" if "?" in page else "?"
        on_screen, printed = RULES if turn % 2 else reversed(RULES)
        if turn % 4 < 2:
            asked.page(f"{page}{joint}rules={printed}&print=1")
        address = f"{page}{joint}rules={on_screen}"
        sheets = asked.sheets(address)
        for name, content in sheets.items():
            text = content.decode("utf-8-sig")
            assert not re.search(r"\b(nan|inf)\b", text, re.IGNORECASE), (address, name)
            assert not ONE_OF_MANY.search(text), (address, name)
        links = sorted(set(re.findall(r'href="(/download/[^"]*)"', asked.page(address))))
        for link in (html.unescape(item) for item in links):
            sheet = re.sub(r"\?.*sheet=", " ", link)
            assert sheet.rpartition(" ")[2] in sheets, link
            if ".csv" not in link and sheet not in workbooks:
                workbooks.add(sheet)
                openpyxl.load_workbook(io.BytesIO(asked.file(link))).close()
    assert workbooks or not asked.case.has_figures


@pytest.mark.parametrize("rules", RULES)
def test_a_trend_says_its_figure_and_no_verdict(asked: Asked, rules: str) -> None:
    case = asked.case
    for series in SERIES if case.has_figures else ():
        words = _words(asked.page(f"{TREND.format(*series)}&rules={rules}"))
        assert _figure(case, *series) in words, series
        if series[0] != LEVEL and not case.waits:
            assert "Steady" not in words, series
            assert not re.search(r"will (not|keep)|0% and 100%", words), series


def test_a_restart_without_a_figure_is_told(asked: Asked) -> None:
    for series in SERIES if asked.case.has_figures else ():
        if series[0] != LEVEL:
            words = _words(asked.page(f"{TREND.format(*series)}&rules={RULES[0]}"))
            assert ("Takes effect with the first figure from" in words) is asked.case.waits, series


@pytest.mark.parametrize("asked", ["a restart at the newest figure"], indirect=True)
def test_the_phase_before_keeps_its_limits(asked: Asked) -> None:
    link = f"/download/trend.csv?indicator={TREATED_62}&organisation=QKS&sheet=trend"
    lines = asked.file(link).decode("utf-8-sig").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    newest, *before = sorted(rows, key=lambda row: row["period_start"], reverse=True)
    assert (newest["lower_process_limit"], newest["limits"]) == ("", "none")
    limited = [row for row in before if int(row["limits_values"]) >= LIMITS_FROM]
    assert len(limited) > len(before) / 2
    assert {row["limits"] for row in limited} <= {"firm", "trial"}
    assert all(float(row["lower_process_limit"]) > 0 for row in limited)


def _figure(case: Case, code: str, organisation: str) -> str:
    """The newest figure of a series, as its page writes it."""
    known = load_catalogue().indicators[code]
    found = [
        row
        for row in _rows(case)
        if (row.indicator, row.organisation, row.breakdown) == (code, organisation, "all")
    ]
    row = max((row for row in found if row.denominator or row.value is not None), key=lambda row: row.period)
    value = (
        known.multiplier * row.numerator / row.denominator if row.numerator and row.denominator else row.value
    )
    return value_text(known, value, known.standard_on(row.period.start))


def _words(text: str) -> str:
    plain = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", plain)).split())
