"""The drawing of outlines in a real browser: what is where, in which colour, after every move."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from arc_reader import read_shapes
from geontm.publish import map_html
from geontm.publish.web.drawing import draw
from publish_samples import sample_content

pytestmark = pytest.mark.browser

HOANG_SA, TRUONG_SA = "20333", "22736"

# The colour of a unit where its name would stand: [r, g, b, a] of the canvas on the screen.
PIXEL = """((unit, canvas = geontm.page.ground.canvas, at = geontm.page.ground.place(unit)) => {
  const picture = canvas._container, ratio = picture.width / canvas._bounds.getSize().x;
  const p = geontm.map.latLngToLayerPoint(at).subtract(canvas._bounds.min).multiplyBy(ratio).round();
  return [...picture.getContext('2d').getImageData(p.x, p.y, 1, 1).data];
})"""
FILLS = "geontm.page.ground.fills().map(fill => typeof fill === 'string' ? fill : 'hatch')"


def rgb(colour):
    return [int(colour[k : k + 2], 16) for k in (1, 3, 5)]


def content_of(shapes, *, codes=None, names=None, provinces=None, values=None, **more):
    base = sample_content()
    n = len(shapes)
    codes = pd.Index(codes or [f"{k:05d}" for k in range(n)], name="commune_code")
    units = gpd.GeoDataFrame(
        {
            "commune_name": names or [f"Xã Số {k}" for k in range(n)],
            "kind": "xã",
            "province_code": provinces or ["01"] * n,
            "province_name": [f"Tỉnh {code}" for code in (provinces or ["01"] * n)],
            "area_km2": 1.0,
        },
        geometry=list(shapes),
        index=codes,
        crs="EPSG:4326",
    )
    wide = pd.DataFrame({"poor_household_pct": pd.array(values or range(n), dtype="Float64")}, index=codes)
    none = {"indicators": base.indicators.iloc[:0], "verdicts": base.verdicts.iloc[:0], "scores": base.scores.iloc[:0]}
    none["priority"] = base.priority.iloc[:0]
    return sample_content(units=units, wide=wide, **none, **more)


def quiet(tab):
    """Whether the page said nothing; that reading pixels back is slow is the test's own doing."""
    return [message for message in tab.messages if "getImageData" not in message] == []


def opened(tab, folder, content, **options):
    page = folder / "page.html"
    page.write_text(map_html(content, "coverage"), encoding="utf-8")
    tab.open(page, **options)
    assert quiet(tab)
    return tab


def board(side=4, step=0.1):
    """Cells of a wavy board: every border is shared, none is straight."""
    wave = [(k / 40, 0.02 * np.sin(k / 3) * np.sin(np.pi * k / 40)) for k in range(41)]

    def line(a, b):
        (x1, y1), (x2, y2) = sorted([a, b])
        points = [(x1 + t * (x2 - x1) - w * (y2 - y1), y1 + t * (y2 - y1) + w * (x2 - x1)) for t, w in wave]
        points[-1] = (x2, y2)
        return points if (x1, y1) == a else points[::-1]

    def cell(i, j):
        corners = [(105 + step * (i + a), 21 + step * (j + b)) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]
        return shapely.Polygon([p for one, other in pairwise(corners) for p in line(one, other)[:-1]])

    return [cell(i, j) for j in range(side) for i in range(side)]


@pytest.fixture(scope="module")
def squares():
    values = [k if k != 5 else None for k in range(16)]
    return content_of(board(), provinces=["01"] * 8 + ["02"] * 8, values=values)


def test_the_page_reads_the_outlines_that_were_packed(tab, tmp_path, squares):
    opened(tab, tmp_path, squares)
    drawing = draw(squares)
    count = len(squares.units)
    found = tab.run(f"Array.from({{length: {count}}}, (_, unit) => geontm.page.ground.coverage.polygons(unit))")
    for parts, shape in zip(found, read_shapes(drawing.packed, per_degree=drawing.per_degree, more=True), strict=False):
        rebuilt = shapely.MultiPolygon([(rings[0], rings[1:]) for rings in parts])
        assert shapely.hausdorff_distance(rebuilt, shape) < 1e-6
        assert rebuilt.is_valid
        assert rebuilt.symmetric_difference(shape).area < 1e-6  # degrees are told to six digits


