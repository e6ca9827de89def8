"""Counts of one month, from any layout: what they must add up to, and the canonical frame that they make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.domain import ALL, OBSERVATION_COLUMNS, Basis, Maturity, Period, breakdown_key
from db.reading.spreadsheets import Header, text_of
from etl.source import LayoutError
from etl.sources.diagnostics import vocabulary as words

Floats = NDArray[np.float64]

LABELS = ("organisation", "organisation_name", "basis", "test", "derived")
COUNTS = ("waiting", "over 6", "over 13", "planned", "unscheduled", "from the list")
BANDS = 14
"""Bands of waiting: thirteen of one week each, and 13 weeks or more."""
NOBODY = "nobody is on the list"
NOT_SUBMITTED = "not submitted"
_KINDS = {"Planned": 3, "Unscheduled": 4, "Waiting list": 5}


@dataclass(frozen=True, eq=False)
class CountsByTest:
    """Counts of one month: a row an organisation and test, the row of all tests among them.

    `labels` has the columns `LABELS`: a test by its number, `derived` for a sum of ours. `numbers` has the columns
    `COUNTS`. `shares` are the published shares over six weeks (0 to 1), NaN where there is none.
    """

    labels: pd.DataFrame
    numbers: Floats
    shares: Floats

    @classmethod
    def together(cls, parts: Sequence[CountsByTest]) -> CountsByTest:
        return cls(
            pd.concat([part.labels for part in parts], ignore_index=True),
            np.concatenate([part.numbers for part in parts]),
            np.concatenate([part.shares for part in parts]),
        )

    def of_single_tests(self) -> CountsByTest:
        single = (self.labels["test"] != words.TOTAL).to_numpy()
        return CountsByTest(self.labels[single], self.numbers[single], self.shares[single])

    def summed(
        self, parents: Mapping[str, str], names: Mapping[str, str], basis: Basis, *, derived: bool = True
    ) -> CountsByTest:
        """Sums to the organisations that rows count for, by code; a code without one counts for none."""
        to = self.labels["organisation"].map(dict(parents))
        chosen = to.notna().to_numpy()
        keys = {"organisation": to[chosen].to_numpy(), "test": self.labels["test"][chosen].to_numpy()}
        sums = pd.DataFrame(self.numbers[chosen]).assign(**keys).groupby(list(keys)).sum()
        labels = sums.index.to_frame(index=False).assign(basis=basis.value, derived=derived)
        labels["organisation_name"] = [names.get(code, "") for code in labels["organisation"]]
        return CountsByTest(labels[list(LABELS)], sums.to_numpy(dtype=float), np.full(len(sums), np.nan))


def columns_in_order(header: Header, wanted: Sequence[str]) -> list[int]:
    """The places of a header's columns, which are to be these in this order; columns without a heading are passed over.

    Nothing in the figures tells planned tests from unscheduled ones, so headings that have changed places are refused.
    Raises LayoutError at the first that is another.
    """
    filled = [place for place, label in enumerate(header.labels) if label]
    for number, label in enumerate(wanted):
        found = text_of(header.sheet.cell(header.index, filled[number])) if number < len(filled) else ""
        if _plain(found) != _plain(label):
            after = f" after '{wanted[number - 1]}'" if number else " first"
            raise LayoutError(header.where, f"a column '{label}'{after}", f"'{found}'" if found else "none")
    if len(filled) > len(wanted):
        found = text_of(header.sheet.cell(header.index, filled[len(wanted)]))
        raise LayoutError(header.where, f"'{wanted[-1]}' as the last column", f"'{found}' after it")
    return filled


def _plain(label: str) -> str:
    """A heading without spaces, leading noughts and plural: "00 < 01 Week" and "0 <01 weeks" are alike."""
    return re.sub(r"0+(?=\d)|\s|s$", "", label.casefold())


def contradicting_bands(
    bands: Floats, waiting: Floats, over_6: Floats, over_13: Floats
) -> tuple[int, str, float] | None:
    """The first row whose bands are not what its totals say, what was wanted and what was found; None for none."""
    for total, name, first in (
        (waiting, "Total Waiting List", 0),
        (over_6, "Number waiting 6+ Weeks", 6),
        (over_13, "Number waiting 13+ Weeks", 13),
    ):
        counted = bands[:, first:].sum(axis=1)
        wrong = counted != total
        if wrong.any():
            place = int(wrong.argmax())
            wanted = f"'{name}' of {counted[place]:.10g}, as the bands from week {first} on add up to"
            return place, wanted, float(total[place])
    return None


@dataclass(frozen=True)
class _Part:
    """Rows of one indicator; counts None where it has none."""

    indicator: str
    labels: pd.DataFrame
    breakdown: Sequence[str]
    numerator: Floats | None
    denominator: Floats | None
    value: Floats
    reasons: Sequence[str]


def counts_frame(
    counts: CountsByTest, month: Period, maturity: Maturity, absent: Mapping[str, str]
) -> pd.DataFrame:
    """The canonical frame of a month: shares with their counts, lists and tests done as values alone.

    `absent` are providers that did not submit, with their names.
    """
    parts = [*_parts(counts), *_absent_parts(absent)]
    labels = pd.concat([part.labels for part in parts], ignore_index=True)
    sizes = [len(part.labels) for part in parts]
    return pd.DataFrame(
        {
            "indicator": pd.Categorical(np.repeat([part.indicator for part in parts], sizes)),
            **{
                name: labels[name].astype("category")
                for name in ("organisation", "organisation_name", "basis")
            },
            "period": np.int64(month.key),
            "breakdown": pd.Categorical([key for part in parts for key in part.breakdown]),
            "numerator": _joined(parts, "numerator"),
            "denominator": _joined(parts, "denominator"),
            "value": _joined(parts, "value"),
            "missing_reason": pd.Categorical([reason for part in parts for reason in part.reasons]),
            "maturity": np.int64(maturity),
            "derived": labels["derived"].to_numpy(dtype=bool),
        }
    )[list(OBSERVATION_COLUMNS)]


def _joined(parts: Sequence[_Part], name: str) -> Floats:
    columns = (getattr(part, name) for part in parts)
    return np.concatenate(
        [
            np.full(len(part.labels), np.nan) if column is None else column
            for part, column in zip(parts, columns, strict=True)
        ]
    )


def _parts(counts: CountsByTest) -> Iterator[_Part]:
    keys = [
        ALL if number == words.TOTAL else breakdown_key({words.TEST: words.TESTS[number].name})
        for number in counts.labels["test"].tolist()
    ]
    waiting = counts.numbers[:, 0]
    yield _share(words.OVER_6, counts, keys, 1)
    yield _share(words.OVER_13, counts, keys, 2)
    yield _count(words.WAITING_LIST, counts.labels, keys, waiting)
    yield _count(words.ACTIVITY, counts.labels, keys, counts.numbers[:, 3:].sum(axis=1))
    total = (counts.labels["test"] == words.TOTAL).to_numpy()
    for kind, column in _KINDS.items():
        key = breakdown_key({words.KIND: kind})
        yield _count(
            words.ACTIVITY,
            counts.labels[total],
            [key] * int(total.sum()),
            counts.numbers[total, column],
        )
    grouped = _by_group(counts)
    group_keys = [breakdown_key({words.GROUP: name}) for name in grouped.labels["test"].tolist()]
    yield _share(words.OVER_6, grouped, group_keys, 1)


def _by_group(counts: CountsByTest) -> CountsByTest:
    """Sums of ours over the tests of each group, whose name stands in place of a test's number."""
    groups = counts.labels["test"].map({number: test.group for number, test in words.TESTS.items()})
    chosen = groups.notna().to_numpy()
    labels = counts.labels[chosen].assign(test=groups[chosen], derived=True)
    sums = pd.DataFrame(counts.numbers[chosen], index=labels.index)
    by_group = sums.groupby([labels[name] for name in LABELS], sort=False).sum()
    return CountsByTest(
        by_group.index.to_frame(index=False),
        by_group.to_numpy(dtype=float),
        np.full(len(by_group), np.nan),
    )


def _share(indicator: str, counts: CountsByTest, keys: Sequence[str], column: int) -> _Part:
    part, whole = counts.numbers[:, column], counts.numbers[:, 0]
    value = np.full(len(part), np.nan)
    if indicator == words.OVER_6:
        value = np.where(whole > 0, 100 * counts.shares, np.nan)
    reasons = np.where(whole > 0, "", NOBODY).tolist()
    return _Part(indicator, counts.labels, keys, part, whole, value, reasons)


def _count(indicator: str, labels: pd.DataFrame, keys: Sequence[str], count: Floats) -> _Part:
    return _Part(indicator, labels, keys, None, None, count, [""] * len(labels))


def _absent_parts(absent: Mapping[str, str]) -> Iterator[_Part]:
    labels = pd.DataFrame(
        [(code, name, Basis.PROVIDER.value, words.TOTAL, False) for code, name in absent.items()],
        columns=list(LABELS),
    )
    for indicator in (words.OVER_6, words.OVER_13, words.WAITING_LIST, words.ACTIVITY) if absent else ():
        empty = np.full(len(labels), np.nan)
        yield _Part(indicator, labels, [ALL] * len(labels), None, None, empty, [NOT_SUBMITTED] * len(labels))
