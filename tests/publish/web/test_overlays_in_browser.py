"""Villages, works and roads over the communes, in a real browser."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geontm.project.styles import read_ground_styles
from geontm.publish import map_html
from publish_samples import SCRIPT_NAME, sample_content

pytestmark = pytest.mark.browser

PANE = "document.querySelector('.leaflet-gt-overlays-pane canvas')"
# The colour of the overlays at a place, [r, g, b, a]; nothing is drawn: 0, 0, 0, 0.
PIXEL = """((lat, lon) => {
  const layer = Object.values(geontm.map._layers).find(each => each.options.pane === 'gt-overlays');
  const canvas = layer._container, ratio = canvas.width / layer._bounds.getSize().x;
  const p = geontm.map.latLngToLayerPoint([lat, lon]).subtract(layer._bounds.min).multiplyBy(ratio).round();
  return [...canvas.getContext('2d').getImageData(p.x, p.y, 1, 1).data];
})"""


def ground():
    works = gpd.GeoDataFrame(
        {"site_id": ["a", "b"], "name": ["Trạm y tế Đông Khê", SCRIPT_NAME], "kind": ["clinic", "school"]},
        geometry=shapely.points([105.05, 105.15], [21.05, 21.05]),
        crs=4326,
    )
    areas = gpd.GeoDataFrame(
        {"site_id": ["c"], "name": ["Vùng cấp nước"], "kind": ["water"]},
        geometry=[shapely.box(105.02, 21.12, 105.08, 21.18)],
        crs=4326,
    )
    roads = gpd.GeoDataFrame(
        {"road_id": ["1", "2"], "road_class": ["national_road", "lane"]},
        geometry=[shapely.LineString([(105, 21.1), (105.2, 21.1)]), shapely.LineString([(105.1, 21), (105.1, 21.2)])],
        crs=4326,
    )
    villages = pd.DataFrame(
        {
            "village_code": ["t1", "t2", "t3"],
            "village_name": ["Thôn Đoài", "Thôn Đông", None],
            "lon": pd.array([105.05, 105.15, 105.0515], "Float64"),
            "lat": pd.array([21.25, 21.15, 21.25], "Float64"),
        }
    )
    layers = {"roads": roads, "works": works, "work_areas": areas}
    return {"layers": layers, "more": {"villages": villages}, "ground_styles": read_ground_styles()}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("overlays") / "page.html"
    path.write_text(map_html(sample_content(**ground()), "coverage"), encoding="utf-8", newline="\n")
    return path


def opened(tab, page, *names, **options):
    tab.open(page, **options)
    for name in names:
        tab.run(f"document.querySelector('.gt-overlays input[value={name}]').click()")
    return tab


def on_screen(tab, lat, lon):
    return tab.run(f"""(() => {{
      const box = geontm.map.getContainer().getBoundingClientRect();
      const p = geontm.map.latLngToContainerPoint([{lat}, {lon}]);
      return [box.left + p.x, box.top + p.y];
    }})()""")


def quiet(tab):
    return [message for message in tab.messages if "getImageData" not in message] == []


def test_overlays_are_off_at_first_and_each_has_its_box(tab, page):
    opened(tab, page)
    boxes = tab.run(
        "[...document.querySelectorAll('.gt-overlay label')]"
        ".map(l => [l.querySelector('span').textContent, l.control.checked])"
    )
    assert boxes == [["Đường", False], ["Vùng phục vụ", False], ["Công trình", False], ["Thôn", False]]
    assert tab.run(f"{PANE} === null")
    assert quiet(tab)


def test_a_box_shows_its_layer_and_hides_it_again(tab, page):
    opened(tab, page, "roads")
    assert tab.run(f"{PIXEL}(21.1, 105.03)")[:3] == [0xB2, 0x18, 0x2B]  # national road
    assert tab.run(f"{PIXEL}(21.03, 105.1)")[3] > 100  # lane
    assert tab.run(f"{PIXEL}(21.05, 105.03)") == [0, 0, 0, 0]
    tab.run("document.querySelector('.gt-overlays input[value=roads]').click()")
    assert tab.run(f"{PIXEL}(21.1, 105.03)") == [0, 0, 0, 0]
    assert quiet(tab)


def test_the_legend_of_a_layer_is_there_while_it_is_shown(tab, page):
    opened(tab, page)
    legend = "document.querySelector('.gt-overlay[data-name=roads] .gt-overlay-legend')"
    assert tab.run(f"{legend}.hidden")
    tab.run("document.querySelector('.gt-overlays input[value=roads]').click()")
    assert not tab.run(f"{legend}.hidden")
    assert tab.run(f"[...{legend}.querySelectorAll('li span')].map(s => s.textContent)") == [
        "Quốc lộ",
        "Đường ngõ, xóm",
    ]
    assert tab.run(f"{legend}.querySelectorAll('li svg line').length") == 2


def test_pointing_at_a_village_names_it_instead_of_its_commune(tab, page):
    opened(tab, page, "villages")
    tab.move(*on_screen(tab, 21.15, 105.15))
    tab.wait_for("document.querySelector('.gt-tip')")
    assert tab.run("[...document.querySelectorAll('.gt-tip')].map(t => t.innerText)") == ["Thôn Đông\nThôn"]
    tab.move(*on_screen(tab, 21.05, 105.02))
    tab.wait_for("document.querySelectorAll('.gt-tip').length === 1")  # the other one has faded
    assert tab.run("document.querySelector('.gt-tip strong').innerText") == "Xã Đông Khê"


def test_a_click_on_a_work_tells_it_and_opens_no_card(tab, page):
    opened(tab, page, "works")
    tab.click(*on_screen(tab, 21.05, 105.05))
    assert tab.run("document.querySelector('.gt-tip').innerText") == "Trạm y tế Đông Khê\nTrạm y tế"
    assert tab.run("geontm.page.state.unit") is None
    tab.click(*on_screen(tab, 21.02, 105.02))
    assert tab.run("geontm.page.state.unit") == 0  # beside it the commune is chosen


def test_names_from_files_are_text(tab, page):
    opened(tab, page, "works")
    tab.move(*on_screen(tab, 21.05, 105.15))
    tab.wait_for("document.querySelector('.gt-tip')")
    assert tab.run("document.querySelector('.gt-tip strong').textContent") == " ".join(SCRIPT_NAME.split())
    assert tab.run("window.hit") is None
    assert tab.run("document.querySelectorAll('.gt-tip img, .gt-tip script').length") == 0


def test_what_crowds_the_view_waits_for_zoom_and_says_so(tab, page):
    opened(tab, page, "villages")
    waits = "document.querySelector('.gt-overlay[data-name=villages] .gt-waits')"
    assert not tab.run(f"{waits}.hidden")  # t1 and t3 are 150 m apart
    tab.run("void geontm.map.setView([21.25, 105.05], 14, {animate: false})")
    assert tab.run(f"{waits}.hidden")


def test_an_area_is_drawn_over_its_commune_and_named_at_its_dot(tab, page):
    opened(tab, page, "work_areas")
    assert 0 < tab.run(f"{PIXEL}(21.13, 105.03)")[3] < 120
    tab.run("window.dot = Object.values(geontm.map._layers).find(e => e.options.pane === 'gt-overlays').points[0]")
    lat, lon = tab.run("(({lat, lng}) => [lat, lng])(geontm.map.unproject([dot.x, dot.y], 0))")
    assert shapely.box(105.02, 21.12, 105.08, 21.18).contains(shapely.Point(lon, lat))
    tab.move(*on_screen(tab, lat, lon))
    tab.wait_for("document.querySelector('.gt-tip')")
    assert tab.run("document.querySelector('.gt-tip strong').textContent") == "Vùng cấp nước"


def test_boxes_work_by_keyboard_and_in_english(tab, page):
    opened(tab, page)
    tab.run("document.querySelector('.gt-overlays input[value=works]').focus()")
    for kind in ("keyDown", "keyUp"):
        tab.send(
            "Input.dispatchKeyEvent",
            type=kind,
            key=" ",
            code="Space",
            text=" " if kind == "keyDown" else "",
            windowsVirtualKeyCode=32,
        )
    assert tab.run("geontm.page.state.overlays") == "works"
    tab.run("geontm.page.set({lang: 'en'})")
    assert tab.run("document.querySelector('.gt-overlays legend').textContent") == "Overlays"
    assert tab.run("document.querySelector('.gt-overlays input[value=works]').checked")
    assert not tab.run("document.querySelector('.gt-overlay[data-name=works] .gt-overlay-legend').hidden")
    assert quiet(tab)


def test_a_page_without_such_layers_has_no_boxes(tab, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(map_html(sample_content(), "coverage"), encoding="utf-8")
    tab.open(path)
    assert tab.run("document.querySelector('.gt-overlays')") is None
    assert quiet(tab)


def test_a_link_brings_overlays_table_and_divider_back(tab, page):
    opened(tab, page, "villages", "roads")
    tab.run("geontm.page.set({right: {layer: 1, year: null}, divider: 31.5})")
    tab.run("document.querySelector('.gt-table-button').click()")
    for _ in range(2):
        tab.run("document.querySelector('.gt-rows thead button[value=clean_water_pct]').click()")
    rows = "[...document.querySelectorAll('.gt-rows tbody tr[id]')].map(row => row.children[0].textContent)"
    listed = tab.run(rows)
    place = "[geontm.map.getZoom(), geontm.map.getCenter().lat, geontm.map.getCenter().lng]"
    tab.run("void geontm.map.setView([21.1, 105.1], 9.75, {animate: false})")
    tab.settle()
    tab.wait_for("location.hash === '#' + geontm.page.written()")
    seen, link = tab.run(place), tab.run("location.hash")
    assert all(part in link for part in ("o=roads,villages", "t=clean_water_pct~1", "r=", "v="))
    tab.open(page, link=link)
    assert tab.run("geontm.page.state.overlays") == "roads villages"
    assert tab.run("[...document.querySelectorAll('.gt-overlays input:checked')].map(each => each.value)") == [
        "roads",
        "villages",
    ]
    assert tab.run(f"{PIXEL}(21.1, 105.03)")[:3] == [0xB2, 0x18, 0x2B]
    assert tab.run("document.querySelector('.gt-divider').getAttribute('aria-valuenow')") == "32"
    assert tab.run("geontm.page.state.table") == {"by": "clean_water_pct", "down": True}
    assert tab.run(rows) == listed
    assert tab.run("document.querySelector('.gt-table-button').getAttribute('aria-expanded')") == "true"
    tab.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert tab.run(place) == pytest.approx(seen, abs=1e-3)
    assert quiet(tab)


@pytest.mark.parametrize("link", ["#o=nothing,__proto__", "#t=nothing~1", "#r=nothing~x~y", "#f=nothing~none~~"])
def test_a_link_to_what_is_not_there_shows_the_page(tab, page, link):
    tab.open(page, link=link)
    state = "(({overlays, right, conditions}) => ({overlays, right, conditions}))(geontm.page.state)"
    assert tab.run(state) == {"overlays": "", "right": None, "conditions": []}
    assert quiet(tab)
