"""The pages: one package each, independent of each other, over the frame that they share; `PAGES` lists them."""

from __future__ import annotations

from dataclasses import replace

from stp_dash.frame.spec import PageSpec
from stp_dash.pages.areas.page import PAGE as AREAS
from stp_dash.pages.compare.page import PAGE as COMPARE
from stp_dash.pages.data.page import PAGE as DATA
from stp_dash.pages.documents.page import PAGES as DOCUMENTS
from stp_dash.pages.loading.page import PAGE as LOADING
from stp_dash.pages.operations.page import PAGE as OPERATIONS
from stp_dash.pages.organisation.page import PAGE as ORGANISATION
from stp_dash.pages.overview.challenges.page import PAGE as CHALLENGES
from stp_dash.pages.overview.page import PAGE as OVERVIEW
from stp_dash.pages.own.beside import with_own_measures
from stp_dash.pages.own.page import PAGE as OWN
from stp_dash.pages.staffing.page import PAGE as STAFFING
from stp_dash.pages.trend.notes.page import NOTES_PAGE
from stp_dash.pages.trend.page import PAGE as TREND
from stp_dash.pages.variation.page import PAGE as VARIATION

PAGES: tuple[PageSpec, ...] = (
    OVERVIEW,
    CHALLENGES,
    VARIATION,
    replace(TREND, build=with_own_measures(TREND.build)),
    NOTES_PAGE,
    ORGANISATION,
    AREAS,
    STAFFING,
    DATA,
    COMPARE,
    *DOCUMENTS,
    OPERATIONS,
    OWN,
    LOADING,
)
"""Every page, in the order in which the navigation lists them."""
