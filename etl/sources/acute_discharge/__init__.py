"""Acute discharge situation report (NHS England): who no longer meets the criteria to reside, and remains in hospital.

Trusts send figures of every day; months are means of ours over the days that were sent. A day without a figure is
none with nought. It is not the series of delayed transfers of care, which ended in February 2020: the publisher says
that the two cannot be compared, and they are never one line.
"""

from __future__ import annotations

from db.catalogue.source_files import publications
from etl.source import Source
from etl.sources.acute_discharge.discovery import discover
from etl.sources.acute_discharge.layouts import parse, recognise

__all__ = ["SOURCE", "discover", "parse", "recognise"]

_FACTS = publications()["acute_discharge"]

SOURCE = Source(
    id=_FACTS.id,
    name=_FACTS.name,
    landing_url=_FACTS.landing_url,
    allowed_hosts=("www.england.nhs.uk",),
    parser_version=1,
    discover=discover,
    recognise=recognise,
    parse=parse,
)
