"""A pack is issued: read anew, its documents made, kept by their hashes and recorded."""

from __future__ import annotations

from sqlalchemy import Connection

from db.domain.holdings import DataVersion
from db.service.packs.issued import IssuedFigure, PackError, PackIssue, issue_pack
from db.service.packs.orders import order_by_id
from stp_dash.analysis.wording import date_text
from stp_dash.elements.links import PACK, read_search
from stp_dash.frame.request import PageRequest, Site
from stp_dash.pack.making import documents_of, version_of_pack
from stp_dash.pack.model import BoardPack
from stp_dash.pack.read import read_issue
from stp_dash.pack.words import pack_file_name

ISSUED_KINDS = ("pdf", "pptx", "xlsx")
"""The documents that every issued pack has."""


def issue(request: PageRequest, *, title: str, by: str, order: int | None = None) -> int:
    """Issue the pack that an address asks for, as the figures are now, and give its number.

    With `title` "" it is called by its area and month. Raises ParameterError, BusyError, NotMadeError and PackError.
    """

    def read(connection: Connection) -> tuple[DataVersion, BoardPack, tuple[IssuedFigure, ...], str]:
        version = version_of_pack(request, connection)
        return version, *read_issue(request, connection, version)

    site = request.site
    version, pack, figures, address = site.read(read, current=True)
    made = documents_of(pack, ISSUED_KINDS, site.settings.pack)
    documents = {kind: (pack_file_name(pack, kind), content) for kind, content in made.items()}
    asked = request.as_of().version
    wanted = PackIssue(
        title or f"{pack.area}, {pack.period or pack.day}",
        request.area.code,
        address,
        version.number if asked is None else asked,
        version.demonstration,
        figures,
        commentary=pack.commentary,
        order=order,
    )
    return issue_pack(site.store, site.settings.packs_folder, wanted, documents, by=by)


def issue_ordered(site: Site, number: int) -> int:
    """Issue the pack of a standing order, and give its number. Raises as `issue`, and PackError for no such order."""
    with site.store.reading() as connection:
        order = order_by_id(connection, number)
    if order is None:
        raise PackError(f"there is no standing order {number}")
    request = PageRequest(site, PACK, read_search(order.address.partition("?")[2]))
    title = f"{order.title}, {date_text(site.today())}"
    return issue(request, title=title, by=order.made_by, order=number)
