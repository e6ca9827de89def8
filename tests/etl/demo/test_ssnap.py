"""The demonstration edition of the stroke audit: its workbooks, its vintages and the whole way into a store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from db.catalogue import load_catalogue
from db.catalogue.stroke_teams import stroke_teams
from db.domain import FileState, Frequency, Period
from db.domain.holdings import NOT_FILLING, Filling
from db.service.filling import filling_of
from db.settings import AreaSettings, FetchSettings, Settings, StoreSettings
from db.store import Store, open_store
from etl.demo.edition import DEMONSTRATED, published_at, run_demonstration
from etl.demo.publication import BOARDS, SEED, Size
from etl.demo.server import served
from etl.demo.ssnap.patients import NON_ROUTINE, ROUTINE, Strokes, total
from etl.demo.ssnap.publisher import StrokePublisher, results_on
from etl.demo.ssnap.tables import (
    DOMAIN_LEVELS,
    level_letter,
    period_name,
    results_portfolio,
    summary_report,
    thrombolysis_score,
)
from etl.pipeline.progress import Silent
from etl.pipeline.run import RunSummary
from etl.reading.demonstration_mark import is_demonstration
from etl.registry import SOURCES, source_by_id
from etl.source import Hints, RawFile
from etl.sources.ssnap import discover, parse
from tests.support.releases import publish_in_turn

TODAY = date(2026, 11, 21)
WITHIN_60, ELIGIBLE = "stroke-thrombolysis-within-60-minutes", "stroke-eligible-thrombolysed"
COUNTS = {WITHIN_60: ("H16.72", "H16.73"), ELIGIBLE: ("H16.54", "H16.53")}
NEWEST = Period.quarter(2026, 4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("stroke")
    publisher = StrokePublisher(made, load_catalogue(), TODAY, Size.SMALL)
    assert list(publish_in_turn(publisher)) == [TODAY]
    return made


@pytest.fixture(scope="module")
def strokes() -> Strokes:
    return Strokes(load_catalogue(), SEED)


def columns_of(path: Path, sheet: str = "H. Team-centred 72h") -> dict[str, dict[str, object]]:
    """A portfolio's columns by team: item references and the labels above them. Read without our own readers."""
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    (heads,) = (number for number, row in enumerate(rows) if row[1] == "Item Reference")
    found: dict[str, dict[str, object]] = {}
    for column in range(4, len(rows[heads])):
        items = {str(row[1]): row[column] for row in rows[heads + 1 :] if row[1]}
        found[str(rows[heads][column])] = {"type": rows[heads - 3][column], **items}
    return found


def portfolios(folder: Path) -> dict[str, dict[str, dict[str, object]]]:
    return {
        path.name.split("-")[0]: columns_of(path) for path in folder.rglob("*-FullResultsPortfolio-*.xlsx")
    }


# Figures


def test_counts_and_percentages_agree(folder: Path) -> None:
    triples = (
        ("H16.1", "H16.2", "H16.3"),
        ("H16.49", "H16.48", "H16.50"),
        ("H16.54", "H16.53", "H16.55"),
        ("H16.72", "H16.73", "H16.74"),
        ("H16.75.1", "H16.76.1", "H16.77.1"),
    )
    checked = 0
    for columns in portfolios(folder).values():
        for items in columns.values():
            if isinstance(items["H16.2"], str):
                continue
            assert items["H16.73"] == items["H16.1"]
            assert items["H16.53"] == items["H16.49"]
            for part, whole, percentage in triples:
                n, d = float(str(items[part])), float(str(items[whole]))
                assert 0 <= n <= d
                if d:
                    assert float(str(items[percentage])) == pytest.approx(100 * n / d, abs=0.0501)
                    checked += 1
    assert checked > 400


def test_teams_add_up_to_the_national_column(folder: Path) -> None:
    for columns in portfolios(folder).values():
        for reference in ("H16.1", "H16.2", "H16.49", "H16.54", "H16.72", "H16.75.1"):
            own = [items[reference] for name, items in columns.items() if name != "National"]
            figures = [float(str(cell)) for cell in own if not isinstance(cell, str)]
            assert sum(figures) == columns["National"][reference]


