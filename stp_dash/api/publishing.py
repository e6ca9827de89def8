"""Releases, files, how fresh each source is, and what people say of figures, as tables."""

from __future__ import annotations

from datetime import datetime, time

from db.catalogue.source_files import publications
from db.domain.file import LoadedFile
from db.domain.holdings import DataVersion
from db.domain.timing import TIME_ZONE
from db.figures.commentary.read import commentaries
from db.store import Connection
from stp_dash.analysis.noted.said import COMMENTARY_KEYS, commentary_sheet
from stp_dash.analysis.provenance import public_address
from stp_dash.analysis.sheet import Subject
from stp_dash.api.catalogue import OURS
from stp_dash.api.read import ApiReader
from stp_dash.api.table import INVENTED_ROW, MARK, Row, Table, sheet_table
from stp_dash.elements.links import issued_document
from stp_dash.frame.request import PageRequest, ParameterError

RELEASE_KEYS = ("source", "publisher", "released_on", "day_known_from")
FILE_KEYS = (
    *("source", "file", "title", "published_on", "loaded_at", "layout", "bytes", "sha256", "url"),
    *("file_state", MARK),
)
FRESHNESS_KEYS = (
    *(
        "source",
        "publisher",
        "level_of",
        "period",
        "period_start",
        "period_end",
        "expected_on",
        "days_overdue",
    ),
)
PACK_KEYS = (
    *("pack", "pack_title", "area", "issued_at", "pack_version", "code_version", "document", "document_url"),
    *("bytes", "sha256", "pack_state", "withdrawn_because", MARK),
)


def release_table(request: PageRequest, connection: Connection, version: DataVersion) -> Table:
    """The days on which sources published something that the store holds, the newest first."""
    sources = frozenset(_sources(request))
    rows: list[Row] = [
        (item.source, _publisher(item.source), item.on, "the publisher" if item.published else "its fetching")
        for item in ApiReader(request, connection, version).publication_days
        if item.source in sources
    ]
    return Table(RELEASE_KEYS, rows)


def file_table(request: PageRequest, connection: Connection, version: DataVersion) -> Table:
    """The files that the store holds, by source, the newest release first."""
    reader = ApiReader(request, connection, version)
    found = [item for source in _sources(request) for item in reader.files(source)]
    return Table(FILE_KEYS, [_file(item) for item in found])


def freshness_table(request: PageRequest, connection: Connection, version: DataVersion) -> Table:
    """Of each source and level the last period held, and when the next should be out."""
    reader = ApiReader(request, connection, version)
    rows: list[Row] = []
    for source in sorted(_sources(request)):
        for item in reader.freshness(source):
            period, due = item.period, item.expected
            days = (item.overdue if due else None,)
            row = (source, _publisher(source), item.level, period.label, period.start, period.end)
            rows.append((*row, due.on if due else None, *days))
    return Table(FRESHNESS_KEYS, rows)


def pack_table(request: PageRequest, connection: Connection, version: DataVersion) -> Table:
    """The area's issued board packs, the newest first, a row for each of their documents."""
    return _packs(ApiReader(request, connection, version), request.area.code)


def every_pack_table(request: PageRequest, connection: Connection, version: DataVersion) -> Table:
    """The issued board packs of all areas, in that way."""
    return _packs(ApiReader(request, connection, version), None)


def _packs(reader: ApiReader, of_area: str | None) -> Table:
    settings = reader.request.site.settings
    rows: list[Row] = []
    for item in reader.issued_packs(of_area):
        area = settings.area_called(item.area)
        about = (item.id, item.title, area.name if area else item.area)
        for document in item.documents:
            made = (item.issued_at.isoformat(timespec="seconds"), item.data_version, item.code_version)
            where = (document.kind, f"{settings.site.path}{issued_document(item.id, document.kind)}")
            state = ("withdrawn" if item.withdrawn_at else "stands", item.withdrawn_because)
            mark = INVENTED_ROW if item.demonstration else None
            rows.append((*about, *made, *where, document.size, document.sha256, *state, mark))
    return Table(PACK_KEYS, rows, OURS)


def _sources(request: PageRequest) -> tuple[str, ...]:
    """The source asked for, or all of the catalogue. Raises ParameterError."""
    known = dict.fromkeys(item.source_id for item in request.site.store.catalogue.indicators.values())
    asked = request.parameters.get("source")
    if asked is None:
        return tuple(known)
    if asked not in known:
        raise ParameterError("source", asked, f"one of {', '.join(known)}", ())
    return (asked,)


def _publisher(source: str) -> str | None:
    known = publications().get(source)
    return known.publisher if known else None


def _file(item: LoadedFile) -> Row:
    return (
        *(item.source, item.name, item.title, item.published_on),
        item.loaded_at.isoformat(timespec="seconds") if item.loaded_at else None,
        *(item.layout, item.size, item.sha256),
        public_address(item.url, demonstration=item.demonstration) or None,
        "undone" if item.undone_by else "counts",
        INVENTED_ROW if item.demonstration else None,
    )


def commentary_table(request: PageRequest, connection: Connection, version: DataVersion) -> Table:
    """What is shown, the newest period first; with `published`, what was on that day. Of a data version there is none:
    words belong to none. Raises ParameterError for an organisation or an area that there is not."""
    reader, asked = ApiReader(request, connection, version), request.parameters
    place = asked.get("organisation")
    known = request.site.settings.areas.keys() | request.site.store.catalogue.organisations.keys()
    if place is not None and place not in known and reader.code_lists.organisation(place) is None:
        raise ParameterError("organisation", place, "the code of an organisation or area", ())
    as_of, indicators = request.as_of(), [request.indicator().id] if "indicator" in asked else None
    day = as_of.published_by
    until = None if day is None else datetime.combine(day, time(23, 59, 59), TIME_ZONE)
    found = commentaries(
        connection, indicators=indicators, places=None if place is None else [place], until=until
    )
    sheet = commentary_sheet(
        () if as_of.version is not None else found,
        reader.names,
        request.site.today(),
        caption="",
        subject=Subject(),
    )
    return sheet_table(sheet, COMMENTARY_KEYS)
