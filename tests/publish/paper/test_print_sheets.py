"""Print maps: what stands on a sheet, in which bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from defusedxml import ElementTree
from matplotlib.collections import PathCollection
from matplotlib.text import Text

from geontm.errors import PublishError
from geontm.messages import say
from geontm.publish import Content
from geontm.publish.offered import layers_with_data
from geontm.publish.paper import files
from geontm.publish.paper.files import layers_to_print, save_pdf, save_svg, write_sheets
from geontm.publish.paper.furniture import LAND, SEA, draw_locator
from geontm.publish.paper.ground import ground_of
from geontm.publish.paper.pen import HATCH, Pen
from geontm.publish.paper.pictures import report_pictures
from geontm.publish.paper.plan import nice_denominator, plan_of
from geontm.publish.paper.plane import land_of, projection_of
from geontm.publish.paper.sheet import Sheet, draw_sheet
from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import font_file
from geontm.publish.paper.thumbnail import thumbnail
from geontm.publish.products import Products
from geontm.publish.surroundings import locator
from geontm.publish.theme import theme_of
from geontm.publish.write import write_parts
from geontm.tables import Label
from publish_samples import POOR, sample_content

SVG = "{http://www.w3.org/2000/svg}"


def layer(content: Content, column: str = "poor_household_pct", style: str = "coverage"):
    return next(each for each in layers_with_data(content, content.styles[style]) if each.column == column)


def sheet_of(content: Content, column: str = "poor_household_pct", style: str = "coverage", **options) -> Sheet:
    return draw_sheet(content, content.styles[style], layer(content, column, style), **options)


def words(sheet: Sheet, page: int = 0) -> set[str]:
    return {text.get_text() for text in sheet.pages[page].findobj(Text)}


def running(sheet: Sheet) -> str:
    """Return the words of a sheet in the order in which they were written, lines joined."""
    return " ".join(text.get_text() for text in sheet.figure.findobj(Text))


def grid_content(
    columns: int, rows: int, *, step: float = 0.1, west: float = 105.0, south: float = 21.0, **changes
) -> Content:
    """Return a project of one province: communes in a grid, named Xã Thứ 1, 2, …; the n-th has n % poor."""
    cells = [
        shapely.box(west + c * step, south + r * step, west + (c + 1) * step, south + (r + 1) * step)
        for r, c in product(range(rows), range(columns))
    ]
    codes = [f"{k:05d}" for k in range(1, len(cells) + 1)]
    fields = {
        "commune_name": [f"Xã Thứ {k}" for k in range(1, len(cells) + 1)],
        "kind": "xã",
        "province_code": "04",
        "province_name": "Tỉnh Cao Bằng",
    }
    index = pd.Index(codes, name="commune_code")
    units = gpd.GeoDataFrame(fields, geometry=cells, index=index, crs="EPSG:4326")
    poor = pd.array(np.arange(1, len(cells) + 1) % 90 + 0.0, dtype="Float64")
    wide = pd.DataFrame({"poor_household_pct": poor}, index=index)
    sample = sample_content()
    return replace(sample, **{"units": units, "wide": wide, "indicators": sample.indicators.iloc[:0], **changes})


def renamed(content: Content, names: list[str]) -> Content:
    return replace(content, units=content.units.assign(commune_name=names))


def test_every_unit_with_an_outline_is_named_and_the_rest_is_told():
    content = sample_content()
    sheet = sheet_of(content)
    assert len(sheet.named) + len(sheet.keyed) == 5
    assert {"Đông Khê", '"Nùng Trí Cao"'} <= set(sheet.named) and {"Đông Khê", "SỐ LIỆU MINH HOẠ"} <= words(sheet)
    assert "1 đơn vị không có hình, không vẽ được: Đặc khu Hòn Lẻ." in running(sheet)


def test_title_subtitle_and_badges_tell_what_year_unit_and_boundaries_are_shown():
    content = sample_content()
    told = words(sheet_of(content))
    assert "Tỷ lệ hộ nghèo theo xã, năm 2025" in told
    assert "Thử <b>nghiệm</b> 2026 · 6 xã, phường, đặc khu theo địa giới từ ngày 01/7/2025" in told
    assert {"Đơn vị: %", "SỐ LIỆU MINH HOẠ", "RANH GIỚI SƠ ĐỒ"} <= told
    assert not {"SỐ LIỆU MINH HOẠ"} & words(sheet_of(content, "clean_water_pct"))
    real = replace(content, notes=replace(content.notes, schematic=False))
    assert "RANH GIỚI SƠ ĐỒ" not in words(sheet_of(real))


def test_a_sheet_in_english_is_in_english():
    told = words(sheet_of(sample_content(lang="en")))
    assert {"LEGEND", "ILLUSTRATIVE FIGURES", "SCHEMATIC BOUNDARIES", "N", "no data"} <= told
    assert any(text.endswith("′N") for text in told) and not any(text.endswith("′B") for text in told)


def test_the_legend_has_every_class_with_its_count_and_what_is_unknown():
    content = sample_content()
    told = words(sheet_of(content))
    assert {"dưới 10", "từ 40", "chưa có số liệu"} <= told
    sevens = content.wide.assign(poor_household_pct=pd.array([7.0] * 6, dtype="Float64"))
    everything = sample_content(wide=sevens, indicators=content.indicators.iloc[:0])
    assert {"7", "6", "0"} <= words(sheet_of(everything))


def test_what_is_unknown_is_hatched_and_nothing_else():
    def hatched(content: Content) -> list[int]:
        found = sheet_of(content).figure.findobj(PathCollection)
        return [len(each.get_paths()) for each in found if each.get_hatch() == HATCH]

    content = sample_content()
    assert hatched(content) == [sum(value is None for value in POOR)]
    known = content.wide.assign(poor_household_pct=pd.array([1.0, 2, 3, 4, 5, 6], dtype="Float64"))
    assert hatched(replace(content, wide=known)) == []


@pytest.mark.parametrize(("columns", "rows", "portrait"), [(12, 4, False), (3, 12, True)])
def test_paper_lies_or_stands_as_the_land_does(columns, rows, portrait):
    content = grid_content(columns, rows)
    small, large = sheet_of(content), sheet_of(content, size="A3")
    assert small.plan.portrait is large.plan.portrait is portrait
    assert large.plan.denominator < small.plan.denominator
    for sheet, long in ((small, 297), (large, 420)):
        assert max(sheet.figure.get_size_inches()) == pytest.approx(long / 25.4)


def test_the_land_lies_inside_the_frame_at_the_scale_that_is_printed():
    content = grid_content(6, 4)
    land = land_of(content)
    ground = ground_of(land, "A4", "vi")
    bounds = np.array([path.get_extents().extents for path in ground.drawn.paths])
    frame = ground.plan.frame
    assert bounds[:, 0].min() > frame.x and bounds[:, 2].max() < frame.right
    assert bounds[:, 1].min() > frame.y and bounds[:, 3].max() < frame.top
    metres = np.ptp(shapely.bounds(land.shapes)[:, [0, 2]])
    assert (bounds[:, 2].max() - bounds[:, 0].min()) * ground.plan.denominator / 1000 == pytest.approx(metres, rel=1e-6)


@pytest.mark.parametrize(
    "content", [grid_content(3, 3), grid_content(8, 8, step=1.2, south=9, west=102)], ids=["province", "wide"]
)
def test_the_scale_bar_is_as_long_as_it_says(content):
    land = land_of(content)
    ground = ground_of(land, "A4", "vi")
    west, south, east, north = ground.plan.extent
    middle, half = ((west + east) / 2, (south + north) / 2), ground.scale_bar.length * ground.plan.denominator / 2000
    back = pyproj.Transformer.from_crs(land.projection.crs, "EPSG:4326", always_xy=True)
    ends = [*back.transform(middle[0] - half, middle[1]), *back.transform(middle[0] + half, middle[1])]
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(*ends)
    assert metres / 1000 == pytest.approx(ground.scale_bar.km, rel=2e-3)


def test_the_zone_is_that_of_the_province_and_the_cone_is_for_wide_projects():
    content = grid_content(3, 3)
    assert projection_of(content.units).meridian == 105.75
    assert "kinh tuyến trục 105°45′Đ" in " ".join(words(sheet_of(content)))
    two = content.units.assign(province_code=["04"] * 5 + ["08"] * 4)
    assert projection_of(two).meridian == 105.25
    wide = gpd.GeoDataFrame(
        two.drop(columns="geometry"),
        geometry=[s for s in two.geometry[:-1]] + [shapely.box(109, 21, 109.1, 21.1)],
        crs="EPSG:4326",
    )
    assert projection_of(wide).meridian is None


@pytest.mark.parametrize(
    ("needed", "nice"), [(895_123, 900_000), (7_100_000, 7_200_000), (1_000, 1_000), (99_001, 100_000)]
)
def test_scales_are_rounded_up_to_two_figures(needed, nice):
    assert nice_denominator(needed) == pytest.approx(nice)


def test_degrees_stand_where_the_lines_meet_the_frame():
    ground = ground_of(land_of(grid_content(6, 4)), "A4", "vi")
    texts = {tick.text for tick in ground.graticule.ticks}
    assert {"105°20′Đ", "21°20′B"} <= texts or {"105°15′Đ", "21°15′B"} <= texts
    back = pyproj.Transformer.from_crs(ground.land.projection.crs, "EPSG:4326", always_xy=True)
    west, south, _, _ = ground.plan.extent
    for tick in ground.graticule.ticks:
        metres = ground.plan.denominator / 1000
        lon, lat = back.transform(
            west + (tick.x - ground.plan.frame.x) * metres, south + (tick.y - ground.plan.frame.y) * metres
        )
        value = int(tick.text.split("°")[0]) + int(tick.text.split("°")[1].split("′")[0]) / 60
        assert value == pytest.approx(lon if tick.edge in ("top", "bottom") else lat, abs=2e-3)


def test_numbers_that_do_not_fit_beside_the_map_are_keyed_on_a_second_page(tmp_path):
    content = grid_content(18, 14, step=0.02)
    content = renamed(content, [f"Xã Một cái tên rất dài {k}" for k in range(1, 253)])
    sheet = sheet_of(content)
    assert len(sheet.pages) == 2
    assert set(sheet.named) | set(sheet.keyed.values()) == {f"Một cái tên rất dài {k}" for k in range(1, 253)}
    assert set(sheet.keyed.values()) <= words(sheet, 1) and {str(n) for n in sheet.keyed} <= words(sheet)
    folder = tmp_path / "result"
    folder.mkdir()
    found = write_sheets(content, folder, [content.styles["classification"], content.styles["coverage"]], ["A4"])
    assert [path.name for path in found] == [
        f"coverage-poor_household_pct-A4{end}" for end in (".pdf", ".png", ".svg", "-2.png", "-2.svg")
    ]


def test_many_numbers_are_keyed_inside_the_frame_where_the_land_leaves_room():
    square = grid_content(8, 8)
    kept = square.units.index[[k for k in range(64) if k % 8 < 3 or k // 8 < 3]]  # no land in the upper right
    corner = replace(square, units=square.units.loc[kept], wide=square.wide.loc[kept])
    content = renamed(corner, [f"Xã Tên-quá-dài-cho-một-ô-nhỏ-{k}" for k in range(39)])
    sheet, ground = sheet_of(content), ground_of(land_of(content), "A4", "vi")
    box, _ = ground.key
    assert len(sheet.pages) == 1 and set(sheet.keyed.values()) <= words(sheet)
    bounds = np.array([path.get_extents().extents for path in ground.drawn.paths if path is not None])
    apart = (bounds[:, 2] <= box.x) | (bounds[:, 0] >= box.right) | (bounds[:, 3] <= box.y) | (bounds[:, 1] >= box.top)
    assert apart.all()


def test_few_numbers_are_keyed_beside_the_map():
    content = grid_content(6, 2)
    content = renamed(content, [f"Xã Một-cái-tên-dài-không-vừa-một-ô-{k}" for k in range(1, 13)])
    sheet = sheet_of(content)
    assert sheet.keyed and len(sheet.pages) == 1 and set(sheet.keyed.values()) <= words(sheet)


FAR = {"20333": (112.0, 16.5, "48", "Thành phố Đà Nẵng"), "22736": (114.3, 10.2, "56", "Tỉnh Khánh Hòa")}


def with_islands(content: Content, *codes: str) -> Content:
    islets = [
        shapely.MultiPolygon([shapely.box(x + d, y + d, x + d + 0.004, y + d + 0.004) for d in (0, 0.2, 0.5)])
        for x, y, _, _ in (FAR[code] for code in codes)
    ]
    more = gpd.GeoDataFrame(
        {
            "commune_name": ["Đặc khu xa"] * len(codes),
            "kind": "đặc khu",
            "province_code": [FAR[code][2] for code in codes],
            "province_name": [FAR[code][3] for code in codes],
        },
        geometry=islets,
        index=pd.Index(codes, name="commune_code"),
        crs="EPSG:4326",
    )
    wide = pd.DataFrame({"poor_household_pct": pd.array([3.0] * len(codes), dtype="Float64")}, index=more.index)
    return replace(content, units=pd.concat([content.units, more]), wide=pd.concat([content.wide, wide]))


def test_far_archipelagos_have_named_frames_of_their_own_with_every_islet_coloured():
    content = with_islands(grid_content(5, 5, west=107.5, south=15.5), "20333", "22736")
    sheet = sheet_of(content)
    assert {"Quần đảo Hoàng Sa (Đà Nẵng)", "Quần đảo Trường Sa (Khánh Hòa)"} <= words(sheet)
    ground = ground_of(land_of(content), "A4", "vi")
    assert [inset.name for inset in ground.insets] == ["hoang_sa", "truong_sa"]
    for inset, code in zip(ground.insets, FAR, strict=True):
        place = ground.land.codes.index(code)
        dots = inset.drawn.dots[place]
        assert len(dots) == 3 and inset.drawn.paths[place] is not None
        assert ((dots > (inset.box.x, inset.box.y)) & (dots < (inset.box.right, inset.box.top))).all()
        assert ground.drawn.paths[place] is None
    assert ground.plan.denominator < 700_000  # the frame is that of the land, not of the sea between


def test_an_island_far_from_the_rest_gets_a_frame_of_its_own():
    content = grid_content(4, 4)
    shapes = [*content.units.geometry.iloc[:-1], shapely.box(106.6, 20.0, 106.65, 20.05)]
    far = content.units.set_geometry(gpd.GeoSeries(shapes, index=content.units.index, crs="EPSG:4326"))
    content = renamed(replace(content, units=far), [*content.units["commune_name"].iloc[:-1], "Đặc khu Hòn Lẻ"])
    content = replace(content, units=content.units.assign(kind="đặc khu"))
    ground = ground_of(land_of(content), "A4", "vi")
    (inset,) = ground.insets
    assert inset.title == "Hòn Lẻ" and inset.drawn.paths[15] is not None and ground.drawn.paths[15] is None
    assert "Hòn Lẻ" in words(sheet_of(content)) and ground.plan.denominator < 400_000
    near = content.units.set_geometry(
        gpd.GeoSeries(
            [*shapes[:-1], shapely.box(105.45, 21.0, 105.5, 21.05)], index=content.units.index, crs="EPSG:4326"
        )
    )
    assert not ground_of(land_of(replace(content, units=near)), "A4", "vi").insets


def test_a_project_of_one_archipelago_is_the_map_itself():
    content = with_islands(grid_content(1, 1), "22736")
    content = replace(content, units=content.units.loc[["22736"]], wide=content.wide.loc[["22736"]])
    land = land_of(content)
    assert land.near.all() and not land.islands
    assert sheet_of(content).title.startswith("Tỷ lệ hộ nghèo, đặc khu xa, tỉnh Khánh Hòa")


def test_both_archipelagos_are_named_on_the_locator_of_every_province():
    assert {"Quần đảo Hoàng Sa", "Quần đảo Trường Sa"} <= words(sheet_of(grid_content(3, 2)))


def land_around(*bounds: float, name: str = "Lạng Sơn") -> gpd.GeoDataFrame:
    fields = {"name": [name], "name_en": [name], "kind": ["province"]}
    return gpd.GeoDataFrame(fields, geometry=[shapely.box(*bounds)], crs="EPSG:4326")


def land_in_the_west() -> gpd.GeoDataFrame:
    return land_around(103.0, 19.0, 105.0, 23.0)


def test_land_around_is_named_and_only_then_is_the_rest_sea():
    content = grid_content(6, 9)
    told = words(sheet_of(replace(content, context=land_around(105.6, 20.0, 107.0, 23.0))))
    assert "LẠNG SƠN" in told and "LẠNG SƠN" not in words(sheet_of(content))


@pytest.mark.parametrize("strip", [0.01, 0.02, 0.03, 0.05])
def test_names_of_land_around_keep_off_the_frame(strip):
    content = grid_content(6, 9)
    _, north = content.units.total_bounds[[1, 3]]
    ground = ground_of(
        land_of(replace(content, context=land_around(104.0, north, 107.0, north + strip, name="Hưng Yên"))), "A4", "vi"
    )
    for name in ground.around_names:
        high = len(name.lines) * name.size * 25.4 / 72
        assert name.y + high / 2 <= ground.plan.frame.top - 1.2


def test_the_locator_tells_land_around_from_sea():
    pen, box = Pen(60, 60), Box(0, 0, 60, 60)
    draw_locator(pen, box, locator(), ["40"], shapely.box(104, 18.5, 106, 20), "vi", 1.0)
    pen.figure.canvas.draw()
    picture = np.asarray(pen.figure.canvas.buffer_rgba())[..., :3]
    counted = {colour: (picture == tuple(bytes.fromhex(colour[1:]))).all(axis=2).mean() for colour in (LAND, SEA)}
    assert counted[LAND] > 0.15 and counted[SEA] > 0.3


HOSTILE = [
    "Xã \u202eĐảo ngược\u202c \x00\x07 dòng\nmới",
    "Xã " + "Rất " * 125,
    "Xã 😀 \U0001f3f3 語",
    "$\\frac{1}{2}$ _{x} &amp; </text><script>alert(1)</script>",
    "]]> <!-- %s {0} --",
    "   ",
]


@pytest.mark.filterwarnings("error")
def test_hostile_names_are_printed_as_plain_text(tmp_path):
    content = renamed(grid_content(3, 2), HOSTILE)
    sheet = sheet_of(content)
    assert len(sheet.named) + len(sheet.keyed) == 6
    save_pdf(sheet.pages, tmp_path / "a.pdf", title=sheet.title)
    tree = ElementTree.parse(save_svg(sheet.figure, tmp_path / "a.svg", title=sheet.title))
    assert not list(tree.iter(f"{SVG}script"))
    assert any("<script>" in (text.text or "") for text in tree.iter(f"{SVG}text"))


def test_names_are_text_in_the_svg_and_its_letters_are_inside(tmp_path):
    content = renamed(grid_content(2, 1), ["Xã Hoành Mô", "Xã Đặng Thuỳ"])
    sheet = sheet_of(content)
    path = save_svg(sheet.figure, tmp_path / "a.svg", title=sheet.title)
    tree = ElementTree.parse(path)
    assert {"Hoành Mô", "Đặng Thuỳ"} <= {text.text for text in tree.iter(f"{SVG}text")}
    style = next(tree.iter(f"{SVG}style")).text
    assert "src:url(data:font/woff;base64," in style and "url(http" not in style
    assert path.stat().st_size < 600_000


def test_names_are_found_in_the_pdf(tmp_path, pdf_text):
    content = renamed(grid_content(2, 1), ["Xã Hoành Mô", "Phường Ỷ Ữ Ặ"])
    sheet = sheet_of(content)
    found = pdf_text(save_pdf(sheet.pages, tmp_path / "a.pdf", title=sheet.title))
    assert "Hoành Mô" in found and "Ỷ Ữ Ặ" in found and "CHÚ GIẢI" in found


def test_sheets_have_the_same_bytes_whatever_the_order_of_rows(tmp_path):
    content = sample_content()
    mixed = replace(content, units=content.units.iloc[::-1], wide=content.wide.iloc[[3, 0, 5, 1, 4, 2]])
    found = []
    for name, each in (("one", content), ("two", mixed)):
        sheet = sheet_of(each)
        svg = save_svg(sheet.figure, tmp_path / f"{name}.svg", title=sheet.title)
        found.append((svg.read_bytes(), save_pdf(sheet.pages, tmp_path / f"{name}.pdf", title="").read_bytes()))
    assert found[0] == found[1]


_AGAIN = """
import hashlib, sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from publish_samples import sample_content
from geontm.publish.paper.files import write_sheets
content = sample_content()
for path in write_sheets(content, Path(sys.argv[1]), [content.styles["classification"]], ["A4"]):
    print(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
assert "matplotlib.pyplot" not in sys.modules
"""


def test_another_process_writes_the_same_bytes_and_never_loads_pyplot(tmp_path):
    found = []
    here = Path(__file__).resolve()
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        command = [sys.executable, "-c", _AGAIN, str(tmp_path / seed), str(here.parents[1]), str(here.parents[2])]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "MPLBACKEND": "svg"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        found.append(done.stdout)
    assert found[0] == found[1] and found[0].count(".pdf") >= 1


def test_settings_of_the_user_neither_change_a_sheet_nor_are_changed():
    content = sample_content()
    plain = hashlib.sha256(thumbnail(content, content.styles["coverage"], layer(content), 320)).hexdigest()
    with mpl.rc_context({"font.size": 40, "hatch.linewidth": 9, "path.simplify": True, "text.usetex": True}):
        before = dict(mpl.rcParams)
        drawn = thumbnail(content, content.styles["coverage"], layer(content), 320)
        sheet_of(content)
        assert dict(mpl.rcParams) == before
    assert hashlib.sha256(drawn).hexdigest() == plain


def test_a_project_without_outlines_is_refused_and_writes_nothing(tmp_path):
    content = sample_content()
    bare = replace(
        content, units=content.units.set_geometry(gpd.GeoSeries([None] * 6, index=content.units.index, crs="EPSG:4326"))
    )
    with pytest.raises(PublishError, match=r"(?i)outline|hình"):
        sheet_of(bare)
    assert write_sheets(bare, tmp_path, list(bare.styles.values()), ["A4"]) == [] and not list(tmp_path.iterdir())


def test_a_run_without_outlines_is_told_that_nothing_is_printed(tmp_path):
    content = sample_content()
    nowhere = gpd.GeoSeries([None] * 6, index=content.units.index, crs="EPSG:4326")
    bare = replace(content, units=content.units.set_geometry(nowhere))
    products = Products(maps=("coverage",), print=("A4",))
    (tmp_path / "a").mkdir()
    written = write_parts(bare, tmp_path / "a", products, parts=["maps"])
    assert not [path for path in written if "print" in path.parts]
    told = (tmp_path / "a" / "issues.csv").read_text(encoding="utf-8-sig")
    assert say("site.print_without_outlines", "vi") in told
    assert report_pictures(bare, [bare.styles["coverage"]]) == {}
    empty = replace(bare, units=bare.units.set_geometry([shapely.Polygon()] * 6, crs="EPSG:4326"))
    assert write_sheets(empty, tmp_path, [empty.styles["coverage"]], ["A4"]) == []


def test_a_layer_that_two_maps_share_is_drawn_once_and_both_have_their_files(tmp_path, monkeypatch):
    content = sample_content()
    style = content.styles["coverage"]
    other = replace(style, name="other", title=Label("Khác", "Other"))
    content = replace(content, styles={**content.styles, "other": other})
    drawn = []

    def counting(*given, **options):
        drawn.append(given[2].name)
        return draw_sheet(*given, **options)

    monkeypatch.setattr(files, "draw_sheet", counting)
    written = write_sheets(content, tmp_path, [style, other], ["A4"])
    assert len(drawn) == len(set(drawn)) and len(written) == 2 * 3 * len(drawn)
    for name in drawn:
        for end in ("pdf", "png", "svg"):
            one, two = (tmp_path / "print" / f"{each}-{name}-A4.{end}" for each in ("coverage", "other"))
            assert one.read_bytes() == two.read_bytes()
    assert list(report_pictures(content, [style, other])) == [f"coverage-{name}" for name in drawn]


@pytest.mark.parametrize(
    "content",
    [
        sample_content(),
        grid_content(12, 4),
        grid_content(3, 12),
        grid_content(1, 1),
        with_islands(grid_content(5, 5, west=107.5, south=15.5), "20333"),
    ],
    ids=["sample", "wide", "tall", "one", "islands"],
)
def test_pictures_for_a_report_are_as_wide_as_its_text_in_letters_that_are_read(content):
    sheet = sheet_of(content, size="report")
    wide, high = sheet.figure.get_size_inches() * 25.4
    assert wide == pytest.approx(160) and 90 < high <= 205 and len(sheet.pages) == 1
    told = [text for text in sheet.figure.findobj(Text) if text.get_text()]
    assert min(text.get_fontsize() for text in told) >= 8
    low, top = sheet.figure.axes[0].get_ylim()
    assert all(low <= text.get_position()[1] <= top and 0 <= text.get_position()[0] <= 160 for text in told)
    assert {"CHÚ GIẢI", "B"} <= words(sheet)
    assert len(sheet.named) + len(sheet.keyed) == int(content.units.geometry.notna().sum()) - (len(content.units) == 26)


def test_a_picture_for_a_report_tells_what_is_illustrative_and_how_large_it_is():
    import io

    from PIL import Image

    content = sample_content()
    told = words(sheet_of(content, size="report"))
    assert {"SỐ LIỆU MINH HOẠ", "RANH GIỚI SƠ ĐỒ"} <= told and not any("khi in" in text for text in told)
    (data, *_) = report_pictures(content, [content.styles["coverage"]]).values()
    picture = Image.open(io.BytesIO(data))
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert picture.size[0] / 300 * 25.4 == pytest.approx(160, abs=0.2)


def test_of_too_many_numbers_a_report_keeps_none_and_says_so():
    content = grid_content(20, 20, step=0.02)
    content = renamed(content, [f"Xã Một cái tên rất dài {k}" for k in range(1, 401)])
    sheet = sheet_of(content, size="report")
    assert not sheet.keyed and "không ghi được tên" in running(sheet)


def test_one_commune_fills_its_sheet():
    sheet = sheet_of(grid_content(1, 1))
    assert sheet.named == ("Thứ 1",) or sheet.named == ("Xã Thứ 1",)
    assert sheet.title == "Tỷ lệ hộ nghèo, xã Thứ 1, tỉnh Cao Bằng (tính đến 30/6/2026)"


def test_layers_marked_in_a_style_are_printed_else_the_first_of_every_group():
    content = sample_content()
    style = content.styles["coverage"]
    groups = [each.group for each in layers_to_print(content, style)]
    assert len(groups) == len(set(groups)) and layer(content) in layers_to_print(content, style)
    marked = replace(
        style, layers=tuple(replace(each, printed=each.column == "clean_water_pct") for each in style.layers)
    )
    assert [each.column for each in layers_to_print(content, marked)] == ["clean_water_pct"]


def test_islets_too_small_to_see_are_dots_and_little_inland_units_are_not():
    big = grid_content(4, 4)
    islet, inland = shapely.box(105.45, 21.2, 105.4505, 21.2005), shapely.box(105.1, 21.1, 105.1005, 21.1005)
    shapes = [*big.units.difference(inland).iloc[:14], islet, inland]
    content = replace(big, units=big.units.set_geometry(gpd.GeoSeries(shapes, index=big.units.index, crs="EPSG:4326")))
    dots = ground_of(land_of(content), "A4", "vi").drawn.dots
    assert [len(each) for each in dots[13:]] == [0, 1, 0]


@pytest.mark.parametrize("cut", ["Regular", "Bold", "Italic"])
def test_fonts_are_small_and_have_every_letter_of_vietnamese(cut):
    from matplotlib.font_manager import get_font

    path = font_file(cut)
    letters = "aăâbcdđeêghiklmnoôơpqrstuưvxyzàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
    signs = letters + letters.upper() + "0123456789.,–—…“”·°′″%≤≥<>→−²³×€₫"
    assert path.stat().st_size < 120_000 and (path.parent / "OFL.txt").read_text(encoding="utf-8").count("OPEN FONT")
    assert set(map(ord, signs)) <= set(get_font(str(path)).get_charmap())


def test_a_thumbnail_shows_classes_gaps_and_the_smallest_islet():
    import io

    from PIL import Image

    content = with_islands(grid_content(5, 5, west=107.5, south=15.5), "20333")
    drawn = thumbnail(content, content.styles["coverage"], layer(content), 320)
    picture = np.asarray(Image.open(io.BytesIO(drawn)).convert("RGBA"))
    assert picture.shape[:2] == (240, 320) and drawn == thumbnail(
        content, content.styles["coverage"], layer(content), 320
    )
    assert (picture[0, 0] == (246, 244, 239, 255)).all()  # what lies around is not known: no sea
    assert (picture[:, 240:, :3] != (246, 244, 239)).any()  # the archipelago, far from everything


def test_a_thumbnail_shows_land_around_and_lets_the_sea_through():
    import io

    from PIL import Image

    content = replace(grid_content(4, 4), context=land_in_the_west())
    drawn = thumbnail(content, content.styles["coverage"], layer(content), 320)
    picture = np.asarray(Image.open(io.BytesIO(drawn)).convert("RGBA"))
    assert tuple(picture[120, 10]) == (230, 226, 217, 255) and picture[120, 310, 3] == 0


def test_two_columns_are_a_square_with_a_count_in_every_cell():
    content = grid_content(6, 3)
    clean = pd.array([90.0, 60, 30] * 6, dtype="Float64")
    content = replace(content, wide=content.wide.assign(clean_water_pct=clean))
    both = next(each for each in layers_with_data(content, content.styles["coverage"]) if each.kind == "bivariate")
    told = words(draw_sheet(content, content.styles["coverage"], both))
    names = [name.vi for axis in theme_of(content, content.styles["coverage"], both).axes for name in axis.names]
    assert len(names) == 6 and {"2", *names} <= told
    # Both sides run from good to bad, so the arrow of clean water, which grows the other way, points down.
    assert {text[:1] for text in told if text.startswith(tuple("→←↑↓"))} == {"→", "↓"}


def test_the_legend_of_an_upright_sheet_ends_above_its_sources():
    content = grid_content(2, 3)  # upright
    clean = pd.array([90.0, 60, 30] * 2, dtype="Float64")
    content = replace(content, wide=content.wide.assign(clean_water_pct=clean))
    both = next(each for each in layers_with_data(content, content.styles["coverage"]) if each.kind == "bivariate")
    sheet = draw_sheet(content, content.styles["coverage"], both)
    assert sheet.plan.portrait
    (last,) = [text for text in sheet.pages[0].findobj(Text) if text.get_text() == "Ranh giới xã"]
    assert last.get_position()[1] >= sheet.plan.side.y


def test_more_categories_than_fit_are_counted_together():
    content = grid_content(6, 5)
    kinds = content.wide.assign(exit_year=pd.array(range(2001, 2031), dtype="Int64"))
    sheet = sheet_of(replace(content, wide=kinds), "exit_year", "programme")
    assert "… và 15 loại khác" in words(sheet) and "15" in words(sheet)


def test_notes_without_room_below_the_legend_go_overleaf():
    content = grid_content(6, 4)
    note = "Một điều cần biết. " * 260
    column = replace(content.dictionary["poor_household_pct"], note=Label(note, note))
    sheet = sheet_of(replace(content, dictionary={**content.dictionary, "poor_household_pct": column}))
    assert len(sheet.pages) == 2 and "Cách phân lớp và ghi chú: ở trang sau." in words(sheet)
    overleaf = " ".join(text.get_text() for text in sheet.pages[1].findobj(Text))
    assert overleaf.count("cần biết.") == 260


def test_a_plan_is_chosen_without_the_far_islands():
    content = with_islands(grid_content(5, 5, west=107.5, south=15.5), "20333")
    alone = grid_content(5, 5, west=107.5, south=15.5)
    assert plan_of(land_of(content), "A4").denominator == pytest.approx(
        plan_of(land_of(alone), "A4").denominator, rel=0.06
    )
