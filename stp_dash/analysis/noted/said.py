"""Commentaries as a sheet: for the downloads of a chart, and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from db.domain.people.commentary import Commentary
from stp_dash.analysis.noted.commentary import WRITTEN_BY_PEOPLE, actions_text, london_day
from stp_dash.analysis.sheet import Sheet, Subject, column_of
from stp_dash.analysis.wording import date_text

COMMENTARY_KEYS = (
    *("indicator", "organisation_code", "organisation_name", "period", "period_start", "period_end"),
    *(
        "commentary_happened",
        "commentary_actions",
        "commentary_assurance",
        "written_as",
        "first_shown_on",
        "shown_on",
    ),
)


def commentary_sheet(
    found: Sequence[Commentary],
    names: Mapping[str, str],
    today: date,
    *,
    caption: str,
    subject: Subject,
) -> Sheet:
    """A row for each commentary, as it is given; `names` are those of the organisations."""
    columns = (
        column_of(found, key="indicator", raw=lambda item: item.about.indicator),
        column_of(found, key="organisation_code", raw=lambda item: item.about.place),
        column_of(found, key="organisation_name", raw=lambda item: names.get(item.about.place)),
        column_of(found, "Period", lambda i: i.about.period.label, "period", lambda i: i.about.period.label),
        column_of(found, key="period_start", raw=lambda item: item.about.period.start),
        column_of(found, key="period_end", raw=lambda item: item.about.period.end),
        column_of(
            found,
            "What happened",
            lambda i: i.remarks.happened,
            "commentary_happened",
            lambda i: i.remarks.happened,
        ),
        column_of(
            found,
            "What we are doing",
            lambda item: actions_text(item.remarks.actions, today),
            "commentary_actions",
            lambda item: actions_text(item.remarks.actions, today),
        ),
        column_of(
            found,
            "Assurance",
            lambda i: i.remarks.assurance,
            "commentary_assurance",
            lambda i: i.remarks.assurance,
        ),
        column_of(found, "Written as", lambda i: i.remarks.role, "written_as", lambda i: i.remarks.role),
        column_of(found, key="first_shown_on", raw=lambda item: london_day(item.first_shown_at)),
        column_of(
            found,
            "Shown",
            lambda item: date_text(london_day(item.shown_at)),
            "shown_on",
            lambda item: london_day(item.shown_at),
        ),
    )
    return Sheet(
        "commentary",
        "What those responsible say",
        caption,
        columns,
        "Whoever is named in the column written_as",
        WRITTEN_BY_PEOPLE,
        subject=subject,
    )
