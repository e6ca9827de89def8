"""What the pages of own measures answer besides their own address: templates, figures, and their forms."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError

from db.catalogue import CatalogueError
from db.domain.own.figures import SubmissionMode
from db.domain.own.measures import OwnMeasure
from db.domain.people.commentary import Commentary
from db.domain.people.role import Person, Role
from db.own.commentary import newest_own_commentary, own_commentaries, write_own_commentary
from db.own.definitions import (
    DefinitionChange,
    approve_public,
    define_measure,
    erase_measure,
    written_measure,
)
from db.own.errors import OwnMeasureError
from db.own.handing_in import HandedIn, hand_in
from db.own.submissions import add_submission, organisations_in, standing_figures, turn_submission
from db.own.templates import figures_csv, template_csv, template_workbook
from db.own.written import written_from
from db.reading.files import RawFile
from db.reading.lists import LARGEST_LIST
from db.store.private import private_folder
from stp_dash.elements.links import OWN, href
from stp_dash.frame.request import Site
from stp_dash.pages.own.cards import APPROVE, DEFINE, ERASE, FIGURES, TEMPLATE, TURN, UPLOAD_OWN
from stp_dash.pages.own.commentary import COMMENT, commentary_form, figure_asked, remarks_typed
from stp_dash.pages.own.form import fields_read, form_values
from stp_dash.pages.own.plain import ADD, check_page, definition_form, upload_form
from stp_dash.pages.own.preview import chart_previews
from stp_dash.pages.own.read import OwnView, covers, measure_key, own_view, place_key, seen_measures
from stp_dash.pages.own.series import OwnSeries
from stp_dash.web.access import current_person, role_required
from stp_dash.web.acting.forms import done, typed_text

_LOG = logging.getLogger(__name__)
_KINDS = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_FORM_ROOM = 1_000_000
_NOT_FOUND = "There is no such measure.\n"


def register_own_routes(server: Flask, site: Site) -> None:
    """Add the routes. To be called before `access.secure`, whose protection reads forms."""
    own = OwnActions(site)
    editor, administrator = role_required(Role.EDITOR), role_required(Role.ADMINISTRATOR)
    posted: tuple[tuple[str, Callable[[], Response]], ...] = (
        (UPLOAD_OWN, editor(_told(own.check))),
        (ADD, editor(_told(own.add))),
        (DEFINE, editor(_told(own.define))),
        (TURN, editor(_told(own.turn))),
        (ERASE, administrator(_told(own.erase))),
        (APPROVE, administrator(_told(own.approve))),
        (COMMENT, editor(_told(own.comment))),
    )
    for address, view in posted:
        server.add_url_rule(address, f"own{address.replace('/', '-')}", view, methods=["POST"])
    server.add_url_rule(UPLOAD_OWN, "own-upload-form", editor(upload_form))
    server.add_url_rule(DEFINE, "own-definition-form", editor(own.definition))
    server.add_url_rule(COMMENT, "own-commentary-form", editor(_told(own.commentary)))
    server.add_url_rule(f"{TEMPLATE}.<any(csv,xlsx):kind>", "own-template", own.template)
    server.add_url_rule(FIGURES, "own-figures", own.figures)
    server.before_request(_let_lists_be_large)


def _let_lists_be_large() -> None:
    person = current_person() if request.path == UPLOAD_OWN else None
    if person is not None and person.role >= Role.EDITOR:
        request.max_content_length = LARGEST_LIST + _FORM_ROOM


def _told(view: Callable[[], Response]) -> Callable[[], Response]:
    """An action whose refusal is said on the page of the list."""

    def answer() -> Response:
        try:
            return view()
        except OwnMeasureError as error:
            return done(f"{error}.".replace("..", "."), OWN)
        except DBAPIError:
            _LOG.warning("the store cannot be written for %s", request.path)
            return done("Nothing was changed: the store cannot be written at this moment.", OWN)

    return answer


class OwnActions:
    """The forms over an open store, each for somebody who is signed in."""

    def __init__(self, site: Site) -> None:
        self._site, self._store, self._settings = site, site.store, site.settings

    # Files

    def check(self) -> Response:
        """Check a file, and keep it until it is added where it is fit; of any other nothing is kept."""
        given = request.files.get("file")
        if given is None or not given.filename:
            return upload_form("Wanted a file, found none.", 400)
        mode = _mode(typed_text("mode"))
        name = "".join(sign for sign in given.filename if sign.isprintable())[-120:]
        raw = RawFile(name.replace("/", " ").replace("\\", " "), given.stream.read(LARGEST_LIST + 1))
        found = self._checked(raw, mode)
        token = self._keep(raw) if found.checked.accepted else ""
        with self._store.reading() as connection:
            previews = chart_previews(connection, found, self._site.names())
        return check_page(found, previews, token, mode.value, typed_text("reason")[:160])

    def _checked(self, raw: RawFile, mode: SubmissionMode) -> HandedIn:
        person = _person()
        with self._store.reading() as connection:
            return hand_in(
                connection,
                self._store.catalogue,
                raw,
                today=self._site.today(),
                mode=mode,
                may_write=lambda code: covers(person, code),
            )

    def _keep(self, raw: RawFile) -> str:
        """Put a file where only this service reads it, and return what it is found by. The scheduler removes what is
        left behind there."""
        token = secrets.token_hex(16)
        private_folder(self._settings.store.raw_folder)
        folder = self._settings.uploads_folder / f"own-{token}"
        folder.mkdir(parents=True, mode=0o700)
        (folder / "list").write_bytes(raw.content)
        (folder / "name").write_text(raw.name, encoding="utf-8")
        return token

    def add(self) -> Response:
        """Add the very bytes that were checked, while own measures are as they were then."""
        folder = self._kept(typed_text("token"))
        raw = RawFile((folder / "name").read_text(encoding="utf-8"), (folder / "list").read_bytes())
        mode, person = _mode(typed_text("mode")), _person()
        found = self._checked(raw, mode)
        if found.checked.findings.warnings and not typed_text("confirm"):
            raise OwnMeasureError("Nothing was added: the warnings were not confirmed")
        added = add_submission(
            self._store,
            found.checked,
            found.measures,
            by=person.name,
            role=person.role.word,
            mode=mode,
            reason=typed_text("reason")[:160],
            seen=typed_text("state"),
        )
        rmtree(folder, ignore_errors=True)
        if added.number is None:
            return done("Unchanged: all of it stands already.", OWN)
        first = next(iter(added.changes))
        return done(f"Submission {added.number} is added.", href(OWN, measure=measure_key(first)))

    def _kept(self, token: str) -> Path:
        folder = self._settings.uploads_folder / f"own-{token}"
        if not token.isalnum() or not (folder / "list").is_file():
            raise OwnMeasureError("This file was added already, or too long ago: hand it in again")
        return folder

    def turn(self) -> Response:
        """Withdraw a submission, or put it back."""
        number, person = typed_text("number"), _person()
        if not number.isascii() or not number.isdigit() or len(number) > 9:
            raise OwnMeasureError("wanted the number of a submission")
        with self._store.reading() as connection:
            codes = organisations_in(connection, int(number))
        if not all(covers(person, code) for code in codes):
            raise OwnMeasureError("Nothing was changed: it has figures of another organisation")
        puts_back = typed_text("puts_back") == "1"
        turn_submission(self._store, int(number), person.name, typed_text("reason"), puts_back=puts_back)
        return done(f"Submission {number} {'stands again' if puts_back else 'is withdrawn'}.", OWN)

    # Definitions

    def definition(self) -> Response:
        """The form of a definition, new or of a measure."""
        measure = self._asked()
        with self._store.reading() as connection:
            written = written_measure(connection, measure.id) if measure else None
        return definition_form(form_values(written, self._site.today()), known=written is not None)

    def define(self) -> Response:
        """Keep a definition; what is wrong is said above the form, filled as it was."""
        with self._store.reading() as connection:
            former = written_measure(connection, typed_text("id"))
        person = _person()
        change = DefinitionChange.MEANING if typed_text("change") == "meaning" else DefinitionChange.WORDING
        try:
            given = fields_read(lambda name: request.form.get(name, "")[:5000], former)
            written = written_from(given, self._store.catalogue, typed_text("id") or "the form")
            for unit in (*written.units, *(former.units if former else ())):
                if not covers(person, unit.organisation):
                    raise OwnMeasureError(f"you may not define measures of {unit.organisation}")
            number = define_measure(self._store, written, person.name, change)
        except (CatalogueError, OwnMeasureError) as error:
            typed = {name: str(value) for name, value in request.form.items()}
            return definition_form(
                typed, known=former is not None, said=f"Nothing was kept. {error}.", status=400
            )
        words = "nothing is different" if number is None else f"version {number} is kept"
        return done(f"{written.short_name}: {words}.", href(OWN, measure=measure_key(written.id)))

    def erase(self) -> Response:
        """Erase a measure for good, its id typed again."""
        measure = typed_text("id")
        count = erase_measure(self._store, measure, _person().name)
        return done(f"A measure and its {count:,} figures are erased.", OWN)

    def approve(self) -> Response:
        """Let everybody see a measure, or no longer."""
        measure, public = typed_text("id"), typed_text("public") == "1"
        approve_public(self._store, measure, _person().name, public=public)
        words = (
            "Everybody sees it, without small numbers." if public else "Only people who are signed in see it."
        )
        return done(words, href(OWN, measure=measure_key(measure)))

    # Words

    def commentary(self) -> Response:
        """The form of a commentary, filled with the newest that is shown."""
        view, series = self._place()
        found, newest = self._written(series)
        return commentary_form(view, series, found[0] if found else None, newest)

    def comment(self) -> Response:
        """Show what was typed about a figure, or withdraw what is shown; words that cannot be stand in the form."""
        view, series = self._place()
        key, typed = figure_asked(series, typed_text("period")), remarks_typed(typed_text)
        person, withdraws = _person(), typed_text("withdraw") == "1"
        found, newest = self._written(series)
        try:
            if key is None:
                raise OwnMeasureError("wanted a period of the measure")
            if withdraws and not (
                typed_text("reason") and any(item.about.period == key.period for item in found)
            ):
                raise OwnMeasureError("wanted why it is withdrawn, of a period that something is shown of")
            seen = int(typed_text("newest")) if typed_text("newest").isdecimal() else -1
            reason = typed_text("reason")[:300] if withdraws else ""
            write_own_commentary(self._store, key, typed, seen=seen, by=person.name, reason=reason)
        except OwnMeasureError as error:
            shown = found[0] if found else None
            return commentary_form(
                view, series, shown, newest, said=f"Nothing was kept. {error}", typed=typed
            )
        back = href(OWN, measure=measure_key(view.measure.id), place=place_key(series.place))
        return done("It is withdrawn." if withdraws else "It is shown to who may see the measure.", back)

    def _written(self, series: OwnSeries) -> tuple[tuple[Commentary, ...], int]:
        """What is shown of a place, and the number of the last thing that was written about its measure."""
        code, place = series.measure.id, series.place
        with self._store.reading() as connection:
            found = own_commentaries(connection, code, place.organisation, place.unit)
            return found, newest_own_commentary(connection, code)

    def _place(self) -> tuple[OwnView, OwnSeries]:
        """The measure and the place of a form or an address, for who may write of them. Raises OwnMeasureError."""
        person, asked = _person(), request.values
        with self._store.reading() as connection:
            for code, measure in seen_measures(connection, person).items():
                if measure_key(code) != asked.get("measure"):
                    continue
                view = own_view(connection, measure, self._site.names(), signed_in=True)
                for place in view.places:
                    if place_key(place) == asked.get("place") and covers(person, place.organisation):
                        return view, view.series(place)
        raise OwnMeasureError("Nothing was changed: wanted a measure and a unit that you may write of")

    # Files for people

    def template(self, kind: str) -> Response:
        """A measure's template."""
        measure = self._asked()
        if measure is None:
            return Response(_NOT_FOUND, status=404, mimetype="text/plain")
        with self._store.reading() as connection:
            standing = standing_figures(connection, measure.id)
        make = template_workbook if kind == "xlsx" else template_csv
        content = make(measure, standing, "", self._site.today())
        return _file(content, f"{measure.id}-template.{kind}", kind)

    def figures(self) -> Response:
        """A measure's figures that stand."""
        measure = self._asked()
        if measure is None:
            return Response(_NOT_FOUND, status=404, mimetype="text/plain")
        with self._store.reading() as connection:
            content = figures_csv(measure, standing_figures(connection, measure.id).values())
        return _file(content, f"{measure.id}.csv", "csv")

    def _asked(self) -> OwnMeasure | None:
        """The measure of the address, where whoever asks is signed in and may see it."""
        person = current_person()
        if person is None:
            return None
        with self._store.reading() as connection:
            seen = seen_measures(connection, person)
        asked = request.args.get("measure", "")
        return next((item for key, item in seen.items() if measure_key(key) == asked), None)


def _person() -> Person:
    person = current_person()
    if person is None:
        raise OwnMeasureError("nobody is signed in")
    return person


def _mode(typed: str) -> SubmissionMode:
    return SubmissionMode.REPLACE if typed == SubmissionMode.REPLACE else SubmissionMode.ADD


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, mimetype=_KINDS[kind], headers=headers)
