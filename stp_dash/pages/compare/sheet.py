"""The differences between two data versions as tables: by indicator, and one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from db.domain import Indicator
from db.domain.reading import Reading
from stp_dash.analysis.provenance import files_text
from stp_dash.analysis.sheet import Sheet, column_of
from stp_dash.analysis.wording import count_text, status_text, value_text
from stp_dash.elements.links import TREND, href
from stp_dash.pages.compare.words import CHANGED, GONE, NEW, SETTLED, Difference


def by_indicator_sheet(
    found: Sequence[Difference], indicators: Mapping[str, Indicator], caption: str
) -> Sheet:
    """How many figures of each indicator differ, and how."""
    counts = {code: Counter(i.kind for i in found if i.reading.indicator == code) for code in _codes(found)}
    rows = list(counts)
    kinds = ((CHANGED, "Changed"), (GONE, "Gone"), (NEW, "New"), (SETTLED, "Confirmed"))
    return Sheet(
        "by-indicator",
        "By indicator",
        caption,
        (
            column_of(
                rows, "Indicator", lambda code: _name(indicators, code), "indicator", lambda code: code
            ),
            *(
                column_of(
                    rows,
                    heading,
                    partial(_count, counts, kind),
                    numeric=True,
                )
                for kind, heading in kinds
            ),
        ),
        _owners(found, indicators),
        demonstration=_invented(found),
    )


def differences_sheet(
    found: Sequence[Difference], indicators: Mapping[str, Indicator], caption: str
) -> Sheet:
    """Every figure that differs, with its numbers and its file in both data versions."""

    def value(reading: Reading | None) -> str:
        if reading is None:
            return "none"
        indicator = indicators.get(reading.indicator)
        return value_text(indicator, reading.value) if indicator else str(reading.value)

    return Sheet(
        "differences",
        "Figure by figure",
        caption,
        (
            column_of(
                found,
                "Indicator",
                lambda i: _name(indicators, i.reading.indicator),
                "indicator",
                lambda i: i.reading.indicator,
                links=lambda i: href(
                    TREND, indicator=i.reading.indicator, organisation=i.reading.organisation
                ),
            ),
            column_of(
                found,
                "Organisation",
                lambda i: i.reading.organisation_name or i.reading.organisation,
                "organisation_name",
                lambda i: i.reading.organisation_name,
            ),
            column_of(found, key="organisation_code", raw=lambda i: i.reading.organisation),
            column_of(
                found,
                "Period",
                lambda i: i.reading.period.short_label,
                "period",
                lambda i: i.reading.period.label,
            ),
            column_of(found, key="period_start", raw=lambda i: i.reading.period.start),
            column_of(found, key="period_end", raw=lambda i: i.reading.period.end),
            column_of(found, "What happened", lambda i: i.kind, "difference", lambda i: i.kind),
            column_of(
                found,
                "Before",
                lambda i: value(i.before),
                "value_before",
                lambda i: i.before.value if i.before else None,
                numeric=True,
            ),
            column_of(
                found,
                "After",
                lambda i: value(i.after),
                "value_after",
                lambda i: i.after.value if i.after else None,
                numeric=True,
            ),
            column_of(found, key="numerator_before", raw=lambda i: i.before.numerator if i.before else None),
            column_of(
                found, key="denominator_before", raw=lambda i: i.before.denominator if i.before else None
            ),
            column_of(found, key="numerator_after", raw=lambda i: i.after.numerator if i.after else None),
            column_of(found, key="denominator_after", raw=lambda i: i.after.denominator if i.after else None),
            column_of(found, "Status", lambda i: status_text(i.reading.maturity)),
            column_of(
                found,
                "File",
                lambda i: files_text(i.reading),
                "file",
                lambda i: files_text(i.reading),
            ),
        ),
        _owners(found, indicators),
        demonstration=_invented(found),
    )


def _count(counts: Mapping[str, Counter[str]], kind: str, code: str) -> str:
    return count_text(counts[code][kind])


def _codes(found: Sequence[Difference]) -> list[str]:
    return list(dict.fromkeys(item.reading.indicator for item in found))


def _name(indicators: Mapping[str, Indicator], code: str) -> str:
    return indicators[code].short_name if code in indicators else code


def _owners(found: Sequence[Difference], indicators: Mapping[str, Indicator]) -> str:
    owners = dict.fromkeys(indicators[code].owner for code in _codes(found) if code in indicators)
    return "; ".join(owners) or "No figure differs"


def _invented(found: Sequence[Difference]) -> bool:
    return any(item.reading.demonstration for item in found)
