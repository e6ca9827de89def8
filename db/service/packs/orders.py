"""Standing orders: packs that are issued by themselves, once for each month (or quarter) that a source brings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Select, exists, func, insert, select, update

from db.domain import Period, RunState
from db.service.packs.issued import PackError
from db.store import Store, audit
from db.store.schema import indicator, latest_period, load_run, pack_order


@dataclass(frozen=True)
class PackOrder:
    """A pack to be issued whenever a source has brought a new period. `last` is the newest that one was issued for, or
    that the source had when the order was made; None where it had none."""

    id: int
    title: str
    area: str
    address: str
    source: str
    made_at: datetime
    made_by: str
    last: Period | None


def make_order(store: Store, *, title: str, area: str, address: str, source: str, by: str) -> int:
    """Order a pack from the source's next period on; the order's number. Raises PackError for one that there is."""
    with store.writing() as connection:
        same = (pack_order.c.address == address) & (pack_order.c.source == source)
        if _orders(connection, _OPEN.where(same)):
            raise PackError("this pack is ordered already")
        row = {
            "title": title,
            "area": area,
            "address": address,
            "source": source,
            "made_at": datetime.now(UTC),
            "made_by": by,
            "last_period": _newest(connection, source),
        }
        made = insert(pack_order).values(row).returning(pack_order.c.id)
        number = int(connection.execute(made).scalar_one())
        audit.record(connection, by, "order pack", f"order {number}", f"{title}, {address}, after {source}")
    return number


def end_order(store: Store, number: int, *, by: str) -> None:
    """Let an order stand no longer; what it issued stays. Raises PackError where there is none."""
    with store.writing() as connection:
        one = (pack_order.c.id == number) & pack_order.c.ended_at.is_(None)
        ended = update(pack_order).where(one).values(ended_at=datetime.now(UTC), ended_by=by)
        if not connection.execute(ended).rowcount:
            raise PackError(f"there is no standing order {number}")
        audit.record(connection, by, "end order of pack", f"order {number}")


def standing_orders(connection: Connection) -> tuple[PackOrder, ...]:
    """The orders that stand, the oldest first."""
    return _orders(connection, _OPEN)


def due_orders(connection: Connection) -> tuple[tuple[PackOrder, Period], ...]:
    """The orders whose source has brought a period since, with that period, and is not at work on more."""
    at_work = exists(
        select(load_run.c.id).where(
            load_run.c.source == pack_order.c.source,
            load_run.c.state.in_([RunState.QUEUED.value, RunState.RUNNING.value]),
        )
    )
    newest = {
        source: _newest(connection, source)
        for source in {order.source for order in standing_orders(connection)}
    }
    return tuple(
        (order, Period.from_key(newest[order.source]))
        for order in _orders(connection, _OPEN.where(~at_work))
        if newest[order.source] > (order.last.key if order.last else 0)
    )


def order_by_id(connection: Connection, number: int) -> PackOrder | None:
    """An order that stands, by its number."""
    return next(iter(_orders(connection, _OPEN.where(pack_order.c.id == number))), None)


def note_ordered(connection: Connection, number: int, period: Period) -> None:
    """That an order is filed for a period: it is not due again before the next."""
    filed = update(pack_order).where(pack_order.c.id == number).values(last_period=period.key)
    connection.execute(filed)


_OPEN = select(pack_order).where(pack_order.c.ended_at.is_(None)).order_by(pack_order.c.id)


def _newest(connection: Connection, source: str) -> int:
    """The key of the newest period in which anybody has a figure of a source; 0 for none."""
    newest = select(func.max(latest_period.c.period_id)).join_from(latest_period, indicator)
    return int(connection.execute(newest.where(indicator.c.source == source)).scalar() or 0)


def _orders(connection: Connection, statement: Select[tuple[object, ...]]) -> tuple[PackOrder, ...]:
    return tuple(
        PackOrder(
            row.id,
            row.title,
            row.area,
            row.address,
            row.source,
            row.made_at,
            row.made_by,
            Period.from_key(row.last_period) if row.last_period else None,
        )
        for row in connection.execute(statement)
    )
