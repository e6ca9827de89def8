"""The demonstration publisher of referral to treatment waiting times: pages and full CSV data files, as at a day."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from functools import cached_property, partial

import numpy as np

from db.domain import Period
from etl.demo.pairs import INDEPENDENT, NOT_ENGLISH, Pair, pair_on
from etl.demo.publication import (
    BOARDS,
    SEED,
    File,
    Size,
    WholePublisher,
    months_before,
    second_thursday,
    write_years,
)
from etl.demo.referral_to_treatment.pathways import (
    DECISION_SHARE,
    FUNCTIONS,
    UNKNOWN_SHARE,
    WEEKS,
    Counts,
    WaitingLists,
)
from etl.reading.demonstration_mark import FILE_SUFFIX, NAME_SUFFIX

RTT_PATH = "/statistics/statistical-work-areas/rtt-waiting-times/"
_UPLOADS = "/statistics/wp-content/uploads/sites/2"
_MONTHS_TO_RELEASE, _MONTHS_TO_REVISION = 2, 12
_MONTHS = {Size.SMALL: 4, Size.STANDARD: 15, Size.NATIONAL: 24}
COLUMNS = (
    *("Period", "Provider Parent Org Code", "Provider Parent Name", "Provider Org Code", "Provider Org Name"),
    *("Commissioner Parent Org Code", "Commissioner Parent Name", "Commissioner Org Code"),
    *("Commissioner Org Name", "RTT Part Type", "RTT Part Description"),
    *("Treatment Function Code", "Treatment Function Name"),
    *(f"Gt {week:02} To {week + 1:02} Weeks SUM 1" for week in range(WEEKS - 1)),
    *(f"Gt {WEEKS - 1} Weeks SUM 1", "Total", "Patients with unknown clock start date", "Total All"),
)
PARTS = {
    "Part_1A": "Completed Pathways For Admitted Patients",
    "Part_1B": "Completed Pathways For Non-Admitted Patients",
    "Part_2": "Incomplete Pathways",
    "Part_2A": "Incomplete Pathways with DTA",
    "Part_3": "New RTT Periods - All Patients",
}


class WaitingTimesPublisher(WholePublisher):
    """Publishes waiting times into a folder. `today` fixes the newest month: two months before it."""

    source_id = "referral_to_treatment"
    landing_path = RTT_PATH
    title = "Consultant-led Referral to Treatment Waiting Times"

    def write_pages(self, files: Sequence[File]) -> None:
        write_years(self.folder, self.landing_path, self.title, "rtt-data-", files)

    @cached_property
    def lists(self) -> WaitingLists:
        last = months_before(Period.month(self.today.year, self.today.month), _MONTHS_TO_RELEASE)
        return WaitingLists(self.catalogue.organisations, last, SEED, BOARDS[self.size])

    def files(self) -> Iterator[File]:
        """The full CSV data files, oldest first; those of a year ago have been revised."""
        for back in reversed(range(_MONTHS[self.size])):
            month = months_before(self.lists.last, back)
            revised = back >= _MONTHS_TO_REVISION
            status = "-revised" if revised else ""
            out = months_before(month, -_MONTHS_TO_REVISION if revised else -_MONTHS_TO_RELEASE)
            name = f"Full-CSV-data-file-{month.start:%b%y}{status}-ZIP-1M{FILE_SUFFIX}.zip"
            yield File(
                f"{_UPLOADS}/{second_thursday(out).strftime('%Y/%m')}/{name}",
                f"Full CSV data file {month.start:%b%y}{status.replace('-', ' ')} (ZIP, 1M)",
                f"{month.start:%B %Y}",
                month,
                partial(self._zip, month),
            )

    def _zip(self, month: Period) -> bytes:
        packed = io.BytesIO()
        member = f"{month.end:%Y%m%d}-RTT-{month.start:%B-%Y}-full-extract.csv"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(member, full_extract(self.lists, month))
        return packed.getvalue()


def full_extract(lists: WaitingLists, month: Period) -> str:
    """A month's table in the publisher's exact layout, every name marked as demonstration."""
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    counts = _counts(lists, month)
    names = {code: f"{item.name.upper()}{NAME_SUFFIX}" for code, item in lists.organisations.items()}
    names |= {NOT_ENGLISH: f"#N/A{NAME_SUFFIX}", INDEPENDENT: f"INDEPENDENT HOSPITAL{NAME_SUFFIX}", "": ""}
    for number, pair in enumerate(lists.pairs):
        labels = _labels(pair_on(lists.organisations, pair, month.start), names, month)
        for part, description in PARTS.items():
            for place, (code, function) in enumerate((*FUNCTIONS.items(), ("C_999", "Total"))):
                weeks, unknown = counts[part]
                own, lost = (
                    (cells[number, place] if place < len(FUNCTIONS) else cells[number].sum(axis=0))
                    for cells in (weeks, unknown)
                )
                if own.sum() + lost:
                    writer.writerow(
                        [*labels, part, description, code, function, *_figures(part, own, int(lost))]
                    )
    return output.getvalue()


def _counts(lists: WaitingLists, month: Period) -> dict[str, tuple[Counts, Counts]]:
    """Pathways by part: by pair, treatment function and week, and those whose start is unknown."""
    waiting = lists.waiting(month)
    none = np.zeros(waiting.shape[:2], dtype=np.int64)
    admitted, others = (lists.completed(month, admitted=is_admitted) for is_admitted in (True, False))
    return {
        "Part_1A": (admitted, lists.part_of(admitted.sum(axis=-1), month, UNKNOWN_SHARE, 10)),
        "Part_1B": (others, lists.part_of(others.sum(axis=-1), month, UNKNOWN_SHARE, 11)),
        "Part_2": (waiting, none),
        "Part_2A": (lists.part_of(waiting, month, DECISION_SHARE, 12), none),
        "Part_3": (lists.part_of(waiting, month, 0.24, 13), none),
    }


def _labels(pair: Pair, names: dict[str, str], month: Period) -> Sequence[str]:
    codes = (pair.provider_parent, pair.provider, pair.commissioner_parent, pair.commissioner)
    return [f"RTT-{month.start:%B-%Y}", *(text for code in codes for text in (code, names[code]))]


def _figures(part: str, weeks: Counts, unknown: int) -> list[object]:
    """The counts as published: blanks where the part has none, and zeros and blanks mixed among the weeks."""
    total = int(weeks.sum())
    if part == "Part_3":
        return [*[""] * (WEEKS + 2), total]
    shown = [count or ("" if week % 2 else 0) for week, count in enumerate(weeks.tolist())]
    totals: list[object] = [total, unknown] if part.startswith("Part_1") else ["", ""]
    return [*shown, *totals, total + unknown]
