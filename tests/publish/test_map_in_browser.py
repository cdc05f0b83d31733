"""The page in a real browser with the network cut: it asks for nothing, says nothing, and shows the data as it is."""

import datetime
import math

import folium
import pandas as pd
import pytest

from browser import inside_cell
from geontm.publish import map_html, notebook_html, write_run
from geontm.publish.products import Products
from geontm.publish.web.figure import OfflineFigure
from geontm.publish.web.layer import CommuneLayer, offline_map
from geontm.publish.web.payload import draw, payload
from publish_samples import NAMES, sample_content

pytestmark = pytest.mark.browser

LEGEND = """[...document.querySelectorAll('.gt-legend tbody tr')]
  .map(row => [row.children[1].textContent, +row.children[2].textContent.replace('.', '')])"""
TYPED = """(() => {
  const input = document.querySelector('.gt-search input');
  input.focus();
  input.value = 'dong khe';
  input.dispatchEvent(new Event('input'));
})()"""


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("result")
    write_run(sample_content(), folder, Products(maps=("classification", "coverage")))
    return folder


def opened(tab, result, name, **options):
    tab.open(result / "maps" / f"{name}.html", **options)
    return tab


def others(tab):
    return [url for url in tab.requests if not url.endswith(".html")]


@pytest.mark.parametrize("name", ["classification", "coverage"])
def test_nothing_is_asked_for_and_nothing_is_said(tab, result, name):
    opened(tab, result, name)
    tab.run("document.querySelectorAll('.gt-switch input').forEach(i => i.click())")
    tab.run("void geontm.map.setZoom(geontm.map.getZoom() + 2, {animate: false})")
    assert others(tab) == []
    assert tab.messages == []
    assert tab.run("performance.getEntriesByType('resource').length") == 0


def test_legend_counts_equal_the_data(tab, result):
    opened(tab, result, "coverage")
    poor = sample_content().wide["poor_household_pct"]
    rows = tab.run(LEGEND)
    assert rows[-1] == ["chưa có số liệu", 1]
    assert sum(count for _, count in rows) == 6
    assert [count for _, count in rows[:-1]] == poor.dropna().value_counts().sort_index().tolist()
    tab.run("document.querySelector('input[value=clean_water_pct]').click()")
    assert sum(count for _, count in tab.run(LEGEND)) == 6
    assert "Tỷ lệ hộ dùng nước sạch" in tab.run("document.querySelector('.gt-legend h2').textContent")


def test_categories_are_counted_with_the_unknown(tab, result):
    opened(tab, result, "classification")
    assert tab.run(LEGEND) == [["Khu vực III", 2], ["Khu vực II", 1], ["Khu vực I", 1], ["chưa kết luận", 2]]


def point_of(tab, unit):
    where = f"geontm.map.latLngToContainerPoint(geontm.page.ground.box({unit}).getCenter())"
    box = tab.run("(() => {const b = geontm.map.getContainer().getBoundingClientRect(); return [b.left, b.top]})()")
    at = tab.run(f"(() => {{const p = {where}; return [p.x, p.y]}})()")
    return box[0] + at[0], box[1] + at[1]


def test_pointing_names_the_commune_and_its_value(tab, result):
    opened(tab, result, "coverage")
    tab.move(*point_of(tab, 2))
    tab.wait_for("document.querySelector('.gt-tip')")
    assert tab.run("document.querySelector('.gt-tip').textContent").startswith(NAMES[2])
    assert "chưa có số liệu" in tab.run("document.querySelector('.gt-tip').textContent")


def test_a_click_opens_the_card_with_figures_and_reasons(tab, result):
    opened(tab, result, "coverage")
    tab.click(*point_of(tab, 1))
    tab.wait_for("document.querySelector('.gt-card')")
    card = tab.run("document.querySelector('.gt-card').innerText")
    for text in (NAMES[1], "20%", "số liệu minh hoạ", "Không giáp <i>biên giới</i>.", "Điều 3", "34/2014/NĐ-CP"):
        assert text in card.replace("\u00a0", " ")
    assert tab.run("[...document.querySelectorAll('.gt-card .gt-sign')].map(s => s.textContent)") == ["✗"]


def test_names_from_files_run_nothing(tab, result):
    opened(tab, result, "coverage")
    for unit in range(5):
        tab.run(f"geontm.page.set({{unit: {unit}}})")
    assert tab.run("window.hit") is None
    assert tab.run("document.querySelectorAll('.gt-page img').length") == 0
    assert tab.run("document.querySelector('.gt-panel h1').textContent") == "Thử <b>nghiệm</b> 2026"
    assert "49" not in tab.run("geontm.page.set({unit: 4}), document.querySelector('.gt-card h2').textContent")


