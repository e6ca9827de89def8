"""The catalogue as it stands, and what its reader refuses."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from db.catalogue import (
    FOLDER,
    INDICATORS,
    REVIEWED,
    CatalogueError,
    LineageStep,
    boundary_moves,
    catalogue_version,
    earlier_names,
    followers,
    lineage,
    lineage_start,
    load_catalogue,
    read_indicator,
)
from db.catalogue.indicator_files import read_indicators
from db.catalogue.organisation_files import ORGANISATION_COLUMNS, read_names, read_organisations
from db.catalogue.policy_dates import ICB_START
from db.domain import (
    Catalogue,
    ImprovementDirection,
    Organisation,
    OrganisationType,
    StandardKind,
    Succession,
    SuccessionKind,
)

DEFAULT = StandardKind.OPERATIONAL_STANDARD
AMBITION = StandardKind.INTERIM_AMBITION
KENT_CCGS = ("09C", "09E", "09J", "09W", "10A", "10D", "10E", "99J")
CANCER_IDS = (
    "cancer-28-day-faster-diagnosis",
    "cancer-31-day-combined",
    "cancer-62-day-combined",
    "cancer-two-week-wait",
    "cancer-two-week-wait-breast-symptoms",
    "cancer-31-day-first-treatment",
    "cancer-31-day-subsequent-surgery",
    "cancer-31-day-subsequent-drugs",
    "cancer-31-day-subsequent-radiotherapy",
    "cancer-62-day-urgent-referral",
    "cancer-62-day-screening",
    "cancer-62-day-consultant-upgrade",
)


def level(indicator: str, day: date, kind: StandardKind = DEFAULT) -> float | None:
    standard = load_catalogue().indicators[indicator].standard_on(day, kind)
    return standard.value if standard else None


def type_on(organisation: Organisation, day: date) -> OrganisationType:
    """What an organisation was on a day: a sub-ICB location was a CCG, under the same code, until 30 June 2022."""
    if organisation.type is OrganisationType.SUB_ICB_LOCATION and day < ICB_START:
        return OrganisationType.CCG
    return organisation.type


def open_on(day: date, kind: OrganisationType) -> set[str]:
    return {
        item.code
        for item in load_catalogue().organisations.values()
        if type_on(item, day) is kind
        and (item.opened_on is None or item.opened_on <= day)
        and (item.closed_on is None or day <= item.closed_on)
    }


def parent_on(code: str, day: date, kind: OrganisationType) -> str | None:
    organisations = load_catalogue().organisations
    found = [
        parent.code
        for parent in organisations[code].parents
        if parent.in_force(day) and organisations[parent.code].type is kind
    ]
    assert len(found) < 2
    return found[0] if found else None


# Indicators and their standards: levels and days from the operational standard rows of the national time series
# (to September 2023, and to April 2026) and, for interim ambitions, from planning guidance as the files cite it.


def test_the_twelve_cancer_indicators_stand_in_display_order() -> None:
    items = [item for item in load_catalogue().indicators.values() if item.topic == "Cancer"]
    assert tuple(item.id for item in items) == CANCER_IDS
    assert {item.source_id for item in items} == {"cancer_waiting_times"}
    assert {item.improvement_direction for item in items} == {ImprovementDirection.INCREASE}
    assert {(item.unit, item.multiplier, item.gap_unit) for item in items} == {("%", 100, "patients")}


@pytest.mark.parametrize("identifier", CANCER_IDS)
def test_every_indicator_says_what_it_is_who_owns_it_and_when_it_is_reviewed(identifier: str) -> None:
    item = load_catalogue().indicators[identifier]
    assert item.definition and item.why_it_matters and item.caveats
    assert "  " not in item.definition and not item.definition.endswith("\n")
    assert item.definition_url.startswith("https://www.england.nhs.uk/")
    assert item.owner == "NHS England, Cancer Waiting Times"
    assert item.reviewed_on < item.review_due_on
    assert all(standard.reference_url.startswith("http") for standard in item.standards)


@pytest.mark.parametrize(
    ("indicator", "day", "wanted"),
    [
        ("cancer-28-day-faster-diagnosis", date(2021, 9, 30), None),
        ("cancer-28-day-faster-diagnosis", date(2021, 10, 1), 75),
        ("cancer-28-day-faster-diagnosis", date(2026, 3, 31), 75),
        ("cancer-28-day-faster-diagnosis", date(2026, 4, 1), 80),
        ("cancer-31-day-combined", date(2023, 9, 30), None),
        ("cancer-31-day-combined", date(2023, 10, 1), 96),
        ("cancer-62-day-combined", date(2023, 9, 30), None),
        ("cancer-62-day-combined", date(2023, 10, 1), 85),
        ("cancer-62-day-combined", date(2026, 11, 21), 85),
        ("cancer-two-week-wait", date(2009, 10, 1), 93),
        ("cancer-two-week-wait", date(2023, 9, 30), 93),
        ("cancer-two-week-wait", date(2023, 10, 1), None),
        ("cancer-two-week-wait-breast-symptoms", date(2009, 12, 31), None),
        ("cancer-two-week-wait-breast-symptoms", date(2010, 1, 1), 93),
        ("cancer-31-day-first-treatment", date(2015, 6, 1), 96),
        ("cancer-31-day-subsequent-surgery", date(2015, 6, 1), 94),
        ("cancer-31-day-subsequent-drugs", date(2015, 6, 1), 98),
        ("cancer-31-day-subsequent-radiotherapy", date(2010, 12, 31), None),
        ("cancer-31-day-subsequent-radiotherapy", date(2011, 1, 1), 94),
        ("cancer-62-day-urgent-referral", date(2023, 9, 30), 85),
        ("cancer-62-day-urgent-referral", date(2023, 10, 1), None),
        ("cancer-62-day-screening", date(2015, 6, 1), 90),
        ("cancer-62-day-consultant-upgrade", date(2015, 6, 1), None),
    ],
)
def test_the_operational_standard_on_a_day(indicator: str, day: date, wanted: float | None) -> None:
    assert level(indicator, day) == wanted


@pytest.mark.parametrize(
    ("indicator", "day", "wanted"),
    [
        ("cancer-28-day-faster-diagnosis", date(2024, 3, 31), None),
        ("cancer-28-day-faster-diagnosis", date(2024, 4, 1), 77),
        ("cancer-28-day-faster-diagnosis", date(2025, 3, 31), 77),
        ("cancer-28-day-faster-diagnosis", date(2025, 4, 1), 80),
        ("cancer-28-day-faster-diagnosis", date(2026, 4, 1), None),
        ("cancer-62-day-combined", date(2024, 4, 1), 70),
        ("cancer-62-day-combined", date(2026, 3, 31), 75),
        ("cancer-62-day-combined", date(2026, 4, 1), None),
        ("cancer-31-day-combined", date(2025, 4, 1), None),
    ],
)
def test_interim_ambitions_are_their_own_kind(indicator: str, day: date, wanted: float | None) -> None:
    assert level(indicator, day, AMBITION) == wanted


def test_nothing_unconfirmed_is_in_the_catalogue() -> None:
    # 80% and 94% by March 2027 for 62 and 31 days are reported from memory only.
    later = [
        standard
        for item in load_catalogue().indicators.values()
        for standard in item.standards
        if standard.kind is AMBITION and standard.in_force(date(2027, 3, 31))
    ]
    assert later == []


def test_the_series_break_in_october_2023_where_they_go_on() -> None:
    for item in load_catalogue().indicators.values():
        if item.topic == "Cancer":
            wanted = [] if item.valid_to else [date(2023, 10, 1)]
            assert [one.on for one in item.breaks] == wanted
            assert item.valid_to in {None, date(2023, 9, 30)}


# Organisations: 191, 135 and 106 CCGs are the features of the boundary files of April 2019, 2020 and 2021.


@pytest.mark.parametrize(
    ("day", "kind", "wanted"),
    [
        (date(2013, 4, 1), OrganisationType.CCG, 211),
        (date(2019, 4, 1), OrganisationType.CCG, 191),
        (date(2020, 4, 1), OrganisationType.CCG, 135),
        (date(2021, 4, 1), OrganisationType.CCG, 106),
        (date(2022, 6, 30), OrganisationType.ICB, 0),
        (date(2023, 1, 1), OrganisationType.CCG, 0),
        (date(2023, 1, 1), OrganisationType.SUB_ICB_LOCATION, 106),
        (date(2025, 1, 1), OrganisationType.ICB, 42),
        (date(2026, 4, 1), OrganisationType.ICB, 36),
        (date(2026, 4, 1), OrganisationType.REGION, 7),
        (date(2018, 4, 1), OrganisationType.UPPER_TIER_AUTHORITY, 152),
        (date(2019, 4, 1), OrganisationType.UPPER_TIER_AUTHORITY, 151),
        (date(2021, 4, 1), OrganisationType.UPPER_TIER_AUTHORITY, 152),
        (date(2023, 4, 1), OrganisationType.UPPER_TIER_AUTHORITY, 153),
        (date(2023, 4, 1), OrganisationType.STATISTICAL_REGION, 9),
    ],
)
def test_how_many_are_open_on_a_day(day: date, kind: OrganisationType, wanted: int) -> None:
    assert len(open_on(day, kind)) == wanted


def test_kent_and_medways_organisations() -> None:
    names = {
        code: load_catalogue().organisations[code].name for code in ("RVV", "RWF", "RPA", "RN7", "QKS", "91Q")
    }
    assert names == {
        "RVV": "East Kent Hospitals University NHS Foundation Trust",
        "RWF": "Maidstone and Tunbridge Wells NHS Trust",
        "RPA": "Medway NHS Foundation Trust",
        "RN7": "Dartford and Gravesham NHS Trust",
        "QKS": "NHS Kent and Medway Integrated Care Board",
        "91Q": "NHS Kent and Medway ICB - 91Q",
    }
    for code in ("RVV", "RWF", "RPA", "RN7", "91Q"):
        assert parent_on(code, date(2026, 9, 1), OrganisationType.ICB) == "QKS"
        assert parent_on(code, date(2022, 6, 30), OrganisationType.ICB) is None
        assert parent_on(code, date(2022, 6, 30), OrganisationType.REGION) == "Y59"
    assert parent_on("QKS", date(2026, 9, 1), OrganisationType.REGION) == "Y59"
    assert parent_on("Y59", date(2026, 9, 1), OrganisationType.COUNTRY) == "ENG"


def test_kent_its_districts_and_medway_are_places_of_residents() -> None:
    known = load_catalogue().organisations
    districts = [f"E07000{number}" for number in range(105, 117)]
    inside = [item.code for item in known.values() if "E10000016" in {parent.code for parent in item.parents}]
    assert inside == districts
    assert {known[code].type for code in districts} == {OrganisationType.DISTRICT}
    assert known["E07000112"].name == "Folkestone and Hythe"
    assert [name.name for name in earlier_names()["E07000112"]] == ["Shepway"]
    for code, name in (("E10000016", "Kent"), ("E06000035", "Medway")):
        assert (known[code].name, known[code].type) == (name, OrganisationType.UPPER_TIER_AUTHORITY)
        assert parent_on(code, date(2020, 1, 1), OrganisationType.STATISTICAL_REGION) == "E12000008"
        assert parent_on(code, date(2020, 1, 1), OrganisationType.REGION) is None


def test_a_statistical_region_is_no_nhs_region() -> None:
    known = load_catalogue().organisations
    regions = {item.name for item in known.values() if item.type is OrganisationType.REGION}
    statistical = [item for item in known.values() if item.type is OrganisationType.STATISTICAL_REGION]
    assert not regions & {item.name for item in statistical}
    assert {parent.code for item in statistical for parent in item.parents} == {"ENG"}


def test_one_code_was_a_ccg_and_is_a_sub_icb_location() -> None:
    kent = load_catalogue().organisations["91Q"]
    assert (kent.opened_on, kent.closed_on) == (date(2020, 4, 1), None)
    assert kent.type is OrganisationType.SUB_ICB_LOCATION
    assert [name.name for name in earlier_names()["91Q"]] == ["NHS Kent and Medway CCG"]


def test_names_change_under_a_fixed_code() -> None:
    assert load_catalogue().organisations["RXY"].name == "Kent and Medway Mental Health NHS Trust"
    assert [name.name for name in earlier_names()["RXY"]] == [
        "Kent and Medway NHS and Social Care Partnership Trust"
    ]


def test_kents_lineage_goes_back_to_the_eight_ccgs() -> None:
    eight = LineageStep(KENT_CCGS, date(2013, 4, 1), date(2020, 3, 31))
    one = LineageStep(("91Q",), date(2020, 4, 1), date(2022, 6, 30))
    assert lineage(load_catalogue(), "91Q") == (eight,)
    assert lineage(load_catalogue(), "QKS") == (one, eight)
    assert lineage(load_catalogue(), "09C") == ()


def test_the_mergers_of_april_2026() -> None:
    on_day = {
        (item.predecessor, item.successor): item.kind
        for item in load_catalogue().successions
        if item.effective_on == date(2026, 4, 1) and item.predecessor.startswith("Q")
    }
    splits = {pair for pair, kind in on_day.items() if kind is SuccessionKind.SPLIT}
    assert {successor for _, successor in on_day} == {
        "D7T5G",
        "QRL",
        "S0E4D",
        "S1Y5D",
        "S9B9J",
        "T6Y0W",
        "Z9B2Z",
    }
    assert {predecessor for predecessor, _ in splits} == {"QM7", "QJG", "QNQ"}
    assert len(on_day) == 16
    frimley = followers(load_catalogue(), "D4U1Y")
    assert [(item.successor, item.kind) for item in frimley] == [
        ("92A", SuccessionKind.SPLIT),
        ("D9Y0V", SuccessionKind.SPLIT),
        ("U2G6B", SuccessionKind.SPLIT),
    ]
    closed = {code for code, _ in on_day}
    assert (
        open_on(date(2026, 3, 31), OrganisationType.ICB) - open_on(date(2026, 4, 1), OrganisationType.ICB)
        == closed
    )
    for day, boards in ((date(2022, 7, 1), 42), (date(2026, 3, 31), 42), (date(2026, 4, 1), 36)):
        assert len(open_on(day, OrganisationType.ICB)) == boards
        assert len(open_on(day, OrganisationType.SUB_ICB_LOCATION)) == 106


@pytest.mark.parametrize("day", [date(2022, 7, 1), date(2026, 3, 31), date(2026, 4, 1)])
def test_every_location_open_on_a_day_has_a_board_and_every_board_a_region_and_a_location(day: date) -> None:
    known = load_catalogue().organisations
    above = {
        code: {known[parent.code].type: parent.code for parent in known[code].parents if parent.in_force(day)}
        for code in open_on(day, OrganisationType.SUB_ICB_LOCATION) | open_on(day, OrganisationType.ICB)
    }
    boards = {above[code][OrganisationType.ICB] for code in open_on(day, OrganisationType.SUB_ICB_LOCATION)}
    assert boards == open_on(day, OrganisationType.ICB)
    assert {above[board][OrganisationType.REGION] for board in boards} == open_on(
        day, OrganisationType.REGION
    )


def test_a_new_boards_lineage_is_of_whole_boards_or_of_whole_sub_icb_locations() -> None:
    steps = lineage(load_catalogue(), "Z9B2Z")
    assert steps[0] == LineageStep(("QMJ", "QRV"), date(2022, 7, 1), date(2026, 3, 31))
    assert steps[1] == LineageStep(("93C", "W2U3Z"), date(2021, 4, 1), date(2022, 6, 30))
    assert len(steps[3].codes) == 13
    # Essex is Mid and South Essex with a part of each of two others: seven locations, none of them divided.
    essex = ("06Q", "06T", "07G", "07H", "99E", "99F", "99G")
    assert lineage(load_catalogue(), "D7T5G") == (LineageStep(essex, date(2013, 4, 1), date(2026, 3, 31)),)
    central = ("06H", "06K", "06N", "M1J4Y")
    assert lineage(load_catalogue(), "S1Y5D") == (LineageStep(central, ICB_START, date(2026, 3, 31)),)


@pytest.mark.parametrize("code", ["S9B9J", "S0E4D"])
def test_a_board_with_a_part_of_a_divided_location_has_no_line_before_it(code: str) -> None:
    # Frimley's one location (D4U1Y) was divided among three boards in April 2026.
    assert lineage(load_catalogue(), code) == ()
    start = lineage_start(load_catalogue(), code)
    assert start is not None
    assert start.on == date(2026, 4, 1)
    assert {(item.predecessor, item.successor) for item in start.parts} == {
        ("QNQ", "QRL"),
        ("QNQ", "S0E4D"),
        ("QNQ", "S9B9J"),
    }


@pytest.mark.parametrize("code", ["QOP", "QJ2", "QUA", "QHL", "QUE", "QPM"])
def test_no_lineage_across_a_moved_boundary(code: str) -> None:
    # On 1 July 2022 Glossop went from 01Y to 15M, West Birmingham from D2P2L to 15E, Oundle from 06H to 78H.
    assert lineage(load_catalogue(), code) == ()
    start = lineage_start(load_catalogue(), code)
    assert start is not None
    assert (start.on, len(start.parts)) == (ICB_START, 1)


def test_an_organisation_whose_boundary_moved_goes_on_with_its_own_figures() -> None:
    catalogue = load_catalogue()
    moved = boundary_moves(catalogue, "QRL")
    assert [(item.on, [part.predecessor for part in item.parts]) for item in moved] == [
        (date(2026, 4, 1), ["QNQ"])
    ]
    before = LineageStep(("10R", "D9Y0V"), date(2021, 4, 1), date(2022, 6, 30))
    assert lineage(catalogue, "QRL")[0] == before
    assert lineage_start(catalogue, "QRL") is None
    assert [item.on for item in boundary_moves(catalogue, "15M")] == [ICB_START]
    # Glossop changed regions; Frimley's parts and West Birmingham did not.
    assert [item.on for item in boundary_moves(catalogue, "Y60")] == [ICB_START]
    assert [item.on for item in boundary_moves(catalogue, "Y62")] == [ICB_START]
    for code in ("QKS", "91Q", "Y59", "ENG", "S9B9J", "QNX"):
        assert boundary_moves(catalogue, code) == ()


def test_a_region_is_its_boards_of_the_day() -> None:
    now, before = lineage(load_catalogue(), "Y59")
    assert now == LineageStep(("QKS", "QRL", "S0E4D", "S9B9J"), date(2026, 4, 1), None, beside=True)
    assert before.codes == ("QKS", "QNQ", "QNX", "QRL", "QU9", "QXU")
    assert (before.effective_from, before.effective_to) == (ICB_START, date(2026, 3, 31))
    assert [len(step.codes) for step in lineage(load_catalogue(), "ENG")] == [36, 42]
    assert len(lineage(load_catalogue(), "Y62")) == 1


def test_what_became_of_a_closed_board() -> None:
    catalogue = load_catalogue()
    assert [(item.successor, item.kind) for item in followers(catalogue, "QNX")] == [
        ("S9B9J", SuccessionKind.MERGER)
    ]
    assert {item.successor for item in followers(catalogue, "QNQ")} == {"QRL", "S0E4D", "S9B9J"}
    assert [item.successor for item in followers(catalogue, "09C")] == ["91Q"]
    assert followers(catalogue, "QKS") == ()


def test_a_trust_that_took_over_another_was_both() -> None:
    assert lineage(load_catalogue(), "RJ1")[0] == LineageStep(
        ("RJ1", "RT3"), date(1998, 4, 1), date(2021, 1, 31)
    )


def test_a_step_starts_where_an_earlier_boundary_moved() -> None:
    organisations = {
        code: Organisation(code, code, OrganisationType.CCG, opened, closed)
        for code, opened, closed in [
            ("AAA", date(2000, 1, 1), date(2019, 12, 31)),
            ("BBB", date(2000, 1, 1), date(2019, 12, 31)),
            ("CCC", date(2000, 1, 1), None),
            ("DDD", date(2020, 1, 1), None),
        ]
    }
    successions = (
        Succession("AAA", "DDD", date(2020, 1, 1), SuccessionKind.MERGER),
        Succession("BBB", "DDD", date(2020, 1, 1), SuccessionKind.MERGER),
        Succession("AAA", "CCC", date(2010, 1, 1), SuccessionKind.TRANSFER),
    )
    steps = lineage(Catalogue({}, organisations, successions), "DDD")
    assert steps == (LineageStep(("AAA", "BBB"), date(2010, 1, 1), date(2019, 12, 31)),)


def test_lineage_of_an_unknown_code_is_refused() -> None:
    with pytest.raises(CatalogueError, match="'ZZZ'"):
        lineage(load_catalogue(), "ZZZ")


def test_every_reviewed_fact_has_its_source() -> None:
    for path in REVIEWED.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            assert all(row["source"] for row in csv.DictReader(file)), path.name


def test_the_version_is_that_of_the_files() -> None:
    assert catalogue_version() == catalogue_version()
    assert len(catalogue_version()) == 64


# What the reader refuses

GOOD = (INDICATORS / "cancer-28-day-faster-diagnosis.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('id = "cancer-28-day-faster-diagnosis"', 'id = "cancer-29"', "id: wanted the file's name"),
        ('topic = "Cancer"', 'topic = "Cancer"\ntarget = 75', "target: Extra inputs are not permitted"),
        ('direction = "increase"', 'direction = "up"', "improvement_direction: .* found 'up'"),
        ('direction = "increase"', 'direction = "decrease"', "comparator: wanted <="),
        ('frequency = "month"', 'frequency = "monthly"', "frequency: .* found 'monthly'"),
        (
            "effective_to = 2026-03-31",
            "effective_to = 2026-04-01",
            "at most one operational standard in force",
        ),
        (
            "effective_to = 2026-03-31",
            "effective_to = 2021-03-31",
            "standards.0.effective_to: wanted a day from",
        ),
        ("effective_from = 2021-10-01", "effective_from = 2025-10-01", "wanted in order of effective_from"),
        ("value = 75", "value = 7500", "value: wanted 0 to 100 per cent, found 7500"),
        ("value = 75\n", "", "wanted a value or computed_from"),
        ("on = 2023-10-01", "on = 2020-10-01", "breaks: wanted days within the indicator's life"),
        ("review_due_on = 2027-11-21", "review_due_on = 2025-11-21", "review_due_on: wanted a day after"),
        ('owner = "NHS England, Cancer Waiting Times"', 'owner = " "', "owner: .*wanted some text"),
        ('unit = "%"', "unit = ", "cannot be read as TOML"),
    ],
)
def test_a_wrong_indicator_is_refused_by_file_and_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in GOOD
    path = tmp_path / "cancer-28-day-faster-diagnosis.toml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=f"(?s)^cancer-28-day-faster-diagnosis.toml: .*{message}"):
        read_indicator(path)


def test_breaks_out_of_order_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "cancer-28-day-faster-diagnosis.toml"
    path.write_text(GOOD + '\n[[breaks]]\non = 2022-10-01\nreason = "Earlier."\n', encoding="utf-8")
    with pytest.raises(CatalogueError, match="breaks: wanted rising days, found 2023-10-01, 2022-10-01"):
        read_indicator(path)


def test_two_indicators_of_a_topic_in_one_place_are_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        text = GOOD.replace('id = "cancer-28-day-faster-diagnosis"', f'id = "{name}"')
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"one.toml and two.toml: order: .* found 10 in both"):
        read_indicators(tmp_path)


TABLES = {
    "organisations.csv": [
        "ENG,England,country,,",
        "Y59,South East,region,,",
        "91Q,Kent,sub-ICB location,2020-04-01,",
    ],
    "parents.csv": ["Y59,ENG,,", "91Q,Y59,,2022-06-30"],
    "successions.csv": [],
    "organisation_names.csv": ["91Q,Kent CCG,2021-04-01"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    def write(changed: str = "", extra: str = "", heading: str = "") -> Path:
        for name, rows in TABLES.items():
            lines = [
                ",".join(ORGANISATION_COLUMNS[name]),
                *rows,
                *([extra] if name == changed and extra else []),
            ]
            if name == changed and heading:
                lines[0] = heading
            (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return tmp_path

    return write


def test_organisations_are_read_as_text_with_dated_parents(folder: Callable[..., Path]) -> None:
    organisations, successions = read_organisations(
        folder("organisations.csv", "001,Nought,CCG,2013-04-01,2020-03-31")
    )
    assert organisations["001"].closed_on == date(2020, 3, 31)
    assert organisations["91Q"].parents[0].in_force(date(2022, 6, 30))
    assert not organisations["91Q"].parents[0].in_force(date(2022, 7, 1))
    assert successions == ()


@pytest.mark.parametrize(
    ("name", "extra", "message"),
    [
        ("organisations.csv", "91Q,Again,CCG,,", "line 5, code: wanted each code once, found '91Q'"),
        ("organisations.csv", "9q,Short,CCG,,", "line 5, code: wanted an ODS code of 3 to 6 .* found '9q'"),
        ("organisations.csv", "TOOLONG,Long,CCG,,", "wanted an ODS code of 3 to 6"),
        (
            "organisations.csv",
            "E1000001,Kent,upper-tier authority,,",
            "or an ONS code of a letter and 8 digits",
        ),
        ("organisations.csv", "09C,,CCG,,", "name: wanted some text"),
        ("organisations.csv", "09C,Ashford,ccg,,", "type: wanted one of .* found 'ccg'"),
        ("organisations.csv", "09C,Ashford,CCG,01/04/2013,", "opened_on: wanted a day as yyyy-mm-dd"),
        (
            "organisations.csv",
            "09C,Ashford,CCG,2013-04-01,2012-03-31",
            "closed_on: wanted a day from 2013-04-01",
        ),
        ("organisations.csv", "09C,Ashford", "line 5: wanted 5 fields, found 2"),
        ("parents.csv", "91Q,Q99,,", "parent: wanted a code of organisations.csv, found 'Q99'"),
        ("parents.csv", "Q99,ENG,,", "code: wanted a code of organisations.csv, found 'Q99'"),
        ("parents.csv", "ENG,91Q,,", "no organisation above itself"),
        ("parents.csv", "91Q,Y59,2022-06-30,", "at most one region above 91Q on a day"),
        ("successions.csv", "91Q,Q99,2022-07-01,merger", "successor: wanted a code"),
        ("successions.csv", "91Q,91Q,2022-07-01,merger", "another organisation than the predecessor"),
        (
            "successions.csv",
            "91Q,Y59,2022-07-01,takeover",
            "kind: wanted one of merger, split, rename, transfer",
        ),
        ("organisation_names.csv", "Q99,Nobody,2021-04-01", "code: wanted a code of organisations.csv"),
    ],
)
def test_a_wrong_row_is_refused_by_file_and_line(
    folder: Callable[..., Path], name: str, extra: str, message: str
) -> None:
    where = folder(name, extra)
    with pytest.raises(CatalogueError, match=f"^{name}.*{message}"):
        read_names(where, read_organisations(where)[0])


def test_another_heading_is_refused(folder: Callable[..., Path]) -> None:
    where = folder("parents.csv", heading="child,parent,from,to")
    with pytest.raises(
        CatalogueError, match=r"parents.csv, line 1: wanted code,parent,.* found child,parent"
    ):
        read_organisations(where)


def test_a_missing_file_is_refused(folder: Callable[..., Path]) -> None:
    where = folder()
    (where / "successions.csv").unlink()
    with pytest.raises(CatalogueError, match=r"successions.csv: cannot be read"):
        read_organisations(where)


def test_the_committed_files_end_their_lines_alike() -> None:
    for name in ORGANISATION_COLUMNS:
        content = (FOLDER / name).read_bytes()
        assert b"\r" not in content
        assert content.endswith(b"\n")
        lines = content.decode().splitlines()[1:]
        assert len(lines) == len(set(lines)), name
