"""Cancer waiting times (NHS England): the old ten standards to September 2023, the three since.

What a file becomes: one row for each organisation, month, indicator and breakdown, with patients within the
standard over all patients. Provider-based counts of the 62-day standard are in half patients, shared between two
trusts, and stay so. Provider and commissioner figures count the same patients and are never added together.
Sums that the publisher does not print are marked derived. See `tables`, `extracts`, `combined` and
`national_series` for the layouts, `vocabulary` for the words, `discovery` for the pages.
"""

from __future__ import annotations

from db.catalogue.source_files import publications
from db.domain import Basis, OrganisationType
from etl.source import RollUp, Source
from etl.sources.cancer_waiting_times.discovery import discover
from etl.sources.cancer_waiting_times.layouts import parse, recognise

__all__ = ["SOURCE", "discover", "parse", "recognise"]

_FACTS = publications()["cancer_waiting_times"]

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
        RollUp(Basis.PROVIDER, None, OrganisationType.COUNTRY),
        RollUp(Basis.COMMISSIONER, None, OrganisationType.COUNTRY),
        RollUp(Basis.SUB_ICB_LOCATION, OrganisationType.SUB_ICB_LOCATION, OrganisationType.ICB),
        RollUp(Basis.COMMISSIONER, OrganisationType.ICB, OrganisationType.REGION),
    ),
)