def test_pointing_agrees_with_geometry(tab, tmp_path, squares):
    opened(tab, tmp_path, squares)
    drawing = draw(squares)
    shapes = read_shapes(drawing.packed, per_degree=drawing.per_degree, more=True)
    draws = np.random.default_rng(5)
    points = np.column_stack([draws.uniform(104.95, 105.45, 300), draws.uniform(20.95, 21.45, 300)]).tolist()
    answers = tab.run(f"{points}.map(([lng, lat]) => geontm.page.ground.coverage.at({{lng, lat}}))")
    for point, answer in zip(points, answers, strict=True):
        near = [k for k, shape in enumerate(shapes) if shape.distance(shapely.Point(point)) < 1e-6]
        assert (answer is None and not near) or answer in near or shapes[answer].distance(shapely.Point(point)) < 1e-5


def test_every_unit_is_in_its_colour_after_every_move(tab, tmp_path, squares):
    opened(tab, tmp_path, squares)
    moves = ["0", "setZoom(9)", "panBy([140, -60])", "setZoom(11.25)", "setView([21.2, 105.2], 10)", "fire('resize')"]
    fills = tab.run(FILLS)
    assert fills[5] == "hatch"
    for move in moves:
        if move != "0":
            tab.run(f"void geontm.map.{move[:-1]}{', ' if not move.endswith('()') else ''}{{animate: false}})")
        for unit in range(16):
            inside = tab.run(f"geontm.map.getBounds().contains(geontm.page.ground.place({unit}))")
            if not inside or fills[unit] == "hatch":
                continue
            *pixel, alpha = tab.run(f"{PIXEL}({unit})")
            assert alpha == 255, (move, unit)
            assert np.abs(np.subtract(pixel, rgb(fills[unit]))).max() <= 2, (move, unit)


def test_a_move_with_animation_ends_where_it_should(tab, tmp_path, squares):
    opened(tab, tmp_path, squares)
    fills = tab.run(FILLS)
    tab.run("""new Promise(done => {
      geontm.map.once('moveend', () => done());
      geontm.map.flyTo([21.2, 105.2], 11, {duration: .3});
    })""")
    tab.settle()
    at_hand = [u for u in range(16) if tab.run(f"geontm.map.getBounds().contains(geontm.page.ground.place({u}))")]
    assert at_hand
    for unit in at_hand:
        if fills[unit] != "hatch":
            assert tab.run(f"{PIXEL}({unit})")[:3] == pytest.approx(rgb(fills[unit]), abs=2)
    assert "scale" not in tab.run("geontm.page.ground.canvas._container.style.transform")


def test_what_the_filter_leaves_out_is_grey(tab, tmp_path, squares):
    opened(tab, tmp_path, squares)
    fills = tab.run(FILLS)
    tab.run("geontm.page.set({shown: Uint8Array.from({length: 16}, (_, unit) => unit % 2)})")
    for unit in (0, 1, 6, 7):
        *pixel, _ = tab.run(f"{PIXEL}({unit})")
        assert pixel == pytest.approx(rgb(fills[unit] if unit % 2 else "#dcdcda"), abs=2)
    tab.run("geontm.page.set({shown: null})")
    assert tab.run(f"{PIXEL}(0)")[:3] == pytest.approx(rgb(fills[0]), abs=2)


def test_the_unknown_are_striped(tab, tmp_path, squares):
    opened(tab, tmp_path, squares)
    tones = tab.run(f"""Array.from({{length: 15}}, (_, k) => {{
      const p = geontm.map.latLngToLayerPoint(geontm.page.ground.place(5)).add([k - 7, 0]);
      return {PIXEL}(5, geontm.page.ground.canvas, geontm.map.layerPointToLatLng(p))[0];
    }})""")
    assert max(tones) - min(tones) > 40
    assert tones[0] == pytest.approx(tones[7], abs=3) == pytest.approx(tones[14], abs=3)  # stripes 7 px apart