def test_the_policy_stops_a_script_that_gets_in_anyway(tab, result):
    opened(tab, result, "coverage")
    tab.run("""window.refused = [];
      addEventListener('securitypolicyviolation', (event) => window.refused.push(event.effectiveDirective));
      document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="window.hit=3">');""")
    tab.wait_for("window.refused.includes('script-src-attr') && window.refused.includes('img-src')")
    assert tab.run("window.hit") is None


def test_search_needs_no_tones_and_no_mouse(tab, result):
    opened(tab, result, "coverage")
    tab.run(TYPED)
    assert tab.run("document.querySelector('#gt-found li').textContent").startswith("Xã Đông Khê")
    tab.key("ArrowDown", 40)
    tab.key("Enter", 13)
    tab.wait_for("document.querySelector('.gt-card')")
    assert tab.run("document.querySelector('.gt-card h2').textContent") == "Xã Đông Khê"
    assert tab.run("document.activeElement.className") == "gt-card"


def test_a_unit_without_outline_can_still_be_found(tab, result):
    opened(tab, result, "coverage")
    tab.run("geontm.page.set({unit: 5, near: true})")
    assert "41,5" in tab.run("document.querySelector('.gt-card').innerText")
    assert "1 đơn vị không có hình" in tab.run("document.querySelector('.gt-panel footer').textContent")


def test_the_face_says_what_is_schematic_and_what_is_illustrative(tab, result):
    opened(tab, result, "coverage")
    face = tab.run("document.querySelector('.gt-panel').innerText")
    for text in (
        "ranh giới sơ đồ",
        "số liệu minh hoạ",
        "30/6/2026",
        "Năm 2025",
        "moi.xlsx",
        "200 m",
        "abc123",
        "Fisher–Jenks",
    ):
        assert text in face
    tab.run("document.querySelector('input[value=clean_water_pct]').click()")
    assert tab.run("document.querySelectorAll('.gt-legend .gt-illustrative').length") == 0


def test_the_other_language(tab, result):
    opened(tab, result, "coverage")
    tab.run("document.querySelector('.gt-lang').click()")
    face = tab.run("document.querySelector('.gt-panel').innerText")
    for text in ("Poor households", "schematic boundaries", "no data", "illustrative figures"):
        assert text in face
    assert tab.run("document.documentElement.lang") == "en"


def test_the_unknown_are_hatched_on_the_map(tab, result):
    opened(tab, result, "coverage")
    assert tab.run("String(geontm.page.ground.fill(2))") == "[object CanvasPattern]"
    assert tab.run("typeof geontm.page.ground.fill(0)") == "string"


def test_on_a_telephone_the_map_comes_first_and_nothing_scrolls_sideways(tab, result):
    opened(tab, result, "coverage", width=390, height=844)
    assert tab.run("document.documentElement.scrollWidth <= 390")
    assert tab.run("document.querySelector('.gt-main').getBoundingClientRect().top") == 0
    assert tab.run("document.querySelector('.gt-panel').getBoundingClientRect().top > 300")


def test_the_start_page_works_alone(tab, result):
    tab.open(result / "index.html", ready="document.readyState === 'complete'")
    assert tab.messages == []
    thumbs = (result / "thumbs").as_uri()
    assert all(url.startswith(thumbs) for url in others(tab))
    pages = tab.run("[...new Set([...document.querySelectorAll('.maps a')].map(link => link.getAttribute('href')))]")
    assert [page for page in pages if page.endswith(".html")] == ["maps/classification.html", "maps/coverage.html"]


def test_a_browser_that_cannot_unpack_by_itself_shows_the_same(tab, result):
    opened(tab, result, "coverage")
    rows, fills = tab.run(LEGEND), tab.run("geontm.page.ground.fills().map(String)")
    tab.send("Page.addScriptToEvaluateOnNewDocument", source="delete window.DecompressionStream")
    opened(tab, result, "coverage")
    assert tab.run("typeof DecompressionStream") == "undefined"
    assert (tab.run(LEGEND), tab.run("geontm.page.ground.fills().map(String)")) == (rows, fills)
    assert tab.messages == []


