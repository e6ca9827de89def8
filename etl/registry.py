"""The sources that the product knows, by id."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from db.settings import Settings
from etl.source import Source, SourceError
from etl.sources import cancer_waiting_times, general_practice_workforce, ssnap

_KNOWN = (cancer_waiting_times.SOURCE, general_practice_workforce.SOURCE, ssnap.SOURCE)

SOURCES: dict[str, Source] = {source.id: source for source in _KNOWN}


def source_by_id(source_id: str) -> Source:
    """Raises SourceError that names the known sources."""
    try:
        return SOURCES[source_id]
    except KeyError:
        raise SourceError(f"wanted one of the sources {', '.join(SOURCES)}, found {source_id!r}") from None


def located_source(source_id: str, settings: Settings) -> Source:
    """A source with its landing page where the settings say that the publisher has moved it, if they say so.

    Raises SourceError for an unknown source and for an address that is none.
    """
    source, address = source_by_id(source_id), settings.publishers.get(source_id)
    if address is None:
        return source
    host = urlsplit(address).hostname
    if host is None:
        raise SourceError(
            f"setting publishers.{source_id}: wanted an address of a web page, found {address!r}"
        )
    hosts = (host, *source.allowed_hosts)
    return replace(source, landing_url=address, older_landing_urls=(), allowed_hosts=hosts)