def test_a_second_canvas_shows_other_colours_in_its_own_pane(tab, tmp_path, squares):
    opened(tab, tmp_path, squares)
    tab.run("""(() => {
      const { map } = geontm, { canvas, coverage } = geontm.page.ground;
      map.createPane('other').style.zIndex = 395;
      window.other = new canvas.constructor(coverage, { pane: 'other', around: false });
      window.other.paint(Array(16).fill('#123456')).addTo(map);
    })()""")
    fills = tab.run(FILLS)
    assert tab.run(f"{PIXEL}(3, window.other)")[:3] == rgb("#123456")
    assert tab.run(f"{PIXEL}(3)")[:3] == pytest.approx(rgb(fills[3]), abs=2)
    tab.run("void geontm.map.setZoom(10, {animate: false})")
    assert tab.run(f"{PIXEL}(3, window.other)")[:3] == rgb("#123456")
    tab.run("void window.other.remove()")
    assert tab.run("document.querySelectorAll('.leaflet-other-pane canvas').length") == 0
    assert quiet(tab)


def test_a_fine_screen_gets_a_fine_picture(tab, tmp_path, squares):
    opened(tab, tmp_path, squares)
    size = tab.run("geontm.page.ground.canvas._container.width")
    metrics = {"width": 1366, "height": 768, "deviceScaleFactor": 2, "mobile": False}
    tab.send("Emulation.setDeviceMetricsOverride", **metrics)
    tab.run("void geontm.map.setZoom(geontm.map.getZoom() + .5, {animate: false})")
    assert tab.run("geontm.page.ground.canvas._container.width") == pytest.approx(2 * size, abs=2)
    assert tab.run(f"{PIXEL}(3)")[:3] == pytest.approx(rgb(tab.run(FILLS)[3]), abs=2)


def archipelagos():
    """A mainland, and two archipelagos of tiny islets far out; islets of ten metres."""
    far = [(111.6, 16.5), (113.5, 9.5)]
    islets = [
        shapely.MultiPolygon([shapely.box(x + k / 3, y + k / 5, x + k / 3 + 1e-4, y + k / 5 + 1e-4) for k in range(4)])
        for x, y in far
    ]
    return content_of(
        [*(shapely.box(105 + k, 12 + 3 * k, 106 + k, 15 + 3 * k) for k in range(3)), *islets],
        codes=["01001", "02001", "03001", HOANG_SA, TRUONG_SA],
        names=["Xã Một", "Xã Hai", "Xã Ba", "Đặc khu Hoàng Sa", "Đặc khu Trường Sa"],
        provinces=["01", "02", "03", "48", "56"],
    )


def test_archipelagos_are_coloured_and_named_at_the_first_view(tab, tmp_path):
    content = archipelagos()
    opened(tab, tmp_path, content)
    fills = tab.run(FILLS)
    for unit, code in ((3, HOANG_SA), (4, TRUONG_SA)):
        assert tab.run(f"geontm.page.head.units.code[{unit}]") == code
        for part in range(4):
            *pixel, _ = tab.run(f"""(() => {{
              const [lng, lat] = geontm.page.ground.coverage.polygons({unit})[{part}][0][0];
              return {PIXEL}({unit}, geontm.page.ground.canvas, L.latLng(lat, lng));
            }})()""")
            assert pixel == pytest.approx(rgb(fills[unit]), abs=3)
    assert {"Quần đảo Hoàng Sa (TP. Đà Nẵng)", "Quần đảo Trường Sa (tỉnh Khánh Hoà)"} <= set(
        tab.run("geontm.page.ground.names.told")
    )


def test_an_islet_has_an_edge_that_parts_it_from_the_sea(tab, tmp_path):
    opened(tab, tmp_path, archipelagos())
    around = tab.run(f"""(() => {{
      const [lng, lat] = geontm.page.ground.coverage.polygons(3)[0][0][0];
      const p = geontm.map.latLngToContainerPoint([lat, lng]);
      return [2, 3, 4].flatMap(x => [-1, 0, 1].map(y => {PIXEL}(3, geontm.page.ground.canvas,
        geontm.map.containerPointToLatLng(p.add([x, y])))));
    }})()""")
    ink = rgb("#75706a")
    assert any(a > 120 and max(abs(p - q) for p, q in zip(pixel, ink, strict=True)) < 45 for *pixel, a in around)


