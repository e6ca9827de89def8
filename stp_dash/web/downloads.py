"""The numbers of a page's charts as files, by address."""

from __future__ import annotations

import logging

from flask import Flask, Response, request

from stp_dash.elements.links import DOWNLOAD
from stp_dash.frame.address import AddressError
from stp_dash.frame.download import CONTENT_TYPES
from stp_dash.frame.request import ParameterError
from stp_dash.frame.turns import BusyError
from stp_dash.web.router import UNREADABLE, WAIT_SECONDS, Router

NOT_NOW = "The figures cannot be read at this moment. Try again later.\n"
BUSY = "Other large files are being made at this moment. Try again in some seconds.\n"
NO_TABLE = "This address leads to no table. Open the page it was copied from and download it there.\n"
_LOG = logging.getLogger(__name__)


def serve_downloads(server: Flask, router: Router) -> None:
    """Answer `/download/<page>.<kind>?...&sheet=` with the file, or say why there is none."""

    def serve(page: str, kind: str) -> Response:
        try:
            found = router.file(page, request.query_string.decode("utf-8", "replace"), kind)
        except ParameterError as error:
            status = 400 if isinstance(error, AddressError) else 404
            return Response(f"{error.told}\n", status=status, mimetype="text/plain")
        except BusyError:
            headers = {"Retry-After": str(WAIT_SECONDS)}
            return Response(BUSY, status=503, mimetype="text/plain", headers=headers)
        except UNREADABLE:
            _LOG.exception("the store cannot be read for a download of %s", page)
            return Response(NOT_NOW, status=503, mimetype="text/plain")
        if found is None:
            return Response(NO_TABLE, status=404, mimetype="text/plain")
        name, content = found
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(content, mimetype=CONTENT_TYPES[kind], headers=headers)

    server.add_url_rule(f"{DOWNLOAD}/<page>.<any({','.join(CONTENT_TYPES)}):kind>", "download", serve)
