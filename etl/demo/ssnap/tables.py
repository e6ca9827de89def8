"""The stroke audit's workbooks from invented patients: the summary report, the results portfolio and the annual one.

Measures go down and teams across, as in the Scoring Summaries of 2013 to 2024; in the annual portfolio teams go down.
Where the header stands, how percentages are printed and what a missing figure is called differ from period to
period, as they do in the audit's own files. Periods since October 2024 are printed in the layout before it, since the
newer one could not be read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from db.domain import Period
from etl.demo.ssnap.patients import TOO_FEW, TeamFigures, total
from etl.demo.workbook import Cell, workbook
from etl.reading.demonstration_mark import STATEMENT

Row = list[Cell]
Figure = Callable[[TeamFigures], Cell]

_DOMAINS = (
    *(
        "Scanning",
        "Stroke unit",
        "Thrombolysis",
        "Specialist Assessments",
        "Occupational therapy",
        "Physiotherapy",
    ),
    *("Speech and Language therapy", "MDT working", "Standards by discharge", "Discharge processes"),
)
_NETWORKS_FROM = date(2021, 7, 1)
_ONE_DECIMAL_FROM = date(2018, 4, 1)
_LEVELS = (("A", 80.0), ("B", 70.0), ("C", 60.0), ("D", 40.0))
DOMAIN_LEVELS = (("A", 80.0), ("B", 70.0), ("C", 60.0), ("D", 45.0))
_NOT_APPLICABLE = "."


@dataclass(frozen=True)
class Item:
    """One line of the portfolio: where it stands, its reference, its wording, its type and its figure."""

    category: str
    number: str
    item: str
    type: str
    figure: Figure


def period_name(period: Period) -> str:
    """A period as file names have it: AprJun2024, Apr2022Mar2023."""
    if period.start.year == period.end.year:
        return f"{period.start:%b}{period.end:%b%Y}"
    return f"{period.start:%b%Y}{period.end:%b%Y}"


def summary_report(period: Period, teams: Sequence[TeamFigures]) -> bytes:
    """The summary report: a cover, the Scoring Summary and the tab of the thrombolysis domain."""
    return workbook(
        [
            ("Introduction", _cover("SSNAP summary report", period)),
            ("Scoring Summary", _scoring_summary(period, teams)),
            ("3) Thrombolysis", _domain_tab(period, teams)),
        ]
    )


def results_portfolio(period: Period, teams: Sequence[TeamFigures]) -> bytes:
    """The results portfolio of a period: items 16.x, patient-centred (G) and team-centred (H), items down."""
    sheets = [(letter, _portfolio_sheet(period, teams, letter)) for letter in ("G", "H")]
    titles = {"G": "G. Patient-centred 72h", "H": "H. Team-centred 72h"}
    cover = _cover("SSNAP full results portfolio", period)
    return workbook([("Introduction", cover), *((titles[letter], rows) for letter, rows in sheets)])


def annual_portfolio(years: Sequence[tuple[Period, Sequence[TeamFigures]]]) -> bytes:
    """The annual portfolio: team-centred items, one line a team and year."""
    items = _items()
    headings = ("Category", "Item Reference", "Item", "Data type")
    own = [[getattr(item, name) for item in items] for name in ("category", "number", "item", "type")]
    own[1] = [f"H16.{number}" for number in own[1]]
    rows: list[Row] = [[STATEMENT], []]
    for heading, cells in zip(headings, own, strict=True):
        period = "Time period:" if heading == "Item" else ""
        rows.append(["", "", "", heading, period, "", *cells])
    for year, teams in years:
        name = f"{year.start:%b %Y}-{year.end:%b %Y}"
        for team in (total(list(teams), "National"), *teams):
            lead: Row = [team.type, team.network, team.trust, team.name, name, "4 out of 4"]
            rows.append([*lead, *(_shown(team, item, year) for item in items)])
    return workbook([("Team-centred 72h", rows)])


def thrombolysis_score(team: TeamFigures) -> float:
    """The score of the thrombolysis domain: the mean of its five key indicators' (SSNAP, `KI` 3.1 to 3.5)."""
    treated, eligible = _rate(team.treated, team.admitted), _rate(team.eligible_treated, team.eligible)
    within, unit = _rate(team.within, team.treated), _rate(team.stroke_unit, team.admitted)
    minutes = max(0.0, 100 - 10 * max(0, -(-(team.median - 30) // 10)))
    return (min(100.0, treated * 5) + eligible + within + unit + minutes) / 5


def score(team: TeamFigures) -> float:
    """The overall score: thrombolysis and the nine other domains."""
    return round(team.others * 0.9 + thrombolysis_score(team) * 0.1, 1)


def level_letter(value: float, limits: Sequence[tuple[str, float]] = _LEVELS) -> str:
    """The level A to E of a score: above the first limit A, from the others on B to D."""
    reached = (letter for letter, lowest in limits if value > lowest or (value == lowest and letter != "A"))
    return next(reached, "E")


def _rate(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _cover(title: str, period: Period) -> list[Row]:
    return [[title], [period.label], [STATEMENT], ["Sentinel Stroke National Audit Programme (SSNAP)"]]


def _heads(period: Period, teams: Sequence[TeamFigures]) -> list[tuple[str, Row]]:
    networks = period.start >= _NETWORKS_FROM
    return [
        ("SSNAP Scoring Summary:", [team.type for team in teams]),
        (
            "ISDN" if networks else "SCN",
            [team.network if networks else f"{team.network} SCN" for team in teams],
        ),
        ("Trust", [team.trust for team in teams]),
        ("Team", [team.name for team in teams]),
    ]


def _scoring_summary(period: Period, teams: Sequence[TeamFigures]) -> list[Row]:
    """Category in column A, the measure in C, teams from F; rows of other things between differ by period."""
    blank: Row = ["", "", "", "", ""]
    rows: list[Row] = [[STATEMENT]] * (period.start.month % 2)
    for label, cells in _heads(period, teams):
        in_first = label.endswith(":")
        rows.append([label if in_first else "", "", "" if in_first else label, "", "", *cells])
    category = ""
    for own, measure, figure in _measures():
        rows.append(["" if own == category else own, "", measure, "", "", *map(figure, teams)])
        category = own
    tallies = [level_letter(score(team)) for team in teams if not team.word]
    rows.append(["SSNAP levels:", "", "Combined Total Key Indicator levels:", "", ""])
    rows += [[f"{letter} - {tallies.count(letter)} teams", *blank[1:]] for letter in "ABCDE"]
    return rows


def _measures() -> list[tuple[str, str, Figure]]:
    found: list[tuple[str, str, Figure]] = [
        ("", "SSNAP level", _overall_level),
        ("", "SSNAP score", _overall_score),
        ("", "Case ascertainment band", lambda team: "E" if team.word else "A"),
        ("", "Audit compliance band", lambda team: "B"),
        ("", "Combined Total Key Indicator level", _overall_level),
        ("", "Combined Total Key Indicator score", _overall_score),
        (
            "Number of records completed:",
            "Team-centred post-72h all teams cohort",
            lambda team: team.admitted,
        ),
    ]
    for centred in ("Patient-centred", "Team-centred"):
        found += [
            (f"{centred} Domain levels:", f"{number}) {domain}", _domain(centred, domain))
            for number, domain in enumerate(_DOMAINS, 1)
        ]
        found += [
            (f"{centred} KI level", f"{centred} Total KI level", _key_indicators(centred, level_letter)),
            (f"{centred} KI level", f"{centred} Total KI score", _key_indicators(centred, lambda mean: mean)),
            (f"{centred} SSNAP level", f"{centred} SSNAP level \n(after adjustments)", _overall_level),
            (f"{centred} SSNAP level", f"{centred} SSNAP score", _overall_score),
        ]
    return found


def _overall_level(team: TeamFigures) -> Cell:
    if team.word:
        return "TFP" if team.word == TOO_FEW else "X"
    return level_letter(score(team))


def _overall_score(team: TeamFigures) -> Cell:
    return team.word or score(team)


def _key_indicators(centred: str, shown: Callable[[float], Cell]) -> Figure:
    """The mean of a team's domain levels, A at 100 to E at 20, as the audit makes its total key indicator score."""

    def figure(team: TeamFigures) -> Cell:
        levels = [_domain(centred, domain)(team) for domain in _DOMAINS]
        worth = [
            100 - 20 * "ABCDE".index(level)
            for level in levels
            if isinstance(level, str) and level in [*"ABCDE"]
        ]
        return team.word or shown(round(sum(worth) / len(worth), 1))

    return figure


def _domain(centred: str, domain: str) -> Figure:
    def shown(team: TeamFigures) -> Cell:
        if domain != "Thrombolysis":
            return team.word or level_letter(team.others)
        if not team.routine and centred == "Team-centred":
            return ""
        return team.word or level_letter(thrombolysis_score(team), DOMAIN_LEVELS)

    return shown


def _domain_tab(period: Period, teams: Sequence[TeamFigures]) -> list[Row]:
    rows: list[Row] = [["", "", label.removesuffix(":"), *cells] for label, cells in _heads(period, teams)]
    rows[0][2] = "Team type"
    key_indicators = (
        ("3.1 Percentage of all stroke patients given thrombolysis (H16.3)", "3"),
        ("3.2 Percentage of eligible patients given thrombolysis (H16.55)", "55"),
        ("3.3 Percentage of patients who were thrombolysed within 1 hour of clock start (H16.74)", "74"),
        ("3.5 Median time between clock start and thrombolysis (minutes) (H16.42)", "42"),
    )
    items = {item.number: item for item in _items()}
    for label, number in key_indicators:
        cells = [_shown(team, items[number], period) for team in teams]
        rows.append(["Team-centred key indicators", "", label, *cells])
    return rows


def _portfolio_sheet(period: Period, teams: Sequence[TeamFigures], letter: str) -> list[Row]:
    """Type, area, trust and team, then items; one to four lines of title stand above, by period.

    A line of periods stands below the names, but not in those of October to December: their file names date them.
    """
    columns = [total(list(teams), "National"), *teams]
    if letter == "G":
        columns = [_patient_centred(team) for team in columns]
    rows: list[Row] = [[STATEMENT], *([] for _ in range(period.start.month // 4))]
    rows += [
        ["", "", "", "", *cells]
        for cells in (
            [team.type for team in columns],
            [team.network for team in columns],
            [team.trust for team in columns],
        )
    ]
    rows.append(["Category", "Item Reference", "Item", "Data type", *(team.name for team in columns)])
    if period.start.month != 10:
        dated: Row = [f"{period.start:%b %Y}-{period.end:%b %Y}"] * len(columns)
        rows.append(["Time period:", "", "", "", *dated])
    category = item_name = ""
    for item in _items():
        own = "" if item.category == category else item.category
        wording = "" if (item.category, item.item) == (category, item_name) else item.item
        cells = [_shown(team, item, period) for team in columns]
        rows.append([own, f"{letter}16.{item.number}", wording, item.type, *cells])
        category, item_name = item.category, item.item
    return rows


def _shown(team: TeamFigures, item: Item, period: Period) -> Cell:
    """A figure as printed: a word in its place, or a percentage in the period's way."""
    if team.type and not team.routine:
        return _NOT_APPLICABLE
    if team.word:
        return team.word
    value = item.figure(team)
    if value is None:
        return _NOT_APPLICABLE
    if item.type != "%" or not isinstance(value, float):
        return value
    return round(value, 1) if period.start >= _ONE_DECIMAL_FROM else f"{value:.0f}%"


def _patient_centred(team: TeamFigures) -> TeamFigures:
    """A team with the patients that others answer for but it treated too."""
    added = {
        name: getattr(team, name) + getattr(team, name) // 8
        for name in ("admitted", "treated", "eligible", "eligible_treated", "within", "stroke_unit")
    }
    return replace(team, **added)


@cache
def _items() -> tuple[Item, ...]:
    """Items 16.1 to 16.77 of sections G and H, as far as the key indicators of thrombolysis go."""
    given = "Thrombolysis given (all stroke types)"
    eligible, thrombolysed = "Eligible for thrombolysis (minimum threshold)", "If eligible, thrombolysed"
    hour, unit = (
        "Thrombolysed within 1 hour of clock start",
        "Stroke unit within 4 hours, thrombolysed if needed",
    )
    return (
        *_triple("Thrombolysis", ("1", "2", "3"), given, _treated, _admitted),
        *_times("Time to thrombolysis", "Clock start to thrombolysis (minutes)"),
        Item("Eligibility", "48", eligible, "d", _admitted),
        Item("Eligibility", "49", "Eligible", "n", _eligible),
        Item("Eligibility", "50", "Eligible", "%", _share(_eligible, _admitted)),
        Item("Eligibility", "51", "Not eligible", "n", lambda team: team.admitted - team.eligible),
        Item("Eligibility", "53", thrombolysed, "d", _eligible),
        Item("Eligibility", "54", "If eligible, thrombolysed: Yes", "n", _eligible_treated),
        Item(
            "Eligibility", "55", "If eligible, thrombolysed: Yes", "%", _share(_eligible_treated, _eligible)
        ),
        Item("Eligibility", "56", "No", "n", lambda team: team.eligible - team.eligible_treated),
        *_triple("Timeliness", ("72", "73", "74"), hour, lambda team: team.within, _treated),
        *_triple("Timeliness", ("75.1", "76.1", "77.1"), unit, lambda team: team.stroke_unit, _admitted),
    )


Count = Callable[[TeamFigures], int]


def _triple(category: str, numbers: tuple[str, str, str], item: str, part: Count, whole: Count) -> list[Item]:
    figures: tuple[Figure, Figure, Figure] = (part, whole, _share(part, whole))
    types = ("n", "denominator \n(d)" if category == "Thrombolysis" else "d", "%")
    return [Item(category, *own) for own in zip(numbers, (item,) * 3, types, figures, strict=True)]


def _times(category: str, item: str) -> list[Item]:
    figures: tuple[Figure, Figure, Figure] = (
        lambda team: team.median if team.treated else None,
        lambda team: team.quartiles[0] if team.treated else None,
        lambda team: team.quartiles[1] if team.treated else None,
    )
    types = ("Median", "Lower IQR", "Upper IQR")
    return [Item(category, *own) for own in zip(("42", "43", "44"), (item,) * 3, types, figures, strict=True)]


def _share(part: Count, whole: Count) -> Figure:
    def percentage(team: TeamFigures) -> Cell:
        return 100 * part(team) / whole(team) if whole(team) else None

    return percentage


def _admitted(team: TeamFigures) -> int:
    return team.admitted


def _treated(team: TeamFigures) -> int:
    return team.treated


def _eligible(team: TeamFigures) -> int:
    return team.eligible


def _eligible_treated(team: TeamFigures) -> int:
    return team.eligible_treated
