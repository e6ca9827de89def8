"""Which figures differ between two states of the data, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from db.domain.reading import Reading

NEW, CHANGED, GONE, SETTLED = "new", "changed", "gone", "confirmed as final"
KINDS = (CHANGED, GONE, NEW, SETTLED)


@dataclass(frozen=True)
class Difference:
    """A figure in two data versions; None where it did not stand."""

    before: Reading | None
    after: Reading | None

    @property
    def reading(self) -> Reading:
        found = self.after or self.before
        if found is None:
            raise ValueError("wanted a figure in one of the data versions, found none")
        return found

    @property
    def kind(self) -> str:
        """What became of it: `new`, `gone`, `changed`, or `confirmed as final` with the same numbers."""
        if self.before is None:
            return NEW
        if self.after is None:
            return GONE
        return CHANGED if _numbers(self.before) != _numbers(self.after) else SETTLED


def differences(before: Iterable[Reading], after: Iterable[Reading]) -> tuple[Difference, ...]:
    """The figures that differ in numbers or in status: changed ones first, then the newest period first."""
    then, now = ({_key(item): item for item in readings} for readings in (before, after))
    pairs = (Difference(then.get(key), now.get(key)) for key in dict.fromkeys([*then, *now]))
    found = [item for item in pairs if item.kind != SETTLED or _settled(item)]
    return tuple(sorted(found, key=_place))


def _key(item: Reading) -> tuple[str, str, int, str]:
    return (item.indicator, item.organisation, item.period.key, item.breakdown)


def _numbers(item: Reading) -> tuple[object, ...]:
    return (item.numerator, item.denominator, item.value, item.missing_reason)


def _settled(item: Difference) -> bool:
    return item.before is not None and item.after is not None and item.before.maturity != item.after.maturity


def _place(item: Difference) -> tuple[int, int, str, str]:
    reading = item.reading
    return (KINDS.index(item.kind), -reading.period.key, reading.indicator, reading.organisation)
