"""Clinic waits, a made-up publication: one CSV file a month, of patients seen in time at each trust."""

from __future__ import annotations

from db.catalogue.source_files import publications
from etl.source import Source

from .reading import discover, parse, recognise

_FACTS = publications()["clinic_waits"]

SOURCE = Source(
    id=_FACTS.id,
    name=_FACTS.name,
    landing_url=_FACTS.landing_url,
    older_landing_urls=_FACTS.older_landing_urls,
    allowed_hosts=("www.example.org",),
    parser_version=1,
    discover=discover,
    recognise=recognise,
    parse=parse,
)
