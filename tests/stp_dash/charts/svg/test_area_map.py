"""Maps of areas: numbers on the plane, words inside the picture, patterns that differ by more than colour."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup, Tag

from db.catalogue.places.tiles import tiles_of
from db.settings import load_settings
from stp_dash.charts.lettering import in_lines, text_width, two_lines
from stp_dash.charts.svg.area_map import (
    BETTER,
    LESS,
    MISSING,
    MORE,
    SIMILAR,
    TALLEST,
    UNJUDGED,
    WORSE,
    Key,
    MapArea,
    MapPlane,
    labels_of,
    map_places,
    map_svg,
    tile_map_svg,
    tile_spots,
)

FILLS = (WORSE, SIMILAR, BETTER, UNJUDGED, MORE, LESS, MISSING)
SHORT_NAMES = {
    "09J": "Dartford, Gravesham and Swanley",
    "09W": "Medway",
    "10D": "Swale",
    "10E": "Thanet",
    "99J": "West Kent",
    "09C": "Ashford",
    "09E": "Canterbury and Coastal",
    "10A": "South Kent Coast",
}
KEY = (Key(WORSE, "Lower"), Key(SIMILAR, "Similar"), Key(BETTER, "Higher"))


def square(column: int, row: int, size: float = 20_000.0) -> list[tuple[float, float]]:
    x, y = 560_000 + column * size, 130_000 + row * size
    return [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]


def areas() -> list[MapArea]:
    """Six made-up areas in two rows; the last in two parts."""
    cells = [MapArea(f"C{n}", f"Area {n}", f"{70 + n}%", FILLS[n], [square(n % 3, n // 3)]) for n in range(5)]
    parted = [square(2, 1, 20_000.0), square(13, 8, 5_000.0)]
    return [*cells, MapArea("C5", "Long Name of Area", "75%", WORSE, parted)]


def parsed(svg: str) -> Tag:
    root = BeautifulSoup(svg, "html.parser").find("svg")
    assert isinstance(root, Tag)
    return root


def every(root: Tag, name: str) -> list[dict[str, str]]:
    """The attributes of all elements of a name, with their words."""
    return [
        {**{k: str(v) for k, v in item.attrs.items()}, "words": item.get_text()}
        for item in root.find_all(name)
    ]


def texts(svg: str) -> list[str]:
    return [item["words"] for item in every(parsed(svg), "text")]


def title_of(svg: str) -> str:
    return every(parsed(svg), "title")[0]["words"]


def test_the_plane_keeps_proportions_and_puts_north_up() -> None:
    area = MapArea("A", "A", "1", rings=[[(0.0, 0.0), (30_000.0, 0.0), (30_000.0, 10_000.0)]])
    plane = MapPlane.of([area], 308.0)
    assert (plane.scale, plane.width, plane.height) == pytest.approx((0.01, 308.0, 108.0))
    pixels = plane.place(area.rings[0])
    assert pixels.ravel().tolist() == pytest.approx([4.0, 104.0, 304.0, 104.0, 304.0, 4.0])


def test_a_tall_area_is_drawn_narrower_and_in_the_middle() -> None:
    area = MapArea("A", "A", "1", rings=[[(0.0, 0.0), (10_000.0, 0.0), (10_000.0, 100_000.0)]])
    plane = MapPlane.of([area], 500.0)
    pixels = plane.place(area.rings[0])
    assert plane.height == pytest.approx(TALLEST)
    assert (pixels[:, 0].min() + pixels[:, 0].max()) / 2 == pytest.approx(250.0)


@pytest.mark.parametrize("width", [328.0, 510.0, 720.0])
def test_names_and_figures_of_every_area_stand_inside_the_picture_and_clear_of_each_other(
    width: float,
) -> None:
    given = areas()
    plane = MapPlane.of(given, width)
    placed = {area.code: [plane.place(ring) for ring in area.rings] for area in given}
    labels = labels_of(given, placed, plane)
    assert set(labels) == {area.code for area in given}
    boxes = [label.box for label in labels.values()]
    for left, top, right, bottom in boxes:
        assert left >= -0.01
        assert top >= -0.01
        assert right <= plane.width + 0.01
        assert bottom <= plane.height + 0.01
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            assert not (one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3])


def test_words_stand_in_the_wide_part_of_an_area_and_not_in_its_bay() -> None:
    """A horseshoe whose middle is outside it: open to the north, with a thick western arm."""
    shoe = [(0, 0), (100, 0), (100, 100), (85, 100), (85, 15), (60, 15), (60, 100), (0, 100)]
    area = MapArea("A", "West arm", "70%", SIMILAR, [[(x * 1_000.0, y * 1_000.0) for x, y in shoe]])
    plane = MapPlane.of([area], 400.0)
    label = labels_of([area], {"A": [plane.place(area.rings[0])]}, plane)["A"]
    east = plane.left + label.x / plane.scale
    assert 20_000 < east < 40_000
    left, _, right, _ = label.box
    assert plane.left + right / plane.scale < 60_000
    assert plane.left + left / plane.scale > 0


def test_a_map_bears_every_name_and_figure_and_says_what_it_shows() -> None:
    svg = map_svg(areas(), label="Six areas & one that is lower", key=KEY)
    words = texts(svg)
    for area in areas():
        assert area.shown in words
        assert all(part in " ".join(words) for part in area.name.split())
    for entry in KEY:
        assert entry.words in words
    assert parsed(svg)["role"] == "img"
    assert title_of(svg) == "Six areas & one that is lower"
    assert "Area 0 70%" in [item["words"] for item in every(parsed(svg), "title")]


def test_fills_differ_by_pattern_and_marks_by_shape() -> None:
    svg = map_svg(areas(), label="Map", ident="ccg")
    paths = [path for path in every(parsed(svg), "path") if "fill-rule" in path]
    fills = [attributes["fill"] for attributes in paths]
    assert fills[0] == fills[4] == "url(#ccg-hatch)"
    assert fills[2] == "url(#ccg-dots)"
    assert not fills[1].startswith("url")
    assert {item["id"] for item in every(parsed(svg), "pattern")} == {"ccg-hatch", "ccg-dots"}
    assert fills[3] == fills[1]
    assert paths[5]["d"].count("M") == 2
    missing = MapArea("M", "M", "No figure", MISSING, [square(0, 0)])
    outline = map_svg([missing], label="Map")
    assert 'stroke-dasharray="4 3"' in outline
    shapes = {fill: tile_map_svg([MapArea("A", "A", "1", fill)], label="Map") for fill in FILLS}
    assert shapes[SIMILAR].count("<circle") == shapes[UNJUDGED].count("<circle") + 1
    assert re.search(r'<path d="M[^"]+H[^"]+z" fill="#005EB8"', shapes[BETTER])
    assert re.search(r'<path d="M[^"]+l[^"]+z" fill="#B84A00"', shapes[WORSE])
    assert 'z" fill' not in shapes[MORE]


def test_a_narrow_tile_without_a_figure_has_a_dash_and_no_cut_word() -> None:
    areas = [MapArea(f"{i}", f"Area {i}", "No figure", MISSING) for i in range(7)]
    narrow = tile_map_svg(
        areas, tiles={area.code: (i, 0) for i, area in enumerate(areas)}, label="Map", width=300.0
    )
    assert narrow.count(">–<") == 7
    assert ">No<" not in narrow
    assert ">No figure<" in tile_map_svg(areas[:1], label="Map")


def test_a_provisional_mark_is_hollow() -> None:
    solid, hollow = (
        tile_map_svg([MapArea("A", "A", "1", WORSE, hollow=hollow)], label="Map") for hollow in (False, True)
    )
    assert 'fill="#B84A00" stroke="#FFFFFF"' in solid
    assert 'fill="#FFFFFF" stroke="#B84A00"' in hollow


def test_an_area_without_an_outline_is_no_map() -> None:
    with pytest.raises(ValueError, match="found none of Nowhere"):
        map_svg([*areas(), MapArea("N", "Nowhere", "1")], label="Map")
    with pytest.raises(ValueError, match="found none of any"):
        map_svg([], label="Map")


def test_names_of_the_world_stay_text() -> None:
    for svg in (
        map_svg([MapArea("A", "<b>&", '"1"', SIMILAR, [square(0, 0)], hover="<i>")], label="<svg>"),
        tile_map_svg([MapArea("A", "<b>&", '"1"', SIMILAR)], label="<svg>"),
    ):
        assert "<b>&" in texts(svg)
        assert title_of(svg) == "<svg>"


def test_the_areas_ccgs_stand_where_they_lie() -> None:
    laid = tiles_of(load_settings().own_area.ccgs)
    assert len(laid) == 8
    assert laid["10E"][0] > laid["09W"][0] > laid["09J"][0]
    assert laid["10A"][1] > laid["09E"][1] > laid["10D"][1]
    assert len(set(laid.values())) == len(laid)
    spots = tile_spots([MapArea(code, code, "1%") for code in laid], laid)
    assert spots["99J"] == (0, 1)


def test_other_areas_stand_in_a_grid_by_name() -> None:
    given = [
        MapArea(f"X{n}", name, "1%") for n, name in enumerate(["Delta", "Alpha", "Charlie", "Bravo", "Echo"])
    ]
    assert tile_spots(given, {"X0": (0, 0)}) == {
        "X1": (0, 0), "X3": (1, 0), "X2": (2, 0), "X0": (0, 1), "X4": (1, 1),
    }  # fmt: skip
    assert tile_spots(given[:2], {"X0": (0, 0), "X1": (0, 0)}) == {"X1": (0, 0), "X0": (1, 0)}
    assert tile_spots([], {}) == {}
    assert parsed(tile_map_svg([], label="None"))["role"] == "img"


@pytest.mark.parametrize("width", [328.0, 510.0])
def test_tiles_and_their_words_stay_within_the_width(width: float) -> None:
    laid = tiles_of(load_settings().own_area.ccgs)
    given = [MapArea(code, SHORT_NAMES[code], "26 short", MORE) for code in laid]
    svg = tile_map_svg(given, label="Tiles", tiles=laid, width=width)
    frames = every(parsed(svg), "rect")
    assert len(frames) == 8
    assert max(float(item["x"]) + float(item["width"]) for item in frames) <= width
    room = float(frames[0]["width"])
    assert all(text_width(words, 14, bold=True) <= room + 2 for words in texts(svg) if "short" in words)
    names = " ".join(texts(svg))
    for name in ("Canterbury", "Dartford", "West Kent", "Thanet"):
        assert name in names
    assert "…" not in names


def test_a_name_leaves_the_sides_of_its_tile_free_where_it_can_be_broken() -> None:
    names = ("South Kent Coast", "Buckinghamshire", "Swale")
    tiles = {f"C{n}": (n, 0) for n in range(5)}
    places = [MapArea(code, names[n % 3], "60.8%", SIMILAR) for n, code in enumerate(tiles)]
    drawn = tile_map_svg(places, label="Map", tiles=tiles, width=504.0)
    assert ">Kent Coast<" in drawn
    assert ">South Kent Coast<" not in drawn
    assert ">Buckinghamshire<" in drawn


def test_a_narrow_tile_has_what_its_figure_is_of_on_a_line_of_its_own() -> None:
    laid = tiles_of(load_settings().own_area.ccgs)
    given = [MapArea(code, SHORT_NAMES[code], "14 above", BETTER) for code in laid]
    svg = tile_map_svg(given, label="Tiles", tiles=laid, width=286.0)
    room = float(every(parsed(svg), "rect")[0]["width"])
    assert texts(svg).count("14") == len(laid)
    assert texts(svg).count("above") == 6
    assert texts(svg).count("14 above") == 2  # of the list, for the names that have no room
    assert text_width("14", 14, bold=True) + 15 <= room
    frames = [item for item in every(parsed(svg), "rect") if item.get("rx") == "3"]
    tops = {float(item["y"]): float(item["height"]) for item in frames}
    lowest = [max(float(t["y"]) for t in every(parsed(svg), "text") if t["words"] == "above")]
    for name in ("West", "Kent", "Dartford"):
        (y,) = [float(item["y"]) for item in every(parsed(svg), "text") if item["words"] == name]
        top = max(top for top in tops if top <= y)
        assert y - 9 >= top and max(n for n in lowest) <= max(tops) + tops[top]
    assert "14 above" in texts(tile_map_svg(given, label="Tiles", tiles=laid, width=510.0))


@pytest.mark.parametrize("width", [200.0, 328.0, 510.0])
def test_the_key_takes_as_many_rows_as_it_needs(width: float) -> None:
    svg = map_svg(areas(), label="Map", width=width, key=KEY)
    root = parsed(svg)
    total, wide = float(str(root["height"])), float(str(root["width"]))
    for item in every(root, "text"):
        assert float(item["y"]) < total
        if item["text-anchor"] == "start":
            assert float(item["x"]) + text_width(item["words"], 12) <= wide + 1


def test_words_are_broken_evenly_and_cut_only_where_they_must() -> None:
    assert in_lines("West Kent", 200, 12) == ("West Kent",)
    assert in_lines("South Kent Coast", 70, 12) == ("South", "Kent Coast")
    assert two_lines("Dartford, Gravesham and Swanley", 12) == ("Dartford, Gravesham", "and Swanley")
    assert two_lines("Thanet", 12) == ("Thanet",)
    (cut,) = in_lines("Northumberland", 50, 12)
    assert cut.endswith("…")
    assert text_width(cut, 12) <= 50


def crowd(count: int = 36) -> list[MapArea]:
    """Areas side by side in rows of six, the last of them ours, with names too long for their place."""
    return [
        MapArea(
            f"C{n}",
            f"Borough of Number {n}",
            f"{50 + n / 10}%",
            FILLS[n % 3],
            [square(n % 6, n // 6)],
            ours=n == count - 1,
        )
        for n in range(count)
    ]


def positions(svg: str, size: str) -> dict[str, tuple[float, float]]:
    return {
        item["words"]: (float(item["x"]), float(item["y"]))
        for item in every(parsed(svg), "text")
        if item.get("font-size") == size
    }


@pytest.mark.parametrize("width", [200.0, 300.0])
def test_a_crowded_map_has_numbers_and_the_list_every_name_and_figure(width: float) -> None:
    svg = map_svg(crowd(), label="Crowd", width=width, key=KEY)
    words = texts(svg)
    for area in crowd():
        assert area.name in words
        assert area.shown in words
    numbers = positions(svg, "10")
    assert set(numbers) == {str(n) for n in range(1, 37)}
    boxes = [(x - 6, y - 8, x + 6, y + 2) for x, y in numbers.values()]
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            assert not (one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3])
    root = parsed(svg)
    for item in every(root, "text"):
        assert float(item["y"]) < float(str(root["height"]))
        if item["text-anchor"] == "start":
            assert float(item["x"]) + text_width(item["words"], 11) <= width + 1


def test_numbers_stand_in_their_areas_and_mean_what_the_list_says() -> None:
    svg = map_svg(crowd(), label="Crowd", width=300.0)
    plane = MapPlane.of(crowd(), 300.0)
    numbers, lines = positions(svg, "10"), positions(svg, "11")
    by_name, checked = {area.name: area for area in crowd()}, 0
    for name, (x, y) in lines.items():
        if name in by_name:
            checked += 1
            (number,) = [
                n for n, (left, top) in lines.items() if n.isdigit() and top == y and 0 < x - left < 30
            ]
            ring = plane.place(by_name[name].rings[0])
            across, down = numbers[number]
            assert ring[:, 0].min() < across < ring[:, 0].max()
            assert ring[:, 1].min() < down < ring[:, 1].max()
    assert checked == 36


def test_neighbours_of_a_crowd_share_their_borders_to_the_half_pixel() -> None:
    svg = map_svg(crowd(), label="Crowd", width=500.0)
    edges: list[frozenset[tuple[str, str]]] = []
    for path in every(parsed(svg), "path"):
        if "fill-rule" in path:
            points = re.findall(r"([\d.]+) ([\d.]+)", path["d"])
            assert all(float(value) * 2 == int(float(value) * 2) for point in points for value in point)
            edges += [frozenset(pair) for pair in zip(points, [*points[1:], points[0]], strict=True)]
    shared = [edge for edge in edges if edges.count(edge) == 2]
    assert len(shared) >= 2 * 60


def test_ours_is_outlined_over_the_others() -> None:
    for svg in (map_svg(crowd(), label="Map"), tile_map_svg(crowd(), label="Tiles")):
        drawn = [
            i for i in every(parsed(svg), "path") + every(parsed(svg), "rect") if i.get("stroke-width") == "2"
        ]
        assert len(drawn) == 1
        assert svg.rindex('stroke-width="2"') > svg.rindex('stroke-width="1"', 0, svg.index("<text"))


def test_tiles_without_room_for_a_name_have_a_number_and_no_word_is_cut() -> None:
    laid = {area.code: (n % 6, n // 6) for n, area in enumerate(crowd())}
    svg = tile_map_svg(crowd(), label="Tiles", tiles=laid, width=300.0)
    words = texts(svg)
    assert {str(n) for n in range(1, 37)} <= set(words)
    assert {area.name for area in crowd()} <= set(words)
    assert "…" not in "".join(words)
    places = map_places([replace(area, rings=()) for area in crowd()], laid, 300.0)
    frames = [item for item in every(parsed(svg), "rect") if item.get("rx") == "3"]
    corners = {
        (round(float(item["x"])), round(float(item["y"])), round(float(item["height"]))) for item in frames
    }
    assert corners == {(round(left), round(top), round(high)) for _, _, (left, top, _, high), _ in places}


def test_more_areas_than_can_be_numbered_are_only_drawn() -> None:
    svg = map_svg(crowd(150), label="Map", width=300.0)
    assert texts(svg) == []
    assert len(every(parsed(svg), "title")) == 151
