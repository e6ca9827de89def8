"""E-mails by a real mail server: asked for, confirmed, sent once, stopped at one click, and paused where refused."""

from __future__ import annotations

import gc
import os
import re
import shutil
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask.testing import FlaskClient
from sqlalchemy import select, update

from db.domain.decision import PlannedValue
from db.domain.people.commentary import CommentaryAbout, CommentaryStep, Remarks
from db.domain.people.role import Person, Role
from db.figures.commentary.write import write_commentary
from db.figures.decisions.plans import add_plan
from db.service.follow.addresses import address_key, plain_address
from db.service.follow.subscribers import MOST_OF_A_PLACE, HowOften, Subscriber, SubscriberState, Wishes
from db.service.follow.waiting import work_waits
from db.settings import MailSettings, load_settings
from db.store import open_store
from db.store.schema import letter, news_mark, opt_in_attempt, subscriber
from stp_dash.application import create_app
from stp_dash.follow.mail.signed import confirm_token, confirmed, stop_token
from stp_dash.follow.step import take_step
from tests.support.seed import FDS
from tests.support.site.released import Releases, wobbling

SITE = "https://monitor.example.nhs.uk"
READER = "reader@example.nhs.uk"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Mailbox:
    """A mail server that keeps what it takes, refuses some receivers or for now all, and ends a process at a stage of
    its talk."""

    taken: list[EmailMessage] = field(default_factory=list)
    refusing: frozenset[str] = frozenset()
    busy: bool = False
    stage: str = ""
    victim: int = 0

    def __post_init__(self) -> None:
        """aiosmtpd looks for its own names."""
        parts = {"EHLO": self.ehlo, "MAIL": self.sender, "RCPT": self.receiver, "DATA": self.content}
        for name, part in parts.items():
            setattr(self, f"handle_{name}", part)

    async def ehlo(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self._end("greeted")
        return responses

    async def sender(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._end("sender")
        envelope.mail_from = address
        return "250 OK"

    async def receiver(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusing:
            return "550 no such mailbox"
        if self.busy:
            return "451 not now"
        self._end("receiver")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def content(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self._end("before it is taken"):
            return "451 not now"
        sent = envelope.content
        assert isinstance(sent, bytes)
        found = message_from_bytes(sent, EmailMessage, policy=policy.default)
        self.taken.append(found)
        self._end("after it is taken")
        return "250 taken"

    def _end(self, stage: str) -> bool:
        """End the process that is to end at a stage; whether it did."""
        if self.stage != stage or not self.victim:
            return False
        os.kill(self.victim, signal.SIGKILL)
        self.victim = 0
        return True

    def take(self) -> list[EmailMessage]:
        """What came since it was last asked."""
        found, self.taken = self.taken, []
        return found


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Mailbox, int]]:
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailbox, port
    controller.stop()


@pytest.fixture
def mailbox(server: tuple[Mailbox, int]) -> Mailbox:
    server[0].take()
    server[0].busy = False
    server[0].refusing, server[0].stage, server[0].victim = frozenset(), "", 0
    return server[0]


@pytest.fixture(scope="module")
def told_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose first twenty months are told."""
    path = tmp_path_factory.mktemp("mail") / "store.sqlite"
    shutil.copy(sqlite_template, path)
    found = Releases(open_store(f"sqlite:///{path}"), load_settings())
    found.history({"QKS": wobbling(0.70, 20), "RVV": wobbling(0.70, 20)})
    take_step(found.site, NOW)
    found.store.close()
    return path


@pytest.fixture
def releases(server: tuple[Mailbox, int], told_file: Path, tmp_path: Path) -> Iterator[Releases]:
    shutil.copy(told_file, tmp_path / "store.sqlite")
    given = load_settings()
    settings = given.model_copy(
        update={
            "notify": given.notify.model_copy(update={"site": SITE}),
            "store": given.store.model_copy(update={"raw_folder": tmp_path / "raw"}),
            "mail": MailSettings(
                host="127.0.0.1", port=server[1], security="none", sender="monitor@example.nhs.uk"
            ),
        }
    )
    found = Releases(open_store(f"sqlite:///{tmp_path}/store.sqlite"), settings, count=20)
    yield found
    found.store.close()


@pytest.fixture
def client(releases: Releases) -> FlaskClient:
    found: FlaskClient = create_app(releases.store, releases.settings).server.test_client()
    return found


def ask(client: FlaskClient, address: str = READER, how_often: str = "release", **more: str) -> str:
    answer = client.post("/follow/ask", data={"address": address, "how_often": how_often, **more})
    assert answer.status_code == 303
    return answer.headers["Location"]


def link(mail: EmailMessage, path: str) -> str:
    found = re.search(rf"{re.escape(SITE)}({path}\?t=\S+)", body(mail, "plain"))
    assert found is not None
    return found[1]


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def subscribed(client: FlaskClient, releases: Releases, mailbox: Mailbox, **asked: str) -> None:
    ask(client, **asked)
    take_step(releases.site, NOW)
    (question,) = mailbox.take()
    assert client.post(link(question, "/follow/confirm")).headers["Location"] == "/follow?said=confirmed"


def test_asked_confirmed_written_to_and_stopped(
    client: FlaskClient, releases: Releases, mailbox: Mailbox
) -> None:
    assert ask(client) == "/follow?said=asked"
    assert take_step(releases.site, NOW).sent == 1
    (question,) = mailbox.take()
    assert question["To"] == READER
    assert question["Subject"] == "Please confirm that you want e-mails"
    releases.release({"QKS": 0.62, "RVV": 0.70})
    take_step(releases.site, NOW)
    assert mailbox.take() == []
    opened = client.get(link(question, "/follow/confirm"), follow_redirects=True)
    assert "Do you want e-mails?" in opened.text
    take_step(releases.site, NOW)
    assert mailbox.take() == []
    client.post(link(question, "/follow/confirm"))
    releases.release({"QKS": 0.62, "RVV": 0.70})
    assert take_step(releases.site, NOW).sent == 1
    (digest,) = mailbox.take()
    assert digest["Subject"].startswith("Demonstration: ")
    assert "short" in digest["Subject"]
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Cancer, Kent and Medway: figures of October 2025" in body(digest, "plain")
    assert "Demonstration data" in body(digest, "html")
    assert "<img" not in body(digest, "html") and "<script" not in body(digest, "html")
    one_click = str(digest["List-Unsubscribe"]).strip("<>").removeprefix(SITE)
    assert client.post(one_click, data={"List-Unsubscribe": "One-Click"}).status_code == 303
    with releases.store.reading() as connection:
        assert connection.execute(select(subscriber)).all() == connection.execute(select(letter)).all() == []


def test_at_most_one_a_day_and_nothing_is_lost(
    client: FlaskClient, releases: Releases, mailbox: Mailbox
) -> None:
    subscribed(client, releases, mailbox)
    for hour in range(3):
        releases.release({"QKS": 0.70, "RVV": 0.70})
        take_step(releases.site, NOW + timedelta(hours=hour))
    (first,) = mailbox.take()
    assert "September 2025" in body(first, "plain")
    take_step(releases.site, NOW + timedelta(days=1))
    take_step(releases.site, NOW + timedelta(days=1, hours=1))
    (second,) = mailbox.take()
    text = body(second, "plain")
    assert "figures of October 2025" in text and "figures of November 2025" in text
    assert "figures of September 2025" not in text


def test_what_people_add_waits_for_the_next_publication(
    client: FlaskClient, releases: Releases, mailbox: Mailbox
) -> None:
    subscribed(client, releases, mailbox)
    about = CommentaryAbout(FDS, "RVV", releases.month)
    remarks = Remarks("Mrs Smith waits.", (), "Nothing yet", "Care lead")
    write_commentary(
        releases.store, about, remarks, CommentaryStep.SHOWN, base=0, by=Person("ada", Role.EDITOR)
    )
    with releases.store.writing() as connection:
        add_plan(
            connection, [PlannedValue(FDS, "QKS", date(2025, 9, 1), 72.0)], name="Plan", role="Planning lead"
        )
        connection.execute(update(news_mark).values(told_on=datetime.now(UTC).date()))
    assert take_step(releases.site, NOW).news == 2
    assert mailbox.take() == []
    releases.release({"QKS": 0.70, "RVV": 0.70})
    take_step(releases.site, NOW + timedelta(days=1))
    (digest,) = mailbox.take()
    text = " ".join(body(digest, "plain").split())
    assert "It is 20 patients behind its plan of 72.0%." in text
    assert "28-day faster diagnosis, East Kent: commentary on August 2025" in text
    assert "Smith" not in text
    assert text.index("figures of September 2025") < text.index("commentary on August 2025")


def test_who_wants_rules_hears_of_those_alone(
    client: FlaskClient, releases: Releases, mailbox: Mailbox
) -> None:
    subscribed(client, releases, mailbox, how_often="rules", topic="Cancer")
    for number, share in enumerate((0.82, 0.82, 0.82)):
        releases.release({"QKS": share, "RVV": 0.70})
        take_step(releases.site, NOW + timedelta(days=number))
    (only,) = mailbox.take()
    assert "meets its 75% standard" in body(only, "plain")
    assert "figures of" not in body(only, "plain")


def test_the_address_is_nowhere_to_be_read(client: FlaskClient, releases: Releases, mailbox: Mailbox) -> None:
    subscribed(client, releases, mailbox)
    path = Path(str(releases.store.engine.url.database))
    for name in (path, path.with_name(f"{path.name}-wal")):
        assert not name.exists() or READER.encode() not in name.read_bytes()
    key = releases.settings.store.raw_folder.parent / "addresses.key"
    assert key.stat().st_mode & 0o077 == 0


def test_whether_an_address_is_known_is_never_told(
    client: FlaskClient, releases: Releases, mailbox: Mailbox
) -> None:
    subscribed(client, releases, mailbox)
    answers = {ask(client), ask(client, "nobody@example.nhs.uk"), *(ask(client) for _ in range(4))}
    assert answers == {"/follow?said=asked"}
    take_step(releases.site, NOW)
    assert Counter(mail["To"] for mail in mailbox.take()) == {READER: 2, "nobody@example.nhs.uk": 1}


def test_one_place_may_not_ask_without_end(client: FlaskClient, releases: Releases) -> None:
    for number in range(MOST_OF_A_PLACE + 5):
        assert ask(client, f"reader{number}@example.nhs.uk") == "/follow?said=asked"
    with releases.store.reading() as connection:
        assert len(connection.execute(select(letter.c.id)).all()) == MOST_OF_A_PLACE
        assert len(connection.execute(select(opt_in_attempt.c.id)).all()) == MOST_OF_A_PLACE


def test_an_address_that_is_refused_is_paused(
    client: FlaskClient, releases: Releases, mailbox: Mailbox
) -> None:
    subscribed(client, releases, mailbox)
    mailbox.refusing = frozenset({READER})
    releases.release({"QKS": 0.70, "RVV": 0.70})
    take_step(releases.site, NOW)
    with releases.store.reading() as connection:
        row = connection.execute(select(subscriber.c.state, subscriber.c.paused_for)).one()
    assert tuple(row) == (SubscriberState.PAUSED.value, "550 no such mailbox")
    mailbox.refusing = frozenset()
    releases.release({"QKS": 0.70, "RVV": 0.70})
    assert take_step(releases.site, NOW + timedelta(days=1)).sent == 0


@pytest.mark.parametrize("away", [True, False])
def test_what_is_refused_is_tried_more_and_more_seldom(
    client: FlaskClient, releases: Releases, mailbox: Mailbox, *, away: bool
) -> None:
    ask(client)
    mailbox.busy, here = True, releases.settings
    if away:
        with socket.create_server(("127.0.0.1", 0)) as free:
            mail = here.mail.model_copy(update={"port": free.getsockname()[1]})
        releases.settings = here.model_copy(update={"mail": mail})
    tried, site = list[int](), releases.site
    for minute in range(160):
        now = NOW + timedelta(minutes=minute)
        with releases.store.reading() as connection:
            waits = work_waits(connection, "QKS", site.today(), now, mailing=True)
        if waits:
            tried.append(minute)
            assert take_step(site, now).sent == 0
    assert tried == [0, 1, 6, 36, 96, 156]
    mailbox.busy, releases.settings = False, here
    assert take_step(releases.site, NOW + timedelta(minutes=215)).sent == 0
    assert take_step(releases.site, NOW + timedelta(minutes=216)).sent == 1
    assert len(mailbox.take()) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "reader",
        "a@b",
        "a b@example.org",
        "a@example.org\r\nBcc: x@example.org",
        "a@example.org,b@example.org",
        "\u202ea@example.org",
        "<a@example.org>",
        "a" * 250 + "@example.org",
        "a@example..org",
        "=cmd@example.org\n",
    ],
)
def test_what_is_no_address_gets_no_mail(typed: str) -> None:
    assert plain_address(typed) is None or "\n" not in str(plain_address(typed))
    assert plain_address(typed) in {None, "=cmd@example.org"}


def test_links_hold_for_whom_they_were_made(releases: Releases) -> None:
    key = address_key(releases.settings)
    wishes = Wishes("QKS", HowOften.MONTHLY, ("Cancer",))
    who = Subscriber(1, "a" * 64, "", wishes, SubscriberState.ASKED, NOW, 0)
    token = confirm_token(key, who, wishes)
    assert confirmed(key, token) == ("a" * 64, wishes)
    assert confirmed(key, token[:-2]) is None
    assert confirmed(key, stop_token(key, "a" * 64)) is None


def test_killed_at_every_stage_everything_is_told_and_nothing_twice(
    client: FlaskClient, releases: Releases, mailbox: Mailbox
) -> None:
    """A process that tells and sends is killed at each stage of its talk with the server, day after day. A message that
    the server took before its sender died comes again under the same Message-ID, by which mail systems drop it."""
    subscribed(client, releases, mailbox)
    stages = ("greeted", "sender", "receiver", "before it is taken", "after it is taken")
    for day in range(5):
        releases.release({"QKS": 0.70, "RVV": 0.70})
        releases.store.engine.dispose()
        for stage in stages:
            _killed(releases, mailbox, stage, NOW + timedelta(days=day))
        take_step(releases.site, NOW + timedelta(days=day))
    names = Counter(str(mail["Message-ID"]) for mail in mailbox.taken)
    assert sorted(names.values()) == [2] * 5
    told = {str(mail["Message-ID"]): body(mail, "plain") for mail in mailbox.take()}
    months = Counter(
        month for text in told.values() for month in set(re.findall(r"Medway: figures of (\w+ \d+)", text))
    )
    assert len(months) == 5 and set(months.values()) == {1}


def _killed(releases: Releases, mailbox: Mailbox, stage: str, now: datetime) -> None:
    """Begin a step in a process of its own that the server kills at a stage; without a talk it ends itself. It opens
    its own connections: there are none when it begins."""
    mailbox.stage = stage
    read, write = os.pipe()
    child = os.fork()
    if not child:
        gc.disable()  # a look through all that the tests' process holds costs more than the step
        os.read(read, 1)
        take_step(releases.site, now)
        os._exit(0)
    mailbox.victim = child
    os.write(write, b"x")
    os.waitpid(child, 0)
    os.close(read)
    os.close(write)
    mailbox.victim = 0
