"""The Dash application: the pages, the router and what the web server adds, put together."""

from __future__ import annotations

from typing import Any

from dash import Dash

from db.figures.replica import Replica
from db.settings import Settings, load_settings
from db.store import Store
from stp_dash.api.door import ApiDoor
from stp_dash.api.page import API_PAGE
from stp_dash.api.routes import serve_api
from stp_dash.follow.mail.asking import mail_blueprint
from stp_dash.follow.page import FOLLOW_PAGE
from stp_dash.frame.request import Site
from stp_dash.frame.shell import SITE_TITLE
from stp_dash.pack.issued.page import ISSUED_PAGE
from stp_dash.pack.page import PACK_PAGE
from stp_dash.pages import PAGES
from stp_dash.web.access import safe_headers, secure
from stp_dash.web.assets import FrontEnd, MonitorDash
from stp_dash.web.below_path import BelowPath
from stp_dash.web.browser import page_layout, register_callbacks, serve_documents, skeleton_html
from stp_dash.web.downloads import serve_downloads
from stp_dash.web.elsewhere.embed import serve_embeds
from stp_dash.web.endpoints import DASH_UPDATES, guard_dash, serve_machines
from stp_dash.web.kept.pages import KEPT_PAGES, KeptPages
from stp_dash.web.metrics import serve_metrics
from stp_dash.web.router import Router


def create_app(store: Store, settings: Settings | None = None, replica: Replica | None = None) -> Dash:
    """The site over an open store; `.server` is its WSGI application. Settings are loaded when not given.

    Figures are read from the replica, if there is one; what operators see and do is in the store itself.
    Raises SettingsError when settings are wrong.
    """
    site = Site(store, settings or load_settings(), replica=replica)
    root = site.settings.site.path
    pages = (*PAGES, FOLLOW_PAGE, PACK_PAGE, ISSUED_PAGE, API_PAGE)
    router = Router(site, pages)
    app = MonitorDash(
        "performance_standards_monitor",
        assets_ignore=".*",
        compress=True,
        title=SITE_TITLE,
        update_title="",
        suppress_callback_exceptions=True,
        health_endpoint="health",
        requests_pathname_prefix=f"{root}/",
        routes_pathname_prefix="/",
    )
    # Flask-Compress would leave a streamed file open until it is collected.
    app.server.config["COMPRESS_STREAMS"] = False
    app.front = FrontEnd([page.path for page in pages if page.plotted], skeleton_html(), root=root)
    app.front.serve(app.server)
    app.layout = page_layout
    serve_documents(app, router)
    register_callbacks(app, router)
    serve_downloads(app.server, router)
    serve_embeds(app.server, router, root + app.front.files["site.css"].address, root)
    for page in pages:
        if page.routes is not None:
            page.routes(app.server, site)
    api, answers = serve_api(app.server, site)
    app.server.config["STP_STYLE"] = root + app.front.files["site.css"].address
    serve_machines(app.server, app.front.files["icon.svg"])
    serve_metrics(app.server, store, replica)
    guard_dash(app)
    outermost: Any = app.server
    kept = KeptPages(outermost.wsgi_app, router, app.document, safe_headers(site.settings.access))
    app.server.extensions[KEPT_PAGES] = kept
    outermost.wsgi_app = ApiDoor(kept, answers, site.settings)
    secure(app.server, store, site.settings, open_posts=(DASH_UPDATES,))
    app.server.extensions["csrf"].exempt(api)
    mails = mail_blueprint(site)
    app.server.register_blueprint(mails)
    # Nobody is signed in: what they send is an address and choices, or what a mail's link carries, signed.
    app.server.extensions["csrf"].exempt(mails)
    if root:
        outermost.wsgi_app = BelowPath(outermost.wsgi_app, root)
    return app
