"""Mid-year estimates of the population (Office for National Statistics): residents by area on 30 June, some by age.

An edition rests on a census, and a later edition replaces all years that it has. Country, regions, counties and their
districts are published in one column: nothing of a workbook is added up here, and only council areas add up to ours.
Projections are other things, with indicators of their own that name the year that they are based on; patients
registered with general practices are other people, and not read here.
"""

from __future__ import annotations

from db.catalogue.source_files import publications
from etl.source import Source
from etl.sources.population.discovery import discover
from etl.sources.population.layouts import parse, recognise

__all__ = ["SOURCE", "discover", "parse", "recognise"]

_FACTS = publications()["population"]

SOURCE = Source(
    id=_FACTS.id,
    name=_FACTS.name,
    landing_url=_FACTS.landing_url,
    allowed_hosts=("www.ons.gov.uk",),
    parser_version=2,
    discover=discover,
    recognise=recognise,
    parse=parse,
)
