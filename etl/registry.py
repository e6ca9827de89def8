"""The sources that the product knows, by id."""

from __future__ import annotations

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
