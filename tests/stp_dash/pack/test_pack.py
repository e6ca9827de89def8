"""A board pack over known numbers: what is in it, its documents read back, its page and its command."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pikepdf
import pytest
from pptx import Presentation
from typer.testing import CliRunner

from db.domain import Period
from db.domain.people.commentary import CommentaryAbout, CommentaryStep, PlannedAction, Remarks
from db.domain.people.role import Person, Role
from db.figures.commentary.write import write_commentary
from db.figures.data_version import data_version
from db.settings import AreaListSettings, load_settings
from db.store import Store
from stp_dash.__main__ import application
from stp_dash.elements.links import PACK
from stp_dash.frame.cache import Cache
from stp_dash.frame.request import PageRequest, ParameterError, Site
from stp_dash.pack.documents.pdf import pdf
from stp_dash.pack.documents.slides import slides
from stp_dash.pack.documents.text_room import lines_of
from stp_dash.pack.documents.workbook import pack_workbook
from stp_dash.pack.making import NotMadeError, document_of, made_document
from stp_dash.pack.model import BoardPack, PackAction, PackComment
from stp_dash.pack.page import PACK_PAGE
from stp_dash.pack.read import read_pack
from stp_dash.pages.trend.page import PAGE as TREND_PAGE
from stp_dash.web.document import BrowserRequest
from stp_dash.web.router import Router
from tests.support.seed import FDS, TREATED_62, store_for_a_module, three_subjects
from tests.support.site.page_parts import nodes, plain, title, words
from tests.support.site.pdf_boxes import bookmarks, elements, tagged_marks, text_boxes, written_words

TODAY = date(2026, 10, 20)
A4_LANDSCAPE = (841.89, 595.28)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from store_for_a_module(tmp_path_factory, "pack", three_subjects(), demonstration=True)


@pytest.fixture(scope="module")
def site(store: Store) -> Site:
    return Site(store, load_settings(), today=lambda: TODAY)


def pack_at(site: Site, **parameters: str) -> BoardPack:
    request = PageRequest(site, PACK, parameters)
    return site.read(lambda connection: read_pack(request, connection, data_version(connection)))


@pytest.fixture(scope="module")
def pack(site: Site) -> BoardPack:
    return pack_at(site)


@pytest.fixture(scope="module")
def paper(pack: BoardPack) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(pdf(pack))) as document:
        yield document


def test_a_pack_has_the_overviews_rows_and_what_needs_attention_leads(pack: BoardPack) -> None:
    names = [sheet.name for sheet in pack.sheets]
    assert {"28-day faster diagnosis", "62-day treatment"} <= set(names)
    assert pack.attention[0].sheet in {sheet.id for sheet in pack.sheets}
    assert pack.banner


def test_the_paper_says_what_it_is_to_who_cannot_see_it(pack: BoardPack, paper: pikepdf.Pdf) -> None:
    assert str(paper.Root.Lang) == "en-GB"
    assert paper.Root.MarkInfo.Marked
    with paper.open_metadata() as about:
        assert about["dc:title"] == f"{pack.site}: board pack, {pack.area}, {pack.day}"
        assert about["pdfuaid:part"] == "1"
    figures = [element for element in elements(paper) if element.S == "/Figure"]
    told = [str(element.get("/Alt", element.get("/A", {}).get("/Alt", ""))) for element in figures]
    charts = [sheet.series.picture.words for sheet in pack.sheets if sheet.series]
    assert all(told)
    assert [words for words in told if words in charts] == charts


def test_bookmarks_and_headings_follow_the_order_of_reading(pack: BoardPack, paper: pikepdf.Pdf) -> None:
    titles = [sheet.title for sheet in pack.sheets]
    known = bookmarks(paper)
    assert [name for name, _ in known if name in titles] == titles
    sheets = [page for name, page in known if name in titles]
    assert sheets == list(range(sheets[0], sheets[0] + len(titles)))
    kinds = [str(element.S) for element in elements(paper) if str(element.S) in {"/H1", "/H2", "/H3"}]
    assert kinds[0] == "/H1"
    assert kinds.count("/H1") == len(titles) + 6
    heads = [element for element in elements(paper) if element.S == "/TH"]
    assert len(heads) >= 4


def test_words_are_written_in_the_order_in_which_they_are_read(pack: BoardPack, paper: pikepdf.Pdf) -> None:
    places = dict(bookmarks(paper))
    for sheet in pack.sheets:
        if sheet.series is None or sheet.title not in places:
            continue
        page = paper.pages[places[sheet.title] - 1]
        told = "".join(written_words(page).split())
        wanted = (
            sheet.title,
            *(fact.value for fact in sheet.facts),
            sheet.series.heading,
            *((sheet.parts_heading, sheet.parts[0].name, sheet.parts[-1].name) if sheet.parts else ()),
            "Definition and status",
        )
        at = 0
        for words_wanted in ("".join(item.split()) for item in wanted):
            at = told.find(words_wanted, at) + len(words_wanted)
            assert at >= len(words_wanted), (sheet.name, words_wanted)
    # The tree of tags leads through the marked words of a page in the order in which they are written.
    for number, marks in tagged_marks(paper).items():
        assert marks == sorted(marks), number


def test_no_words_leave_the_paper(paper: pikepdf.Pdf) -> None:
    check_words(paper, A4_LANDSCAPE)


def test_no_words_leave_upright_paper_either(pack: BoardPack) -> None:
    upright = replace(pack, paper="portrait", sheets=pack.sheets[-4:])
    with pikepdf.open(io.BytesIO(pdf(upright))) as document:
        check_words(document, A4_LANDSCAPE[::-1])
        titles = [sheet.title for sheet in upright.sheets]
        assert [name for name, _ in bookmarks(document) if name in titles] == titles


def check_words(paper: pikepdf.Pdf, size: tuple[float, float]) -> None:
    for number, page in enumerate(paper.pages, 1):
        boxes = text_boxes(page)
        assert len(boxes) > 10, number
        assert tuple(float(edge) for edge in page.mediabox[2:]) == pytest.approx(size, abs=0.1)
        for box in boxes:
            assert box.left > 12, (number, box)
            assert box.right < size[0] - 12, (number, box)
            assert 10 < box.base < size[1] - 8, (number, box)
            assert box.size > 8.8, (number, box)


@pytest.mark.parametrize("make", [pdf, pack_workbook, slides])
def test_the_same_pack_is_the_same_bytes(pack: BoardPack, make: Callable[[BoardPack], bytes]) -> None:
    one = replace(pack, sheets=pack.sheets[:1])
    assert make(one) == make(one)


def test_a_workbooks_numbers_are_the_stores(pack: BoardPack) -> None:
    book = openpyxl.load_workbook(io.BytesIO(pack_workbook(pack)))
    place = next(at for at, sheet in enumerate(pack.sheets) if sheet.id == FDS)
    page = book.worksheets[1 + place]
    heads = next(row for row in range(1, 20) if page.cell(row, 1).value == "period")
    keys = [cell.value for cell in page[heads]]
    newest = {key: page.cell(heads + 1, at + 1).value for at, key in enumerate(keys)}
    rows = [row for row in three_subjects() if row.indicator == FDS and row.organisation == "QKS"]
    last = max(rows, key=lambda row: row.period)
    assert (newest["numerator"], newest["denominator"]) == (last.numerator, last.denominator)
    assert newest["value"] == pytest.approx(100 * (last.numerator or 0) / (last.denominator or 1))
    ended = newest["period_end"]
    assert isinstance(ended, datetime)
    assert ended.date() == last.period.end
    assert book["Contents"].max_row >= len(pack.sheets)
    assert all(str(sheet.cell(1, 1).value).startswith("Demonstration data") for sheet in book.worksheets)


def test_slides_have_charts_of_powerpoints_own_with_the_stores_numbers(pack: BoardPack) -> None:
    deck = Presentation(io.BytesIO(slides(pack)))
    own = list(deck.slides)[2 : 2 + len(pack.sheets)]
    for sheet, slide in zip(pack.sheets, own, strict=True):
        assert slide.shapes.title.text_frame.text == sheet.title
        frames = [shape for shape in slide.shapes if shape.has_chart]
        assert len(frames) == (sheet.series is not None)
        if sheet.series is None:
            continue
        series = {item.name: list(item.values) for item in frames[0].chart.plots[0].series}
        assert series[pack.area] == [point.value for point in sheet.series.points]
        assert frames[0]._element.nvGraphicFramePr.cNvPr.get("descr") == sheet.series.picture.words
        assert sheet.series.points[-1].period in slide.notes_slide.notes_text_frame.text
    marked = [
        any("Demonstration data" in s.text_frame.text for s in slide.shapes if s.has_text_frame)
        for slide in deck.slides
    ]
    assert all(marked)


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"area": "RVV"}, "(RVV) is no area of its own: it is a trust."),
        ({"area": "E54000032"}, "There is no area “E54000032”."),
        ({"include": "cancer-62-day-combine"}, "There is no indicator “cancer-62-day-combine”."),
        ({"include": ","}, "A pack holds from one to 72 indicators, which fit 80 sheets; 0 are asked for."),
        ({"period": "2031-02"}, "This page wants a month that has figures."),
        ({"include": "resident-population"}, "the store holds none of Residents for Kent and Medway here."),
    ],
)
def test_a_pack_that_there_is_not_says_so(site: Site, parameters: dict[str, str], told: str) -> None:
    with pytest.raises(ParameterError) as error:
        pack_at(site, **parameters)
    assert told in error.value.told


def test_a_pack_of_chosen_indicators_and_of_a_month(site: Site) -> None:
    found = pack_at(site, include=f"{TREATED_62},{FDS}", period="2026-03")
    assert {sheet.id for sheet in found.sheets} == {TREATED_62, FDS}
    assert found.period == Period.month(2026, 3).label
    assert all(sheet.series and sheet.series.points[-1].period == "Mar 2026" for sheet in found.sheets)


def test_a_trust_has_a_pack_of_its_own_figures(site: Site) -> None:
    lists = {"our-trust": AreaListSettings(name="Our trust", members=("RVV",))}
    alone = replace(site, settings=site.settings.model_copy(update={"areas": lists}), cache=Cache())
    found = pack_at(alone, area="our-trust", include=FDS)
    rows = [row for row in three_subjects() if row.indicator == FDS and row.organisation == "RVV"]
    last = max(rows, key=lambda row: row.period)
    sheet = found.sheets[0]
    assert (found.area, sheet.parts, sheet.parts_note) == ("Our trust", (), "")
    assert sheet.series is not None
    assert sheet.series.points[-1].value == pytest.approx(
        100 * (last.numerator or 0) / (last.denominator or 1)
    )


def test_a_document_that_takes_too_long_is_stopped(pack: BoardPack) -> None:
    with pytest.raises(NotMadeError, match="took longer than"):
        made_document(pack, "pdf", 0.01)


def test_a_template_that_is_not_there_is_told_by_its_setting(pack: BoardPack, tmp_path: Path) -> None:
    with pytest.raises(NotMadeError, match=r"Setting pack\.template: .*none\.pptx"):
        made_document(pack, "pptx", 60, tmp_path / "none.pptx")
    other = tmp_path / "other.pptx"
    other.write_bytes(b"no slides")
    with pytest.raises(NotMadeError, match=r"Setting pack\.template: .*other\.pptx is none"):
        made_document(pack, "pptx", 60, other)


def test_slides_of_a_template_of_ones_own_keep_its_size_and_layout(pack: BoardPack, tmp_path: Path) -> None:
    own = Presentation()
    own.core_properties.subject = "House style"
    path = tmp_path / "own.pptx"
    own.save(str(path))
    deck = Presentation(io.BytesIO(slides(replace(pack, sheets=pack.sheets[:1]), path)))
    assert (deck.slide_width, deck.core_properties.subject) == (own.slide_width, "House style")
    assert {slide.slide_layout.name for slide in deck.slides} == {"Title Only"}
    edges = [shape.left + shape.width for slide in deck.slides for shape in slide.shapes]
    assert max(edges) <= own.slide_width


def test_the_page_shows_each_sheet_and_leads_to_the_files(site: Site) -> None:
    search = f"?include={FDS}"
    page = plain(Router(site, [PACK_PAGE]).page(BrowserRequest(PACK, search, "desktop", "")).page)
    pictures = nodes(page, "Img")
    request = PageRequest(site, PACK, {"include": FDS})
    with pikepdf.open(io.BytesIO(document_of(request, "pdf")[1])) as document:
        assert len(pictures) == len(document.pages)
    links = {words(link): str(link["props"].get("href", "")) for link in nodes(page, "A")}
    assert links["PDF"] == f"/pack/board-pack.pdf{search}"
    assert title(page) == "Board pack: 1 indicator"


def commented(pack: BoardPack, text: str) -> BoardPack:
    """A pack of two sheets whose first has been commented on with a text in each field."""
    said = PackComment(
        period="August 2026",
        happened=(text, "The second sentence."),
        actions=tuple(
            PackAction(f"{number} {text}", "Lead", "1 May 2026", "On time", False) for number in range(8)
        ),
        assurance=tuple(f"{text} {number} of nine is relied on." for number in range(9)),
        role=text[:50],
        shown_on="2026-10-16",
        written=f"Written by people, not computed. {text[:50]}",
        stale="",
    )
    sheets = [sheet for sheet in pack.sheets if sheet.series][:2]
    return replace(pack, sheets=(replace(sheets[0], comment=said), sheets[1]), commentary=7)


def test_a_long_comment_is_cut_at_a_sentence_and_continues(pack: BoardPack) -> None:
    found = commented(pack, "East Kent closed two of five endoscopy rooms in January for a refit.")
    with pikepdf.open(io.BytesIO(pdf(found))) as document:
        check_words(document, A4_LANDSCAPE)
        places = dict(bookmarks(document))
        own, further = places[found.sheets[0].title], places["Commentary and notes, continued"]
        assert further == places[found.sheets[1].title] + 1
        assert own < further < places["Sources"]


HOSTILE = "=1+1 #pagebreak() *b* $x$ <script>alert(1)</script> @label \\ 😀 中 ة " + "W" * 200


def test_hostile_words_stay_words_in_every_document(pack: BoardPack) -> None:
    found = commented(pack, HOSTILE)
    found = replace(found, sheets=found.sheets[:1])
    with pikepdf.open(io.BytesIO(pdf(found))) as document:
        check_words(document, A4_LANDSCAPE)
    book = openpyxl.load_workbook(io.BytesIO(pack_workbook(found)))
    row = list(book["Commentary and events"][3])
    assert row[3].value == f"{HOSTILE} The second sentence."
    assert {cell.data_type for cell in row} == {"s", "d"}
    assert row[3].quotePrefix and not row[2].quotePrefix
    notes = list(Presentation(io.BytesIO(slides(found))).slides)[2].notes_slide.notes_text_frame.text
    assert f"What happened: {HOSTILE} The second sentence." in notes


def test_the_command_writes_a_file_and_says_what_is_wrong(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", store.engine.url.render_as_string(hide_password=False))
    out = f"{tmp_path}/pack.xlsx"
    done = CliRunner().invoke(application, ["pack", "--format", "xlsx", "--include", FDS, "--out", out])
    assert done.exit_code == 0, done.output
    assert len(openpyxl.load_workbook(out).sheetnames) == 5
    wrong = CliRunner().invoke(application, ["pack", "--area", "XYZ", "--out", out])
    assert wrong.exit_code == 1
    assert "There is no area “XYZ”." in wrong.stderr


def test_a_pack_has_what_is_shown_to_readers_as_of_its_revision(site: Site, store: Store) -> None:
    def write(words: str, step: CommentaryStep, base: int) -> None:
        about = CommentaryAbout(FDS, "QKS", Period.month(2026, 8))
        remarks = Remarks(
            f"{words} rooms closed. They reopen.\nLate.",
            (PlannedAction("Reopen", "Lead", "2026-09-01"),),
            "None",
            "Lead",
        )
        write_commentary(store, about, remarks, step, base=base, by=Person("ann", Role.EDITOR))

    before = pack_at(site, include=FDS)
    write("Three", CommentaryStep.DRAFT, 0)
    assert pack_at(site, include=FDS).sheets == before.sheets
    write("Two", CommentaryStep.SHOWN, 1)
    shown = pack_at(site, include=FDS)
    said = shown.sheets[0].comment
    assert said is not None
    assert said.happened == ("Two rooms closed.", "They reopen.", "\nLate.")
    assert said.what_is_done == "Reopen (Lead, by 1 September 2026: 7 weeks late)"
    assert (before.commentary, shown.commentary) == (0, 2)
    assert "commentary=2" in shown.address
    write("Four", CommentaryStep.SHOWN, 2)
    assert pack_at(site, include=FDS, commentary="2").sheets == shown.sheets
    assert pack_at(site, include=FDS, version=str(2)).commentary == 0
    assert pack_at(site, include=FDS, period="2026-03").commentary == 0
    without = pack_at(site, include=FDS, commentary="without")
    assert without.sheets == before.sheets
    with pytest.raises(ParameterError, match="with, without, or the number of a revision"):
        pack_at(site, commentary="9" * 5000)


@pytest.mark.parametrize("text", ["East Kent closed two of five rooms in January.", HOSTILE])
def test_slides_show_what_people_say_and_no_words_leave_their_boxes(pack: BoardPack, text: str) -> None:
    found = commented(pack, text)
    deck = Presentation(io.BytesIO(slides(found)))
    first, second = list(deck.slides)[2:4]
    shown = {shape.text_frame.text for shape in first.shapes if shape.has_text_frame}
    heads = ["What happened\n", "What we are doing\n", "Assurance\n"]
    assert all(any(words.startswith(head) for words in shown) for head in heads)
    assert not any(
        words.startswith(heads[0]) for s in second.shapes if s.has_text_frame for words in [s.text_frame.text]
    )
    assert any("The whole of it is in the notes." in words for words in shown)
    for number, slide in enumerate(deck.slides, 1):
        for shape in slide.shapes:
            if not shape.has_text_frame or not shape.text_frame.text:
                continue
            lines = 0.0
            for paragraph in shape.text_frame.paragraphs:
                for run in paragraph.runs:
                    size, width = run.font.size.pt, shape.width / 9525
                    lines += (
                        len(lines_of(run.text, width, size, bold=bool(run.font.bold))) * size / 0.75 * 1.2
                    )
            assert lines <= shape.height / 9525 + 6, (number, shape.text_frame.text)
            assert shape.top + shape.height <= deck.slide_height, number


def test_a_long_address_stands_with_the_sources_and_not_across_the_cover(pack: BoardPack) -> None:
    found = replace(
        pack, sheets=pack.sheets[:1], address=f"https://board.example/pack?include={'indicator%2C' * 60}end"
    )
    with pikepdf.open(io.BytesIO(pdf(found))) as document:
        check_words(document, A4_LANDSCAPE)
        cover = text_boxes(document.pages[0])
    usual = replace(found, address="https://board.example/pack")
    with pikepdf.open(io.BytesIO(pdf(usual))) as document:
        # The page's number may be words of its own.
        assert 0 <= len(cover) - len(text_boxes(document.pages[0])) <= 1


def test_what_was_chosen_goes_from_page_to_page_and_each_adds_its_own(site: Site) -> None:
    router = Router(site, [TREND_PAGE, PACK_PAGE])
    search = f"?indicator={TREATED_62}&include={FDS}"
    page = plain(router.page(BrowserRequest("/trend", search, "desktop", "")).page)
    links = {words(link): str(link["props"].get("href", "")) for link in nodes(page, "Link")}
    assert links["Add to pack of 1"] == f"/pack?include={FDS}%2C{TREATED_62}"
    alone = plain(router.page(BrowserRequest("/trend", f"?indicator={FDS}", "desktop", "")).page)
    assert {words(link): link["props"].get("href") for link in nodes(alone, "Link")}[
        "Add to pack"
    ] == f"/pack?include={FDS}"
    there = plain(router.page(BrowserRequest(PACK, f"?include={FDS}", "desktop", "")).page)
    ways = [str(item["props"].get("href", "")) for kind in ("A", "Link") for item in nodes(there, kind)]
    onward = [way for way in ways if way.partition("?")[0] == "/trend"]
    assert onward
    assert all(f"include={FDS}" in way for way in onward), onward
