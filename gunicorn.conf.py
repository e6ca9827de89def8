"""How gunicorn serves the site: it reads this file where it is started, `gunicorn app:server`.

The application is made once, in the process that the workers are copied from, so that they share its memory.
WEB_CONCURRENCY, or gunicorn's own options, win over what stands here.
"""

import gc
import os

from gunicorn.arbiter import Arbiter

bind = "127.0.0.1:8050"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
worker_class = "gthread"
preload_app = True
keepalive = 75  # seconds; longer than a reverse proxy keeps a connection that it does not use
timeout = 60
graceful_timeout = 30
control_socket_disable = True  # it would need a home folder, which a service may not have


def when_ready(server: Arbiter) -> None:
    """What is there before the first worker stays as it is: collections would copy its memory into each worker."""
    gc.collect()
    gc.freeze()
