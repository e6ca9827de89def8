"""The operations page in a real browser, with a real server, a real scheduler and its worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from db.domain import Period, RunState
from db.domain.file import HeldKind, RefusedFile
from db.domain.run import Run, RunKind
from db.service.held_files import hold
from db.service.queue import request_run
from db.service.runs import recent_runs
from db.service.schedules import read_schedules, seed_schedules, set_enabled
from db.settings import Settings, StoreSettings, load_settings
from db.store import Store
from db.store.schema import source_file
from stp_dash.application import create_app
from tests.support.browser.axe import violations
from tests.support.browser.visits import TAKEN_OVER, errors_of
from tests.support.frames import FDS
from tests.support.publications.combined_csv import month, text
from tests.support.refreshing import Scheduler, environment
from tests.support.seed import ordinary_rows, seeded_store
from tests.support.site.operators import NAME, PHRASE, seed_operator

pytestmark = pytest.mark.browser

FILE = "Cancer-Waiting-Times-November-2024.csv"
LONG_MS = 60_000


@dataclass(frozen=True)
class Service:
    """A served site of this test's own."""

    address: str
    url: str
    store: Store
    settings: Settings
    folder: Path

    @property
    def runs(self) -> list[Run]:
        with self.store.reading() as connection:
            return recent_runs(connection)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    path = tmp_path / "store.sqlite"
    store = seeded_store(path, ordinary_rows(), demonstration=True)
    settings = load_settings().model_copy(update={"store": StoreSettings(raw_folder=tmp_path / "raw")})
    seed_schedules(store, settings.schedules)
    for source in settings.schedules:
        # Nothing is due while the test runs, whatever the time is.
        set_enabled(store, source, enabled=False, by="tester")
    seed_operator(store)
    server = make_server("127.0.0.1", 0, create_app(store, settings).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    yield Service(address, f"sqlite:///{path}", store, settings, tmp_path)
    server.shutdown()
    thread.join()
    server.server_close()
    store.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    found = context.new_page()
    problems = errors_of(found)
    yield found
    context.close()
    assert problems == []


def arrived(page: Page) -> Page:
    """The page once the scripts have taken over from what came with the document."""
    page.wait_for_function(TAKEN_OVER)
    return page


def told(page: Page, words: str) -> None:
    """Waits for what the page says of an action, on the page that the action leads to."""
    expect(page.locator("#page .told")).to_contain_text(words)
    arrived(page)


@pytest.fixture
def operator(service: Service, page: Page) -> Page:
    """The page of somebody who is signed in."""
    page.goto(service.address + "/sign-in")
    page.fill("#name", NAME)
    page.fill("#password", PHRASE)
    page.keyboard.press("Enter")
    return arrived(page)


def hold_one(store: Store) -> None:
    file = RefusedFile(
        "cancer_waiting_times",
        "august.xlsx",
        "",
        "a" * 64,
        10_000,
        "/raw/aa",
        "",
        HeldKind.PLAUSIBILITY,
        "fell",
    )
    with store.writing() as connection:
        hold(connection, file, load_run_id=None)


def test_readers_see_everything_and_are_offered_nothing_to_change(service: Service, page: Page) -> None:
    hold_one(service.store)
    request_run(service.store, "ssnap", trigger="command", by="tester")
    page.goto(service.address + "/operations")
    arrived(page)
    expect(page.locator("h1")).to_contain_text("No scheduler is running")
    expect(page.locator("h1")).to_contain_text("one file waits for a decision")
    expect(page.locator("#live-health")).to_contain_text("Start one: python -m etl schedule")
    expect(page.locator("#live-held")).to_contain_text("august.xlsx")
    assert page.locator("form, button.choose").count() == 0
    page.get_by_role("link", name="Sign in").click()
    expect(page.locator("h1")).to_have_text("Sign in")


def test_every_part_is_accessible_and_no_wider_than_the_screen(service: Service, operator: Page) -> None:
    hold_one(service.store)
    run_id = request_run(service.store, "ssnap", trigger="command", by="tester")
    states = (
        "",
        f"?run={run_id}",
        "?view=runs",
        "?view=audit",
        "?edit=ssnap&kind=cron&cron=nothing",
        "?run=99",
    )
    for state in states:
        operator.goto(service.address + "/operations" + state)
        arrived(operator)
        for width, name in ((1440, "desktop"), (768, "tablet"), (360, "phone")):
            operator.set_viewport_size({"width": width, "height": 900})
            operator.wait_for_selector(f"#page > .page.{name}")
            # A state's colours are the same on a telephone.
            assert violations(operator) == [], (state, width)
            assert operator.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (state, width)
        operator.set_viewport_size({"width": 1440, "height": 900})


def test_run_now_files_one_run_even_for_a_double_click(service: Service, operator: Page) -> None:
    operator.get_by_role("button", name="Run now: Cancer").dblclick()
    # Whether the second click was still sent depends on the first answer's speed; then it is told too.
    expect(operator.locator("#page .told").first).to_contain_text("Run 1")
    operator.wait_for_load_state("networkidle")
    expect(operator.locator("#page #live-runs")).to_contain_text("in the queue")
    (run,) = service.runs
    assert (run.source, run.state, run.requested_by) == ("cancer_waiting_times", RunState.QUEUED, NAME)


def test_a_schedule_is_edited_by_keyboard_with_its_next_runs_shown_before(
    service: Service, operator: Page
) -> None:
    operator.goto(service.address + "/operations?edit=ssnap&kind=usual%20day")
    arrived(operator)
    field = operator.locator("#time")
    field.focus()
    operator.keyboard.press("Control+A")
    operator.keyboard.type("25:00")
    operator.keyboard.press("Tab")
    expect(operator.locator("#editor .problem")).to_contain_text("Time: wanted a time such as 09:30")
    expect(operator.get_by_role("table", name="Next five runs")).to_have_count(0)
    field.focus()
    operator.keyboard.press("Control+A")
    operator.keyboard.type("07:45")
    operator.keyboard.press("Tab")
    times = operator.get_by_role("table", name="Next five runs").locator("tbody tr")
    expect(times).to_have_count(5)
    expect(times.first).to_contain_text("07:45")
    assert version(service.store) == 2
    operator.get_by_role("button", name="Save schedule").focus()
    operator.keyboard.press("Enter")
    told(operator, "2nd Thursday, 07:45")
    expect(operator.locator("#editor .changes")).to_contain_text(NAME)
    assert version(service.store) == 3


def test_an_event_a_plan_and_rules_are_written_by_keyboard_and_stand_on_the_trend(
    service: Service, operator: Page
) -> None:
    trend = f"{service.address}/trend?indicator={FDS}"
    operator.goto(trend)
    arrived(operator)
    operator.locator("#page").get_by_role("link", name="Add a note").focus()
    operator.keyboard.press("Enter")
    operator.locator("#page #note_on").focus()
    for typed in ("2026-01-09", "", "Clinic <b>opens</b>", "https://example.org/", "", "Cancer lead"):
        operator.keyboard.type(typed)
        operator.keyboard.press("Tab")
    operator.keyboard.press("Enter")
    told(operator, "Event 1 is recorded")
    assert violations(operator) == []
    operator.locator("#page summary", has_text="Enter a plan month by month").focus()
    operator.keyboard.press("Enter")
    for name, typed in (("plan_2026-08", "75.5"), ("typed_name", "Plan"), ("typed_role", "Planner")):
        operator.locator(f"#page #{name}").focus()
        operator.keyboard.type(typed)
    operator.keyboard.press("Enter")
    expect(operator.get_by_role("heading", name="What would change")).to_be_visible()
    assert violations(operator) == []
    operator.get_by_role("button", name="Add the plan").focus()
    operator.keyboard.press("Enter")
    told(operator, "The plan is added: 1 month.")
    operator.locator("#page #rules_choice").focus()
    for typed in ("NHS", "Months <b>differ</b>", "Analyst"):
        operator.keyboard.type(typed)
        operator.keyboard.press("Tab")
    operator.keyboard.press("Enter")
    told(operator, "This series is judged by the NHS-R rules from now on")
    assert violations(operator) == []
    operator.goto(trend)
    arrived(operator)
    notes = operator.locator("#page section", has=operator.get_by_role("heading", name="Notes on the chart"))
    expect(notes).to_contain_text("January 2026. Clinic <b>opens</b>")
    expect(operator.locator("#page .strip")).to_contain_text("Gap to plan")
    expect(operator.locator("#page")).to_contain_text("Months <b>differ</b>. Decided by: Analyst.")
    operator.set_viewport_size({"width": 360, "height": 900})
    operator.wait_for_selector("#page > .page.phone")
    assert violations(operator) == []
    assert operator.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def version(store: Store) -> int:
    with store.reading() as connection:
        return next(item.version for item in read_schedules(connection) if item.source == "ssnap")


def test_a_file_is_checked_while_the_page_follows_and_then_loaded(service: Service, operator: Page) -> None:
    """The pages show each state without a reload; what would change is shown before anything is loaded."""
    operator.locator("#upload summary").click()
    operator.get_by_label("Figures are").select_option("final")
    with operator.expect_file_chooser() as chooser:
        operator.get_by_role("button", name="choose files").click()
    chooser.value.set_files(FilePayload(name=FILE, mimeType="text/csv", buffer=text(month())))
    told(operator, "The file is checked by run")
    operator.evaluate("window.untouched = true")
    more = environment(service.folder, "http://127.0.0.1:9/")
    scheduler = Scheduler(service.url, service.folder / "scheduler.log", more)
    try:
        expect(operator.locator("#page #live-check")).to_contain_text("rows new", timeout=LONG_MS)
        assert operator.evaluate("window.untouched") is True
        assert violations(operator) == []
        with service.store.reading() as connection:
            assert FILE not in connection.execute(select(source_file.c.name)).scalars().all()
        operator.get_by_role("button", name="Load this file").click()
        told(operator, "loads what was checked")
        expect(operator.locator("#page #live-run")).to_contain_text("Succeeded", timeout=LONG_MS)
    finally:
        scheduler.kill()
    with service.store.reading() as connection:
        assert FILE in connection.execute(select(source_file.c.name)).scalars().all()
    assert [run.kind for run in service.runs] == [RunKind.LOAD, RunKind.CHECK]


def test_dropped_files_are_checked_together_and_one_that_nobody_knows_can_be_held(
    service: Service, operator: Page
) -> None:
    transfer = operator.evaluate_handle(
        """(good) => { const data = new DataTransfer();
        data.items.add(new File(["<html>Not found</html>"], "page.csv", {type: "text/csv"}));
        data.items.add(new File([good], "2024-25-Monthly-Combined-CSV-Final.csv", {type: "text/csv"}));
        return data; }""",
        text(month()).decode(),
    )
    operator.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
    told(operator, "2 files are checked by run")
    more = environment(service.folder, "http://127.0.0.1:9/")
    scheduler = Scheduler(service.url, service.folder / "scheduler.log", more)
    try:
        expect(operator.locator("#page #live-check")).to_contain_text("It would be held", timeout=LONG_MS)
        operator.get_by_label("Leave 2024-25-Monthly-Combined-CSV-Final.csv out").press("Space")
        operator.get_by_label("Load page.csv all the same").press("Space")
        operator.get_by_role("button", name="Load this file").press("Enter")
        expect(operator.locator("#page #live-run")).to_contain_text("Held back", timeout=LONG_MS)
    finally:
        scheduler.kill()
    operator.goto(f"{service.address}/operations")
    arrived(operator)
    expect(operator.locator("#live-held")).to_contain_text("page.csv")
    assert operator.get_by_role("button", name="Accept and load: page.csv").count() == 0
    operator.get_by_label("What the file may not say itself: page.csv").press("Enter")
    operator.locator("#held-1-period").fill("2024-11")
    operator.get_by_role("button", name="Try again: page.csv").press("Enter")
    told(operator, "page.csv is in the queue as run")
    assert service.runs[0].request["hints"] == f"period={Period.month(2024, 11).key}"
    operator.get_by_label("Reason (needed to reject)").fill("It is a web page")
    operator.get_by_role("button", name="Reject: page.csv").click()
    told(operator, "page.csv is rejected")
    expect(operator.locator("#live-held")).to_contain_text("No file is held back")
    with service.store.reading() as connection:
        assert (
            "2024-25-Monthly-Combined-CSV-Final.csv"
            not in connection.execute(select(source_file.c.name)).scalars().all()
        )


def test_files_that_are_too_large_are_not_even_sent(service: Service, operator: Page) -> None:
    operator.evaluate("document.getElementById('drop').dataset.most = '10'")
    with operator.expect_file_chooser() as chooser:
        operator.get_by_role("button", name="choose files").click()
    chooser.value.set_files(FilePayload(name=FILE, mimeType="text/csv", buffer=b"x" * 11))
    expect(operator.locator("#drop .progress")).to_contain_text("is larger than")
    assert service.runs == []


def test_a_waiting_run_is_cancelled_from_its_log(service: Service, operator: Page) -> None:
    run_id = request_run(service.store, "ssnap", trigger="command", by="tester")
    operator.goto(f"{service.address}/operations?run={run_id}")
    arrived(operator)
    operator.get_by_role("button", name="Cancel this run").click()
    expect(operator.locator("#page #live-run")).to_contain_text(f"cancelled by {NAME}")
    assert service.runs[0].state is RunState.CANCELLED
    operator.goto(f"{service.address}/operations?view=audit")
    arrived(operator)
    expect(operator.get_by_role("table", name="Actions, newest first")).to_contain_text("cancel run")
