"""How gunicorn serves the site: it reads this file where it is started, `gunicorn app:server`.

The application is made once, in the process that the workers are copied from, so that they share its memory.
WEB_CONCURRENCY, or gunicorn's own options, win over what stands here.
"""

import gc
import os

from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.util import parse_address
from gunicorn.workers.base import Worker

from db.settings import SettingsError, load_settings
from stp_dash.api.bulk.keeping import keep_bulk
from stp_dash.web.kept.warming import keep_warm
from stp_dash.web.listening import check_free, listening_place

try:
    site = load_settings().site
except SettingsError as error:
    raise SystemExit(f"The site cannot start: {error}") from None

bind = listening_place(site.host, site.port)
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
worker_class = "gthread"
preload_app = True
keepalive = 75  # seconds; longer than a reverse proxy keeps a connection that it does not use
timeout = 60
graceful_timeout = 30
control_socket_disable = True  # it would need a home folder, which a service may not have


def _addresses() -> list[str]:
    """Where gunicorn is going to listen: its options, at the command or in its environment, or else `bind`."""
    given = Config()
    lines = (given.parser().parse_args(), given.parser().parse_args(given.get_cmd_args_from_env()))
    return next((line.bind for line in lines if line.bind), [bind])


if not {"GUNICORN_FD", "LISTEN_FDS"} & os.environ.keys():
    # Said before the application is made: gunicorn itself looks only afterwards, and tries five times.
    for address in map(parse_address, _addresses()):
        if isinstance(address, tuple):
            try:
                check_free(*address)
            except SettingsError as error:
                raise SystemExit(f"The site cannot start: {error}") from None


def post_worker_init(worker: Worker) -> None:
    """One of the workers makes the pages most asked for, and the files of everything, after each load."""
    keep_warm(worker.wsgi)
    keep_bulk(worker.wsgi)


def when_ready(server: Arbiter) -> None:
    """What is there before the first worker stays as it is: collections would copy its memory into each worker."""
    gc.collect()
    gc.freeze()