def test_the_portfolio_by_commissioner_is_read_back(strokes: Strokes) -> None:
    publisher = StrokePublisher(Path(), strokes.catalogue, TODAY, Size.STANDARD)
    file = publisher.files([NEWEST])[-1]
    raw = RawFile(Path(file.path).name, file.content())
    assert is_demonstration(replace(raw, name="a.xlsx"))
    (found,) = discover(
        f'<a href="{file.path}">{file.text}</a>'.format, "https://www.strokeaudit.org/", TODAY
    ).files
    frame = parse(raw, found.hints).frame
    assert len(frame) == 3 * (209 + 1)
    ashford = frame[frame["organisation"] == "09C"]
    assert (ashford["value"] - 100 * ashford["numerator"] / ashford["denominator"]).abs().max() < 0.0501


def test_section_g_counts_patients_more_than_once(folder: Path) -> None:
    path = next(folder.rglob("AprJun2026-FullResultsPortfolio-*.xlsx"))
    own, others = columns_of(path), columns_of(path, "G. Patient-centred 72h")
    assert float(str(others["National"]["G16.2"])) > 1.05 * float(str(own["National"]["H16.2"]))


def test_england_is_about_what_the_audit_reports(strokes: Strokes) -> None:
    # Annual reports 2019/20 to 2022/23: a tenth treated, 60 or 61% of them within the hour, at 52 to 54 minutes.
    teams = strokes.teams(Period.quarter(2022, 10))
    national = total(teams, "National")
    assert 115 < sum(team.routine for team in teams) < 130
    assert 0.095 < national.treated / national.admitted < 0.12
    assert 0.57 < national.within / national.treated < 0.67
    assert 48 < national.median < 57
    treated = sorted(team.treated for team in teams if team.routine and not team.word)
    assert treated[len(treated) // 10] >= 5
    assert treated[-len(treated) // 10] <= 45


def test_kents_teams_are_those_of_their_day(strokes: Strokes) -> None:
    def kent(period: Period) -> dict[str, str]:
        teams = strokes.teams(period)
        trusts = ("East Kent", "Maidstone and", "Medway NHS", "Dartford and")
        return {team.name: team.type for team in teams if team.trust.startswith(trusts)}

    summer_2019 = kent(Period.quarter(2019, 4))
    routine = {name for name, kind in summer_2019.items() if kind == ROUTINE}
    assert len(routine) == 6
    assert {"Tunbridge Wells Hospital", "Medway Maritime Hospital", "William Harvey Hospital"} < routine
    assert summer_2019["Kent and Canterbury Hospital"] == NON_ROUTINE
    assert kent(Period.quarter(2019, 10))["Tunbridge Wells Hospital"] == NON_ROUTINE
    today = kent(NEWEST)
    assert {name for name, kind in today.items() if kind == ROUTINE} == {
        "Darent Valley Hospital",
        "Maidstone District General Hospital",
        "Invicta Ward Kent and Canterbury Hospital",
    }
    assert not {"Medway Maritime Hospital", "Tunbridge Wells Hospital"} & set(today)


def test_every_team_is_in_our_table(strokes: Strokes) -> None:
    names = [team.name for team in strokes.teams(NEWEST)]
    assert len(names) == len(set(names)) > 130
    assert all(stroke_teams().named(name) for name in names)


def test_levels_follow_the_scores(strokes: Strokes) -> None:
    assert [level_letter(value) for value in (80.1, 80.0, 70.0, 69.9, 60.0, 40.0, 39.9)] == list("ABBCCDE")
    teams = [team for team in strokes.teams(NEWEST) if team.routine and not team.word]
    scores = [thrombolysis_score(team) for team in teams]
    # July to September 2024: 6 A, 33 B, 42 C, 32 D and 9 E.
    tallies = Counter(level_letter(value, DOMAIN_LEVELS) for value in scores)
    assert set(tallies) == set("ABCDE")
    assert min(tallies["B"], tallies["C"], tallies["D"]) > max(tallies["A"], tallies["E"])


# Vintages


def test_the_national_edition_has_quarters_four_months_and_the_gap() -> None:
    publisher = StrokePublisher(Path(), load_catalogue(), TODAY, Size.NATIONAL)
    periods = publisher.periods()
    assert periods[0] == Period.quarter(2013, 7)
    four = [period for period in periods if period.frequency is Frequency.FOUR_MONTHS]
    assert [period_name(period) for period in four] == [
        "AprJul2016",
        "AugNov2016",
        "Dec2016Mar2017",
        "AprJul2017",
        "AugNov2017",
        "Dec2017Mar2018",
    ]
    assert not [period for period in periods if date(2020, 1, 1) <= period.start <= date(2021, 3, 31)]
    assert periods[-1] == NEWEST
    assert StrokePublisher(Path(), load_catalogue(), TODAY).periods()[0] == Period.quarter(2021, 4)
    # Results of July to September 2024 came out in December.
    assert results_on(Period.quarter(2024, 7)) == date(2024, 12, 12)


@pytest.mark.parametrize(
    "period",
    [
        Period.quarter(2013, 10),
        Period.of_months(2016, 12, Frequency.FOUR_MONTHS),
        Period.quarter(2019, 7),
        Period.quarter(2021, 4),
        NEWEST,
    ],
    ids=period_name,
)
def test_both_outputs_of_every_vintage_parse_without_a_word(strokes: Strokes, period: Period) -> None:
    source, teams = source_by_id("ssnap"), strokes.teams(period)
    name = period_name(period)
    summary = source.parse(RawFile(f"{name}-SummaryReport.aspx", summary_report(period, teams)), Hints())
    portfolio = source.parse(
        RawFile(f"{name}-FullResultsPortfolio.xlsx", results_portfolio(period, teams)), Hints()
    )
    assert (summary.findings, portfolio.findings) == ((), ())
    assert set(portfolio.frame["period"]) == {period.key}
    rows = portfolio.frame[portfolio.frame["indicator"] == WITHIN_60].set_index("organisation_name")
    own = {team.name: team for team in teams}["Maidstone District General Hospital"]
    assert list(rows.loc[own.name, ["numerator", "denominator"]]) == [own.within, own.treated]
    assert len(summary.frame) == 8 * len(teams)


def test_suppressed_words_and_points_are_in_the_files(folder: Path, strokes: Strokes) -> None:
    cells = {
        cell
        for columns in portfolios(folder).values()
        for items in columns.values()
        for cell in items.values()
    }
    assert "." in cells
    early = strokes.teams(Period.quarter(2021, 4))
    assert {team.word for team in early} >= {"Insufficient records", ""}
    assert {team.word for team in strokes.teams(Period.quarter(2022, 7))} >= {"Too few to report", ""}


def test_the_year_is_its_quarters(folder: Path) -> None:
    path = next(folder.rglob("Apr2025Mar2026-AnnualResultsPortfolio-*.xlsx"))
    frame = source_by_id("ssnap").parse(RawFile(path.name, path.read_bytes()), Hints()).frame
    year = frame[(frame["indicator"] == WITHIN_60) & (frame["period"] == Period.financial_year(2025).key)]
    quarters = [
        columns["Darent Valley Hospital"]
        for name, columns in portfolios(folder).items()
        if name in {"AprJun2025", "JulSep2025", "OctDec2025", "JanMar2026"}
    ]
    (row,) = year[year["organisation_name"] == "Darent Valley Hospital"].itertuples()
    assert len(quarters) == 4
    assert row.numerator == sum(float(str(items["H16.72"])) for items in quarters)
    assert row.denominator == sum(float(str(items["H16.73"])) for items in quarters)


# The publisher's site and the mark


def test_the_pages_lead_to_every_file(folder: Path) -> None:
    source = source_by_id("ssnap")
    with served(folder) as address, httpx.Client(trust_env=False, follow_redirects=True) as client:
        at = published_at(source, address)
        discovery = source.discover(lambda url: client.get(url).text, at.landing_url, TODAY)
        assert all(client.get(file.url).content.startswith(b"PK") for file in discovery.files)
    assert discovery.findings == ()
    assert sorted(file.name for file in discovery.files) == sorted(
        path.name for path in folder.rglob("*") if path.suffix in {".aspx", ".xlsx"} and path.is_file()
    )
    assert len(discovery.files) == 8 + 8 + 1


def test_every_workbook_is_known_for_invented(folder: Path) -> None:
    found = [path for path in folder.rglob("*DEMONSTRATION*") if path.is_file()]
    assert len(found) == 17
    for path in found:
        assert is_demonstration(RawFile("renamed.xlsx", path.read_bytes()))


# The whole way


class Watcher(Silent):
    """What the store says of its filling as each file of the edition is done."""

    def __init__(self) -> None:
        self.store: Store | None = None
        self.told: list[Filling] = []

    def file_finished(self, name: str, outcome: str) -> None:
        assert self.store is not None
        with self.store.reading() as connection:
            self.told.append(filling_of(connection))


@pytest.fixture(scope="module")
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, watcher: Watcher) -> Iterator[tuple[Store, RunSummary]]:
    made = tmp_path_factory.mktemp("store")
    store = open_store(f"sqlite:///{made}/store.sqlite")
    area = AreaSettings(name="Kent and Medway", commissioner="QKS", trusts=("RVV", "RWF", "RPA", "RN7"))
    settings = Settings.model_construct(
        area=area, store=StoreSettings(raw_folder=made / "raw"), fetch=FetchSettings(), schedules={}
    )
    watcher.store = store
    yield (
        store,
        run_demonstration(
            store, settings=settings, size=Size.SMALL, sources=["ssnap"], today=TODAY, progress=watcher
        ),
    )
    store.close()


def test_the_pipeline_takes_every_file(loaded: tuple[Store, RunSummary]) -> None:
    store, summary = loaded
    assert not summary.failed
    assert [result.state for result in summary.results] == [FileState.LOADED] * 17
    with store.reading() as connection:
        marks = connection.execute(text("SELECT DISTINCT demonstration FROM source_file")).scalars().all()
    assert [bool(mark) for mark in marks] == [True]


def test_the_store_says_how_far_its_filling_is(loaded: tuple[Store, RunSummary], watcher: Watcher) -> None:
    counted = [(item.done, item.files, item.coming) for item in watcher.told]
    assert counted == [(done, 17, {"ssnap"} if done < 17 else frozenset()) for done in range(1, 18)]
    with loaded[0].reading() as connection:
        assert filling_of(connection) == NOT_FILLING


@pytest.mark.parametrize("indicator", [WITHIN_60, ELIGIBLE])
def test_england_and_kent_are_sums_of_the_files_teams(
    loaded: tuple[Store, RunSummary], folder: Path, indicator: str
) -> None:
    part, whole = COUNTS[indicator]
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    trusts = {"Darent Valley Hospital": "RN7", "Maidstone District General Hospital": "RWF"}
    trusts["Invicta Ward Kent and Canterbury Hospital"] = "RVV"
    for name, columns in portfolios(folder).items():
        for team, items in columns.items():
            if items["type"] != ROUTINE or isinstance(items[part], str):
                continue
            for place in ("ENG", trusts.get(team, ""), "QKS" if team in trusts else ""):
                sums[place, name][0] += float(str(items[part]))
                sums[place, name][1] += float(str(items[whole]))
    expected = {key: tuple(counts) for key, counts in sums.items() if key[0]}
    assert len(expected) == 5 * 8
    query = text(
        "SELECT o.code, p.start, p.end, v.numerator, v.denominator FROM observation v "
        "JOIN indicator i ON i.id = v.indicator_id JOIN breakdown b ON b.id = v.breakdown_id "
        "JOIN organisation o ON o.id = v.organisation_id JOIN period p ON p.id = v.period_id "
        "WHERE b.key = 'all' AND p.frequency = 'quarter' AND i.code = :indicator"
    )
    store, _ = loaded
    with store.reading() as connection:
        rows = connection.execute(query, {"indicator": indicator}).all()
    found = {}
    for row in rows:
        start, end = date.fromisoformat(str(row.start)), date.fromisoformat(str(row.end))
        found[row.code, f"{start:%b}{end:%b%Y}"] = (row.numerator, row.denominator)
    assert {key: found[key] for key in expected} == expected


def test_all_three_sources_have_an_edition() -> None:
    assert set(DEMONSTRATED) == set(SOURCES)
    small = BOARDS[Size.SMALL]
    assert small is not None
    assert "QKS" in small