def test_an_islet_can_be_pointed_at(tab, tmp_path):
    opened(tab, tmp_path, archipelagos())
    near = "geontm.page.ground.coverage.polygons(3)[0][0][0]"
    told = tab.run(f"""(() => {{
      const [lng, lat] = {near}, p = geontm.map.latLngToContainerPoint([lat, lng]).add([3, 0]);
      const box = geontm.map.getContainer().getBoundingClientRect();
      return [p.x + box.left, p.y + box.top];
    }})()""")
    tab.move(*told)
    tab.wait_for("document.querySelector('.gt-tip')")
    assert tab.run("document.querySelector('.gt-tip').textContent").startswith("Đặc khu Hoàng Sa")
    tab.move(told[0] + 40, told[1] + 40)
    tab.wait_for("!document.querySelector('.gt-tip')")


def test_a_name_stands_in_its_unit_and_keeps_clear_of_others(tab, tmp_path):
    names = ["Xã Rất Dài Tên Khó Đọc", "Xã A", "Xã Bình Minh", "Phường Hai Bà Trưng"] * 4
    opened(tab, tmp_path, content_of(board(), names=names))
    tab.run("void geontm.map.setView([21.2, 105.2], 10.5, {animate: false})")
    places = tab.run("""Array.from({length: 16}, (_, unit) => {
      const place = geontm.page.ground.place(unit);
      return [place.lng, place.lat];
    })""")
    drawing = draw(content_of(board()))
    for place, shape in zip(
        places, read_shapes(drawing.packed, per_degree=drawing.per_degree, more=True), strict=False
    ):
        assert shape.contains(shapely.Point(place))
    told = tab.run("geontm.page.ground.names.told")
    assert len(told) >= 12
    tab.run("void geontm.map.setView([21.2, 105.2], 6, {animate: false})")
    assert len(tab.run("geontm.page.ground.names.told")) <= 4


def test_a_bay_of_its_own_keeps_a_name_off_the_water(tab, tmp_path):
    horseshoe = shapely.box(105, 21, 105.9, 22) - shapely.box(105.2, 21.2, 105.9, 21.8)
    opened(tab, tmp_path, content_of([horseshoe]))
    place = tab.run("(() => { const p = geontm.page.ground.place(0); return [p.lng, p.lat]; })()")
    assert horseshoe.contains(shapely.Point(place))


def test_land_around_is_drawn_under_the_units_without_a_gap(tab, tmp_path):
    land = shapely.box(105.3, 20.9, 106.4, 21.5) - shapely.union_all(board())
    context = gpd.GeoDataFrame({"name": ["Láng Giềng"]}, geometry=[land], crs=4326)
    opened(tab, tmp_path, content_of(board(), context=context))
    assert "LÁNG GIỀNG" in tab.run("geontm.page.ground.names.told")
    assert tab.run("geontm.map.getContainer().classList.contains('gt-sea')")
    row = tab.run(f"""(() => {{
      const at = (lat, lng) => geontm.map.latLngToLayerPoint([lat, lng]), a = at(21.15, 105.38), b = at(21.15, 105.45);
      const place = (x) => geontm.map.layerPointToLatLng([x, a.y]), canvas = geontm.page.ground.canvas;
      return Array.from({{length: b.x - a.x}}, (_, k) => {PIXEL}(0, canvas, place(a.x + k)));
    }})()""")
    assert len(row) > 20
    assert all(alpha > 240 for *_, alpha in row)  # nowhere does the sea shine through
    assert row[-1][:3] == pytest.approx(rgb("#ebe9e3"), abs=2)


def test_no_outline_at_all(tab, tmp_path):
    opened(tab, tmp_path, content_of([None, None]))
    assert tab.run("geontm.page.ground.coverage.at({lng: 105, lat: 21})") is None
    tab.run("geontm.page.set({unit: 1, near: true})")
    assert tab.run("document.querySelector('.gt-card h2').textContent") == "Xã Số 1"
    assert quiet(tab)


def test_units_that_overlap_are_both_drawn(tab, tmp_path):
    shapes = [shapely.box(105, 21, 106, 22), shapely.box(105.5, 21.2, 106.5, 21.8)]
    opened(tab, tmp_path, content_of(shapes))
    assert tab.run("geontm.page.ground.coverage.at({lng: 105.2, lat: 21.5})") == 0
    assert tab.run("geontm.page.ground.coverage.at({lng: 106.3, lat: 21.5})") == 1