def test_an_analysts_own_map_takes_the_layer_beside_other_folium_objects(tab, tmp_path):
    content = sample_content()
    drawing = draw(content)
    frame = offline_map()
    frame.add_child(CommuneLayer(payload(content, content.styles["coverage"], drawing), drawing.packed))
    folium.CircleMarker([21.1, 105.1], radius=9, color="#000").add_to(frame)
    page = tmp_path / "own.html"
    page.write_text(OfflineFigure(title="x").add_child(frame).render(), encoding="utf-8")
    tab.open(page)
    assert tab.messages == []
    assert tab.run("document.querySelectorAll('.leaflet-overlay-pane path').length") == 1


def test_a_notebook_cell_shows_the_map(chromium, tab, tmp_path):
    page = tmp_path / "cell.html"
    page.write_text(f"<!DOCTYPE html><meta charset=utf-8>{notebook_html(sample_content())}", encoding="utf-8")
    tab.open(page, ready="document.querySelector('iframe')")
    with inside_cell(chromium) as cell:
        assert sum(count for _, count in cell.run(LEGEND)) == 6
        assert cell.messages == []
        assert others(cell) == []
    assert tab.messages == []
    assert others(tab) == []


@pytest.mark.realdata
@pytest.mark.slow
def test_the_whole_country(tab, shared_data, tmp_path):
    import geopandas as gpd

    layer = (
        gpd.read_parquet(shared_data / "data" / "communes_2025.parquet").set_index("code").rename_axis("commune_code")
    )
    units = layer.rename(columns={"name": "commune_name"})[
        ["commune_name", "kind", "province_code", "province_name", "area_km2", "geometry"]
    ]
    share = [round(50 + 49 * math.sin(k), 1) for k in range(len(units))]
    wide = pd.DataFrame({"poor_household_pct": pd.array(share, dtype="Float64")}, index=units.index)
    empty = sample_content().verdicts.iloc[:0]
    content = sample_content(units=units, wide=wide, verdicts=empty, scores=empty)
    page = tmp_path / "coverage.html"
    page.write_text(map_html(content, "coverage"), encoding="utf-8", newline="\n")
    assert page.stat().st_size < 2_500_000
    tab.open(page)
    assert others(tab) == []
    assert tab.messages == []
    assert sum(count for _, count in tab.run(LEGEND)) == 3321
    colour = """(unit => {
      const { canvas, coverage } = geontm.page.ground, pixels = canvas._container.getContext('2d');
      const view = geontm.page.view(), wanted = view.colours[view.of[unit]].match(/\\w\\w/g).map(h => parseInt(h, 16));
      const origin = geontm.map.getPixelOrigin().add(canvas._bounds.min), k = 2 ** geontm.map.getZoom();
      const [first, end] = coverage.rings(unit), box = coverage.ringBox;
      for (let ring = first; ring < end; ring++) {
        const x = ((box[4 * ring] + box[4 * ring + 2]) / 2 + coverage.ox) * k - origin.x;
        const y = ((box[4 * ring + 1] + box[4 * ring + 3]) / 2 + coverage.oy) * k - origin.y;
        const [r, g, b, a] = pixels.getImageData(Math.round(x), Math.round(y), 1, 1).data;
        if (a > 200 && Math.hypot(r - wanted[0], g - wanted[1], b - wanted[2]) < 60) return true;
      }
      return false;
    })"""
    for code in ("20333", "22736"):
        assert tab.run(f"{colour}(geontm.page.head.units.code.indexOf('{code}'))"), code
    told = tab.run("geontm.page.ground.names.told")
    assert {"Quần đảo Hoàng Sa (TP. Đà Nẵng)", "Quần đảo Trường Sa (tỉnh Khánh Hoà)"} <= set(told)


def test_constructed_verdicts_are_marked_where_every_layer_is_real(tab, tmp_path):
    content = sample_content()
    scores = content.scores.assign(illustrative=pd.array([True] * len(content.scores), dtype="boolean"))
    changed = sample_content(illustrative=frozenset(), scores=scores, as_of=datetime.date(2026, 2, 1))
    write_run(changed, tmp_path, Products(maps=("classification",)))
    opened(tab, tmp_path, "classification")
    face = tab.run("document.querySelector('.gt-panel').innerText")
    assert "số liệu minh hoạ" in face
    assert "tính đến 01/02/2026" in face
    tab.run("geontm.page.set({unit: 0, near: true})")
    card = tab.run("document.querySelector('.gt-card').innerText")
    assert "◇ số liệu minh hoạ" in card
    assert tab.run("document.querySelectorAll('.gt-card h4 .gt-mark').length") == 1
