"""Diagnostics waiting times and activity (NHS England, the return DM01): who waits for which test, and for how long.

Built on the monthly provider workbook, whose row 'Total' is England; the full extract has commissioners' figures too.
Each provider has 15 tests and a row that adds them up, which is never added again. People who wait are counted at the
end of the month, tests done in the month: the two are not of the same people.
"""

from __future__ import annotations

from db.catalogue.source_files import publications
from db.domain import Basis, OrganisationType
from etl.source import RollUp, Source
from etl.sources.diagnostics.discovery import discover
from etl.sources.diagnostics.layouts import parse, recognise

__all__ = ["SOURCE", "discover", "parse", "recognise"]

_FACTS = publications()["diagnostics"]

SOURCE = Source(
    id=_FACTS.id,
    name=_FACTS.name,
    landing_url=_FACTS.landing_url,
    allowed_hosts=("www.england.nhs.uk",),
    parser_version=1,
    discover=discover,
    recognise=recognise,
    parse=parse,
    roll_ups=(
        RollUp(Basis.PROVIDER, None, OrganisationType.REGION, by_source=True),
        RollUp(Basis.PROVIDER, None, OrganisationType.COUNTRY, by_source=True),
        RollUp(
            Basis.SUB_ICB_LOCATION, OrganisationType.SUB_ICB_LOCATION, OrganisationType.ICB, by_source=True
        ),
    ),
)
