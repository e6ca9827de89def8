"""The leader killed fifty times at random moments: every slot exactly one completed run, none lost, none twice.

Three ways: schedulers of one machine on PostgreSQL, schedulers of "machines" of their own on PostgreSQL (each in its
own process namespace, so that nobody can look whether another's process lives and the lease has to run out), and two
on SQLite. Prints slots, runs, attempts and the seconds from a kill to the next leader.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

import psutil
import pytest

from db.service.processes import machine_name
from db.store import open_store
from tests.bench.measuring import note
from tests.support.killing import Account, kill_leaders
from tests.support.refreshing import Scheduler, environment, published

KILLS = int(os.environ.get("KILLS", "50"))


class Elsewhere(Scheduler):
    """A scheduler in a process namespace of its own: for the others, a process of another machine."""

    through = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")

    @property
    def name(self) -> str:
        """The name that it gives itself, "" until it has begun."""
        inside = self._inside()
        if inside is None:
            return ""
        namespace = Path(f"/proc/{inside.pid}/ns/pid").readlink().name.removeprefix("pid:[").removesuffix("]")
        return f"{machine_name()}[{namespace}]:1"

    def _inside(self) -> psutil.Process | None:
        return next(iter(psutil.Process(self._process.pid).children()), None)


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with published(tmp_path_factory.mktemp("publisher") / "site") as address:
        yield address


def tell(what: str, account: Account) -> None:
    due = len(account.due)
    note(what, "kills of the leader", account.kills, "")
    note(what, "slots due", due, "")
    note(what, "slots with exactly one completed run", account.completions.count(1), "", least=due)
    note(what, "slots lost", len(set(account.due) - set(account.run)), "", most=0)
    note(what, "slots completed more than once", sum(n > 1 for n in account.completions), "", most=0)
    note(what, "slots that took more than one attempt", sum(n > 1 for n in account.attempts), "")
    note(what, "most attempts of a slot", max(account.attempts), "")
    note(what, "median time to the next leader", median(account.takeovers), "s", most=30)
    note(what, "longest time to the next leader", max(account.takeovers), "s", most=30)


@pytest.mark.postgresql
def test_three_schedulers_of_one_machine(new_postgresql_url: str, landing: str, tmp_path: Path) -> None:
    settings = environment(tmp_path, landing)
    with closing(open_store(new_postgresql_url)) as store:
        account = kill_leaders(
            store, new_postgresql_url, tmp_path, settings, schedulers=3, kills=KILLS, seed=1
        )
    tell("leaders: one machine, PostgreSQL", account)
    account.check()


@pytest.mark.postgresql
def test_three_schedulers_of_three_machines(new_postgresql_url: str, landing: str, tmp_path: Path) -> None:
    if shutil.which("unshare") is None or os.geteuid() != 0:
        pytest.fail("process namespaces need root and `unshare` (util-linux)")
    settings = environment(tmp_path, landing)
    with closing(open_store(new_postgresql_url)) as store:
        account = kill_leaders(
            store, new_postgresql_url, tmp_path, settings, schedulers=3, kills=KILLS, seed=2, kind=Elsewhere
        )
    tell("leaders: three machines, PostgreSQL", account)
    account.check()


def test_two_schedulers_on_sqlite(sqlite_url: str, landing: str, tmp_path: Path) -> None:
    settings = environment(tmp_path, landing)
    with closing(open_store(sqlite_url)) as store:
        account = kill_leaders(store, sqlite_url, tmp_path, settings, schedulers=2, kills=KILLS, seed=3)
    tell("leaders: one machine, SQLite", account)
    account.check()
