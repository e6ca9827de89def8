"""Where each indicator stands: what its process does, against whether it can meet its standard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stp_dash.analysis import signals
from stp_dash.analysis.claims.change import ChangeKind
from stp_dash.analysis.claims.change_words import QUIET_WORDS
from stp_dash.analysis.standing.assurance import ASSURANCE_WORDS, NO_STANDARD, NOT_SAID
from stp_dash.analysis.wording import uncapitalised
from stp_dash.pages.overview.row import IndicatorRow
from stp_dash.statistics.profiles import COMMON_CAUSE, CONCERN, FAIL, IMPROVEMENT, NEITHER, PASS

IMPROVING, STEADY, WORSE, CHANGED, UNKNOWN = "improving", "steady", "worse", "changed", "unknown"
_ROWS = (
    (IMPROVING, signals.POINT_WORDS[IMPROVEMENT], "improvement_high"),
    (STEADY, signals.POINT_WORDS[COMMON_CAUSE], COMMON_CAUSE),
    (WORSE, signals.POINT_WORDS[CONCERN], "concern_low"),
    (CHANGED, signals.POINT_WORDS[NEITHER], "neither_high"),
    (UNKNOWN, QUIET_WORDS[ChangeKind.TOO_FEW], None),
)
_ALWAYS = frozenset({IMPROVING, STEADY, WORSE})
_COLUMNS = tuple((icon, words) for icon, words in ASSURANCE_WORDS.items() if icon != NOT_SAID)
_UNSAID = (NOT_SAID, ASSURANCE_WORDS[NOT_SAID])


@dataclass(frozen=True)
class Entry:
    """One indicator; `note` where its own words differ from the row's: `unusually low`; without a standard also
    the side of its comparator: `below England`."""

    name: str
    href: str
    note: str = ""


@dataclass(frozen=True)
class Cell:
    """`tone` is `hot` where something fails and shows concern, `warm` where one of them, `cool` where it passes or
    shows improvement, else ""."""

    entries: tuple[Entry, ...]
    tone: str


@dataclass(frozen=True)
class MatrixRow:
    """`icon` is the name of a variation icon."""

    key: str
    words: str
    icon: str | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """`columns` are names of assurance icons and the words beside them."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[MatrixRow, ...]


def matrix(rows: Sequence[IndicatorRow]) -> Matrix:
    """Every indicator that has a figure in its one cell. Rows and columns beyond the usual stand only when needed."""
    placed = [(direction_of(row), _column_of(row), row) for row in rows if row.value_known]
    columns = _COLUMNS + ((_UNSAID,) if any(column == NOT_SAID for _, column, _ in placed) else ())
    used = {name for name, _, _ in placed} | _ALWAYS
    found = []
    for key, words, icon in _ROWS:
        if key in used:
            cells = (Cell(_entries(key, words, column, placed), _tone(key, column)) for column, _ in columns)
            found.append(MatrixRow(key, words, icon, tuple(cells)))
    return Matrix(columns, tuple(found))


def direction_of(row: IndicatorRow) -> str:
    """What a row's process does: IMPROVING, STEADY, WORSE, CHANGED without a better side, or UNKNOWN."""
    if row.variation is None:
        return UNKNOWN
    if row.common_cause:
        return STEADY
    if row.improving:
        return IMPROVING
    return WORSE if row.worse else CHANGED


def _column_of(row: IndicatorRow) -> str:
    icon = row.assurance.icon
    return NO_STANDARD if row.assurance.compared else icon


def _entries(
    key: str, words: str, column: str, placed: Sequence[tuple[str, str, IndicatorRow]]
) -> tuple[Entry, ...]:
    return tuple(
        Entry(row.name, row.href, _note(row, words)) for own, at, row in placed if (own, at) == (key, column)
    )


def _note(row: IndicatorRow, words: str) -> str:
    own = "" if row.variation_words == words else uncapitalised(row.variation_words)
    beside = uncapitalised(row.assurance.words) if row.assurance.compared else ""
    return ", ".join(part for part in (own, beside) if part)


def _tone(key: str, column: str) -> str:
    if column == FAIL and key == WORSE:
        return "hot"
    if column == FAIL or key == WORSE:
        return "warm"
    return "cool" if column == PASS or key == IMPROVING else ""
