"""The differences between two states of the data as tables: by indicator, and one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from db.domain import Indicator
from db.domain.reading import Reading
from stp_dash.analysis.differences.difference import CHANGED, GONE, NEW, SETTLED, Difference
from stp_dash.analysis.provenance import files_text
from stp_dash.analysis.sheet import Column, Sheet, column_of
from stp_dash.analysis.wording import count_text, status_text, value_text
from stp_dash.elements.links import TREND, href


def by_indicator_sheet(
    found: Sequence[Difference], indicators: Mapping[str, Indicator], caption: str
) -> Sheet:
    """How many figures of each indicator differ, and how."""
    counts = Counter((item.reading.indicator, item.kind) for item in found)
    rows = _codes(found)
    kinds = (
        (CHANGED, "Changed", "figures_changed"),
        (GONE, "Gone", "figures_gone"),
        (NEW, "New", "figures_new"),
        (SETTLED, "Confirmed", "figures_confirmed"),
    )
    return Sheet(
        "by-indicator",
        "By indicator",
        caption,
        (
            Column("Indicator", [_name(indicators, code) for code in rows], "indicator", rows),
            *(
                Column(
                    heading,
                    [count_text(counts[code, kind]) for code in rows],
                    key,
                    [counts[code, kind] for code in rows],
                    numeric=True,
                )
                for kind, heading, key in kinds
            ),
        ),
        _owners(found, indicators),
        demonstration=_invented(found),
    )


def differences_sheet(
    found: Sequence[Difference],
    indicators: Mapping[str, Indicator],
    caption: str,
    *,
    name: str = "differences",
    title: str = "Figure by figure",
    names: Mapping[str, str] | None = None,
) -> Sheet:
    """Every figure that differs, with its numbers in both states and the file of the later. `names` are organisations'
    names by code as the page writes them; the download has those that the store holds."""
    return Sheet(
        name,
        title,
        caption,
        (*_places(found, indicators, names or {}), *_figures(found, indicators)),
        _owners(found, indicators),
        demonstration=_invented(found),
    )


def _places(
    found: Sequence[Difference], indicators: Mapping[str, Indicator], names: Mapping[str, str]
) -> tuple[Column, ...]:
    """Of what, whose and when each figure is."""

    def trend(item: Difference) -> str:
        return href(TREND, indicator=item.reading.indicator, organisation=item.reading.organisation)

    return (
        column_of(
            found,
            "Indicator",
            lambda item: _name(indicators, item.reading.indicator),
            "indicator",
            lambda item: item.reading.indicator,
            links=trend,
        ),
        column_of(found, key="unit", raw=lambda item: _unit(indicators, item.reading.indicator)),
        column_of(
            found,
            "Organisation",
            lambda item: (
                names.get(item.reading.organisation)
                or item.reading.organisation_name
                or item.reading.organisation
            ),
            "organisation_name",
            lambda item: item.reading.organisation_name,
        ),
        column_of(found, key="organisation_code", raw=lambda item: item.reading.organisation),
        column_of(
            found,
            "Period",
            lambda item: item.reading.period.short_label,
            "period",
            lambda item: item.reading.period.label,
        ),
        column_of(found, key="period_start", raw=lambda item: item.reading.period.start),
        column_of(found, key="period_end", raw=lambda item: item.reading.period.end),
        column_of(found, "What happened", lambda item: item.kind, "difference", lambda item: item.kind),
    )


def _figures(found: Sequence[Difference], indicators: Mapping[str, Indicator]) -> tuple[Column, ...]:
    """The figure in both data versions, and the file that it stands in."""
    columns = []
    for heading, key, readings in (
        ("Before", "before", [item.before for item in found]),
        ("After", "after", [item.after for item in found]),
    ):
        columns += [
            Column(
                heading,
                [_value(indicators, item) for item in readings],
                f"value_{key}",
                [item.value if item else None for item in readings],
                numeric=True,
            ),
            Column("", (), f"numerator_{key}", [item.numerator if item else None for item in readings]),
            Column("", (), f"denominator_{key}", [item.denominator if item else None for item in readings]),
        ]
    return (
        *columns,
        column_of(found, "Status", lambda item: status_text(item.reading.maturity)),
        column_of(
            found,
            "File",
            lambda item: files_text(item.reading),
            "file",
            lambda item: files_text(item.reading),
        ),
    )


def _value(indicators: Mapping[str, Indicator], reading: Reading | None) -> str:
    if reading is None:
        return "none"
    indicator = indicators.get(reading.indicator)
    return value_text(indicator, reading.value) if indicator else f"{reading.value}"


def _codes(found: Sequence[Difference]) -> list[str]:
    return list(dict.fromkeys(item.reading.indicator for item in found))


def _name(indicators: Mapping[str, Indicator], code: str) -> str:
    return indicators[code].short_name if code in indicators else code


def _unit(indicators: Mapping[str, Indicator], code: str) -> str:
    return indicators[code].unit if code in indicators else ""


def _owners(found: Sequence[Difference], indicators: Mapping[str, Indicator]) -> str:
    owners = dict.fromkeys(indicators[code].owner for code in _codes(found) if code in indicators)
    return "; ".join(owners) or "No figure differs"


def _invented(found: Sequence[Difference]) -> bool:
    return any(item.reading.demonstration for item in found)
