"""The sources that the product knows, by id: every package of `etl.sources`, imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from etl import sources
from etl.source import Source, SourceError

if TYPE_CHECKING:
    from db.settings import Settings


class SourceRegistry(Mapping[str, Source]):
    """The packages of `etl.sources` by name, in its order. A source's id is its package's name, which holds `SOURCE`.

    Names cost nothing: a source is imported, with all that it reads files by, when it is looked up.
    """

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(module.name for module in iter_modules(sources.__path__) if module.ispkg))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, source_id: object) -> bool:
        return source_id in list(self)

    def __getitem__(self, source_id: str) -> Source:
        if source_id not in self:
            raise KeyError(source_id)
        source: Source = import_module(f"{sources.__name__}.{source_id}").SOURCE
        return source


SOURCES = SourceRegistry()


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
            f"setting publishers.{source_id}: wanted the address of a web page, found something else"
        )
    hosts = (host, *source.allowed_hosts)
    return replace(source, landing_url=address, older_landing_urls=(), allowed_hosts=hosts)
