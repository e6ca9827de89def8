"""What a load writes, revises, withdraws and refuses, on both databases."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import text

from db.domain import LoadCounts, Maturity, Organisation, OrganisationType, Parent, Period, SourceFile
from db.figures.data_version import data_version
from db.loading.demonstration import DemonstrationError
from db.loading.load import load_frame
from db.loading.register import loaded_as
from db.loading.stage import FrameError
from db.store import Store
from db.store.catalogue_rows import synchronise_catalogue
from tests.support.frames import NOVEMBER, OCTOBER, SIXTY_TWO, file, frame, random_rows, row
from tests.support.postgresql import in_turn
from tests.support.slow_store import Release, store_after


def load(store: Store, table: pd.DataFrame, source: SourceFile | None = None) -> LoadCounts:
    with store.writing() as connection:
        return load_frame(connection, table, source or file(), catalogue=store.catalogue)


def current(
    store: Store, columns: str = "organisation_code, numerator, denominator"
) -> list[tuple[object, ...]]:
    with store.reading() as connection:
        rows = connection.execute(
            text(
                f"SELECT {columns} FROM current_observation ORDER BY indicator, period_start, organisation_code"
            )
        )
        return [tuple(item) for item in rows]


def revisions(store: Store) -> list[tuple[object, ...]]:
    with store.reading() as connection:
        rows = connection.execute(
            text(
                "SELECT o.code, r.numerator, r.denominator, r.reason, f.name, b.name "
                "FROM observation_revision r JOIN organisation o ON o.id = r.organisation_id "
                "JOIN source_file f ON f.id = r.source_file_id "
                "JOIN source_file b ON b.id = r.superseded_by_file_id ORDER BY o.code, f.id"
            )
        )
        return [tuple(item) for item in rows]


def test_counts_become_a_value_in_the_unit_of_the_indicator(store: Store) -> None:
    counts = load(store, frame(row("RVV", 2756, 4326), row("RWF", 152.5, 178.5, indicator=SIXTY_TWO)))
    assert counts == LoadCounts(new=2)
    assert current(store, "organisation_code, numerator, denominator, value") == [
        ("RVV", 2756, 4326, pytest.approx(63.707813)),
        ("RWF", 152.5, 178.5, pytest.approx(85.434174)),
    ]


def test_a_value_without_counts_and_a_missing_value_with_its_reason(store: Store) -> None:
    load(
        store,
        frame(
            row("RVV", None, None, value=71.5),
            row("RWF", None, None, missing_reason="too few to report"),
            row("RPA", 0, 0, missing_reason="no patients"),
        ),
    )
    assert current(store, "organisation_code, value, missing_reason") == [
        ("RPA", None, "no patients"),
        ("RVV", 71.5, None),
        ("RWF", None, "too few to report"),
    ]


def test_final_replaces_provisional_and_the_old_value_is_kept_with_its_file(store: Store) -> None:
    provisional = file("October-Provisional.xlsx", published_on=date(2023, 12, 14))
    final = file("October-Final.xlsx", published_on=date(2024, 1, 11))
    load(store, frame(row("RWF", 1421, 1843, maturity=Maturity.PROVISIONAL)), provisional)
    counts = load(store, frame(row("RWF", 1537, 1993)), final)
    assert counts == LoadCounts(revised=1)
    assert current(store, "organisation_code, numerator, denominator, maturity, source_file") == [
        ("RWF", 1537, 1993, "final", "October-Final.xlsx")
    ]
    assert revisions(store) == [
        ("RWF", 1421, 1843, "revised", "October-Provisional.xlsx", "October-Final.xlsx")
    ]


def test_provisional_loaded_after_final_does_not_win(store: Store) -> None:
    load(store, frame(row("RWF", 1537, 1993)), file("Final.xlsx", published_on=date(2024, 1, 11)))
    late = file("Provisional.xlsx", published_on=date(2024, 2, 8))
    counts = load(store, frame(row("RWF", 1421, 1843, maturity=Maturity.PROVISIONAL)), late)
    assert counts == LoadCounts(superseded=1)
    assert current(store) == [("RWF", 1537, 1993)]
    assert revisions(store) == [("RWF", 1421, 1843, "older release", "Provisional.xlsx", "Final.xlsx")]


def test_the_later_publication_wins_in_whatever_order_files_come(store: Store) -> None:
    newer = file("newer.xlsx", published_on=date(2026, 6, 11))
    older = file("older.xlsx", published_on=date(2023, 11, 9))
    load(store, frame(row("ENG", 182292, 261708, basis="national")), newer)
    load(store, frame(row("ENG", 180534, 258858, basis="national")), older)
    assert current(store) == [("ENG", 182292, 261708)]


def test_without_a_publication_date_the_file_that_reaches_further_is_the_later_one(store: Store) -> None:
    load(store, frame(row("ENG", 182292, 261708)), file("to-2026", latest_period_end=date(2026, 4, 30)))
    load(store, frame(row("ENG", 180534, 258858)), file("to-2023", latest_period_end=date(2023, 10, 31)))
    assert current(store) == [("ENG", 182292, 261708)]


def test_a_published_figure_wins_over_one_that_we_summed(store: Store) -> None:
    load(store, frame(row("ENG", 192880, 271402)), file("published.xlsx"))
    load(store, frame(row("ENG", 192000, 271000, derived=True)), file("summed.xlsx"))
    assert current(store) == [("ENG", 192880, 271402)]


def test_the_same_figures_again_change_nothing_and_keep_their_first_file(store: Store) -> None:
    load(store, frame(row("RVV", 2756, 4326)), file("first.xlsx", published_on=date(2024, 1, 11)))
    counts = load(store, frame(row("RVV", 2756, 4326)), file("again.xlsx", published_on=date(2024, 2, 8)))
    assert counts == LoadCounts(unchanged=1)
    assert current(store, "organisation_code, source_file") == [("RVV", "first.xlsx")]
    assert revisions(store) == []


def test_a_figure_confirmed_as_final_says_so(store: Store) -> None:
    load(store, frame(row("RVV", 2756, 4326, maturity=Maturity.PROVISIONAL)), file("provisional.xlsx"))
    counts = load(store, frame(row("RVV", 2756, 4326)), file("final.xlsx"))
    assert counts == LoadCounts(unchanged=1)
    assert current(store, "maturity, source_file") == [("final", "final.xlsx")]
    assert [item[3:5] for item in revisions(store)] == [("revised", "provisional.xlsx")]


def test_a_row_that_a_newer_release_no_longer_has_is_withdrawn(store: Store) -> None:
    load(store, frame(row("RVV", 10, 20), row("NV3", 1, 2), row("QKS", 5, 9, basis="commissioner")))
    counts = load(store, frame(row("RVV", 10, 20)))
    assert counts == LoadCounts(unchanged=1, withdrawn=1)
    assert current(store) == [("QKS", 5, 9), ("RVV", 10, 20)]
    assert [item[:4] for item in revisions(store)] == [("NV3", 1, 2, "withdrawn")]


def test_a_withdrawn_row_does_not_come_back_with_an_older_release(store: Store) -> None:
    released = [date(2024, 1, 11), date(2024, 2, 8), date(2024, 3, 14)]
    older, old, newest = (file(f"{day}.xlsx", published_on=day) for day in released)
    load(store, frame(row("RVV", 10, 20), row("NV3", 1, 2)), old)
    load(store, frame(row("RVV", 10, 20)), newest)
    counts = load(
        store, frame(row("RVV", 9, 20), row("NV3", 2, 2), row("RPA", 3, 4, basis="commissioner")), older
    )
    assert counts == LoadCounts(new=1, superseded=2)
    assert current(store) == [("RPA", 3, 4), ("RVV", 10, 20)]
    assert sorted(item[:4] for item in revisions(store)) == [
        ("NV3", 1, 2, "withdrawn"),
        ("NV3", 2, 2, "older release"),
        ("RVV", 9, 20, "older release"),
    ]


def test_a_row_that_a_final_table_lacks_is_not_added_by_a_provisional_one(store: Store) -> None:
    load(store, frame(row("RVV", 10, 20)), file(published_on=date(2024, 1, 11)))
    late = file(published_on=date(2024, 6, 13))
    counts = load(
        store,
        frame(*(row(code, 1, 2, maturity=Maturity.PROVISIONAL) for code in ("RVV", "NV3"))),
        late,
    )
    assert counts == LoadCounts(superseded=2)
    assert current(store) == [("RVV", 10, 20)]


def test_a_later_release_brings_a_withdrawn_row_back(store: Store) -> None:
    load(store, frame(row("RVV", 10, 20), row("NV3", 1, 2)), file(published_on=date(2024, 1, 11)))
    load(store, frame(row("RVV", 10, 20)), file(published_on=date(2024, 2, 8)))
    load(store, frame(row("RVV", 10, 20), row("NV3", 1, 3)), file(published_on=date(2024, 3, 14)))
    assert current(store) == [("NV3", 1, 3), ("RVV", 10, 20)]


def test_a_table_that_was_only_reprinted_in_part_refuses_nothing(store: Store) -> None:
    with store.writing() as connection:
        load_frame(
            connection,
            frame(row("RVV", 10, 20)),
            file(published_on=date(2024, 2, 8)),
            catalogue=store.catalogue,
            withdraws_absent=False,
        )
    load(store, frame(row("RVV", 9, 20), row("RPA", 1, 2)), file(published_on=date(2024, 1, 11)))
    assert current(store) == [("RPA", 1, 2), ("RVV", 10, 20)]


def test_a_figure_confirmed_by_the_newest_release_does_not_fall_to_one_between(store: Store) -> None:
    january, february, march = (
        file(f"{day}.xlsx", published_on=day)
        for day in (date(2024, 1, 11), date(2024, 2, 8), date(2024, 3, 14))
    )
    load(store, frame(row("RVV", 10, 20), row("RPA", 1, 2)), january)
    load(store, frame(row("RVV", 10, 20), row("RPA", 1, 2)), march)
    assert load(store, frame(row("RVV", 11, 20)), february) == LoadCounts(superseded=1)
    assert current(store, "organisation_code, numerator, source_file") == [
        ("RPA", 1, "2024-01-11.xlsx"),
        ("RVV", 10, "2024-01-11.xlsx"),
    ]


def test_a_publisher_that_reprints_history_withdraws_nothing(store: Store) -> None:
    load(store, frame(row("RVV", 10, 20), row("RPA", 1, 2)))
    with store.writing() as connection:
        counts = load_frame(
            connection,
            frame(row("RVV", 10, 20)),
            file(),
            catalogue=store.catalogue,
            withdraws_absent=False,
        )
    assert counts == LoadCounts(unchanged=1)
    assert current(store) == [("RPA", 1, 2), ("RVV", 10, 20)]


def test_an_organisation_that_a_source_brings_keeps_its_type_and_parents(store: Store) -> None:
    team = Organisation(
        "S148", "Darent Valley Hospital", OrganisationType.STROKE_TEAM, parents=(Parent("RN7"),)
    )
    for _ in range(2):
        with store.writing() as connection:
            load_frame(
                connection,
                frame(row("S148", 3, 4, basis="team")),
                file(),
                catalogue=store.catalogue,
                organisations=[team],
            )
    assert current(store, "organisation_name, organisation_type") == [
        ("Darent Valley Hospital", "stroke team")
    ]
    with store.writing() as connection:
        synchronise_catalogue(connection, store.catalogue)
        parents = connection.execute(
            text(
                "SELECT p.code FROM organisation_parent l JOIN organisation o ON o.id = l.organisation_id "
                "JOIN organisation p ON p.id = l.parent_id WHERE o.code = 'S148'"
            )
        )
        assert parents.scalars().all() == ["RN7"]


def test_a_file_with_headlines_only_withdraws_no_breakdowns(store: Store) -> None:
    load(store, frame(row("RVV", 10, 20), row("RVV", 4, 5, breakdown="route: Screening")))
    assert load(store, frame(row("RVV", 11, 20))) == LoadCounts(revised=1)
    assert len(current(store)) == 2


def test_an_unknown_code_is_kept_under_its_published_name(store: Store) -> None:
    load(store, frame(row("ZZ9", 1, 2, name="A New Trust")))
    assert current(store, "organisation_code, organisation_name, organisation_type") == [
        ("ZZ9", "A New Trust", "unknown")
    ]


def test_latest_periods_only_move_forward(store: Store) -> None:
    load(store, frame(row("RVV", 10, 20, period=NOVEMBER)), file(latest_period_end=date(2023, 11, 30)))
    load(store, frame(row("RVV", 10, 20, period=OCTOBER)))
    with store.reading() as connection:
        found = connection.execute(
            text("SELECT organisation_type, frequency, period_id FROM latest_period")
        ).all()
    assert [tuple(item) for item in found] == [("trust", "month", NOVEMBER)]


def test_the_same_bytes_are_found_again(store: Store) -> None:
    source = file("one.xlsx")
    load(store, frame(row("RVV", 10, 20)), source)
    with store.reading() as connection:
        assert loaded_as(connection, source.sha256, "one.xlsx", "") == [("cancer_waiting_times", 1)]
        assert loaded_as(connection, source.sha256, "two.xlsx", "") == []
        assert loaded_as(connection, source.sha256, "one.xlsx", "period=2023100101") == []
        assert loaded_as(connection, "0" * 64, "one.xlsx", "") == []


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (frame(row("RVV", 1, 2), row("RVV", 1, 2)), "1 keys twice"),
        (frame(row("RVV", 1, 2, indicator="no-such-indicator")), "no indicator 'no-such-indicator'"),
        (frame(row("RVV", None, None)), "a reason for every missing value"),
        (frame(row("RVV", 1, 2)).drop(columns=["basis"]), "lacks the columns basis"),
    ],
)
def test_a_frame_that_breaks_the_contract_changes_nothing(
    store: Store, table: pd.DataFrame, said: str
) -> None:
    load(store, frame(row("RWF", 3, 4)))
    with pytest.raises(FrameError, match=said):
        load(store, table)
    assert current(store) == [("RWF", 3, 4)]
    with store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM source_file")).scalar() == 1


def test_the_first_real_file_removes_every_demonstration_row(store: Store) -> None:
    later = file("demo.csv", demonstration=True, latest_period_end=date(2023, 11, 30))
    load(store, frame(row("RVV", 10, 20), row("RWF", 10, 20, period=NOVEMBER)), later)
    load(
        store, frame(row("RVV", 11, 20, period=NOVEMBER)), replace(later, name="demo-2.csv", sha256="2" * 64)
    )
    load(store, frame(row("RVV", 2756, 4326)), file("real.xlsx"))
    assert current(store, "organisation_code, numerator, demonstration") == [("RVV", 2756, False)] or current(
        store, "organisation_code, numerator, demonstration"
    ) == [("RVV", 2756, 0)]
    assert revisions(store) == []
    with store.reading() as connection:
        assert connection.execute(text("SELECT period_id FROM latest_period")).scalars().all() == [OCTOBER]
        assert connection.execute(text("SELECT name FROM source_file")).scalars().all() == ["real.xlsx"]


def test_demonstration_data_cannot_be_added_to_real_figures(store: Store) -> None:
    load(store, frame(row("RVV", 2756, 4326)), file("real.xlsx"))
    with pytest.raises(DemonstrationError, match=r"real figures of this source \(real.xlsx\)"):
        load(store, frame(row("RVV", 1, 2)), file("demo.csv", demonstration=True))


# With sums of ours (odd seeds) and without, and with dates of publication and without, on each database.
@pytest.mark.parametrize(
    ("store_url", "seed"), in_turn((0, 1, 3, 2, 4, 5, 6, 7, 9, 8, 11, 10)), indirect=["store_url"]
)
def test_any_sequence_of_files_gives_what_the_slow_rules_give(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    dated = chance.random() < 0.5
    releases = []
    for number in range(8):
        published = date(2024, 1, 1) + timedelta(days=chance.randint(0, 5))
        source = file(
            f"file-{seed}-{number}",
            published_on=published if dated else None,
            latest_period_end=Period.from_key(chance.choice([OCTOBER, NOVEMBER])).end,
        )
        rows = random_rows(chance, derived=0.3 if seed % 2 else 0.0)
        releases.append(Release(source, rows))
        load(store, frame(*rows), source)
    found = {
        (indicator, str(start), organisation): figure
        for indicator, start, organisation, *figure in current(
            store, "indicator, period_start, organisation_code, numerator, denominator, source_file"
        )
    }
    assert found == {
        (indicator, str(Period.from_key(key).start), organisation): [
            item.numerator,
            item.denominator,
            item.file.name,
        ]
        for (indicator, key, _, organisation), item in store_after(releases).items()
    }


def test_names_are_stale_after_a_load_that_brings_some_and_after_no_other(store: Store) -> None:
    def names() -> int:
        with store.reading() as connection:
            return data_version(connection).names

    load(store, frame(row("RVV", 1, 10)))
    begun = names()
    load(store, frame(row("RVV", 2, 10)), replace(file(), sha256="b", published_on=date(2026, 1, 1)))
    assert names() == begun
    load(
        store,
        frame(row("RVV", 2, 10), row("ZZ9", 1, 10)),
        replace(file(), sha256="c", published_on=date(2026, 1, 2)),
    )
    assert names() == begun + 1
    newer = replace(file(), sha256="d", published_on=date(2026, 1, 3))
    load(store, frame(row("RVV", 2, 10), row("RVV", 1, 5, breakdown="tumour group: lung")), newer)
    assert names() == begun + 2
    with store.reading() as connection:
        assert data_version(connection).state == 4
