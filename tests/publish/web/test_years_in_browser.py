"""Years, the divider, limits of the law and two columns in a real browser: shown as they were worked out."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from busy_page import axe_script, violations
from geontm.publish import map_html
from geontm.publish.content import Threshold
from geontm.publish.offered import layers_with_data
from geontm.publish.theme import theme_of
from geontm.tables import Label
from publish_samples import CODES, sample_content

pytestmark = pytest.mark.browser

POOR = {2024: [50, 40, 30, 20, None, 12.5], 2025: [35, 40, None, 10, 5, 2.5]}
NEWEST = [35.0, 40.0, 30.0, 10.0, 5.0, 2.5]  # the third unit reported in 2024 only
LEGEND = """[...document.querySelectorAll('.gt-legend')]
  .map(box => [...box.querySelectorAll('.gt-count')].map(cell => +cell.textContent))"""
SQUARE = """[...document.querySelectorAll('.gt-square tbody tr')]
  .map(row => [...row.querySelectorAll('td')].map(cell => +cell.textContent))"""
VIEW = """(() => {
  const layer = geontm.page.head.layers[NUMBER], { of, counts, unknown, colours } = geontm.page.view(layer, YEAR);
  return { of: [...of], counts, unknown, colours, labels: counts.map((_, k) => geontm.page.rangeLabel(layer, k)) };
})()"""
STOPS = "[...document.querySelectorAll('.gt-stops span')].map(stop => stop.textContent)"
AT = """(() => {
  const at = geontm.map.latLngToContainerPoint(geontm.page.ground.place(UNIT));
  const box = geontm.map.getContainer().getBoundingClientRect();
  return [box.left + at.x, box.top + at.y, 100 * at.x / box.width];
})()"""
COLOUR = "(() => { const { of, colours } = geontm.page.classes(geontm.page.layer, YEAR); return colours[of[UNIT]]; })()"
MIDDLE = """(() => {
  const box = document.querySelector('.gt-divider').getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
})()"""
CHOOSE = """(() => {
  const list = document.querySelector('.gt-right select');
  list.value = NUMBER;
  list.dispatchEvent(new Event('change'));
})()"""
SLIDER = "document.querySelector('.gt-years input')"
BAR = "document.querySelector('.gt-divider')"
LAW = Label("Xã khu vực III", "Region III")
PLACE = Label("Điều 3, 33/2020/QĐ-TTg", "Article 3, 33/2020/QĐ-TTg")


def content_over_years():
    base = sample_content()
    rows = pd.DataFrame(
        [
            (code, "poor_household_pct", year, value, "%", f"so-lieu-{year}.csv", "given")
            for year, values in POOR.items()
            for code, value in zip(CODES, values, strict=True)
            if value is not None
        ],
        columns=["commune_code", "indicator", "year", "value", "unit", "source_file", "how"],
    )
    limits = (Threshold(10.0, "at_most", LAW, PLACE), Threshold(35.0, "at_least", LAW, PLACE, verified=False))
    return replace(
        base,
        indicators=rows.astype({"year": "Int64"}),
        wide=base.wide.assign(poor_household_pct=pd.array(NEWEST, dtype="Float64")),
        thresholds={"poor_household_pct": limits, "clean_water_pct": (Threshold(75.0, "at_least", LAW, PLACE),)},
    )


@pytest.fixture(scope="module")
def content():
    return content_over_years()


@pytest.fixture(scope="module")
def page(content, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "coverage.html"
    path.write_text(map_html(content, "coverage"), encoding="utf-8", newline="\n")
    return path


def number_of(tab, key):
    return tab.run(f"geontm.page.head.layers.findIndex(layer => layer.key === {json.dumps(key)})")


def show(tab, key, **more):
    tab.run(f"geontm.page.set({json.dumps({'layer': number_of(tab, key), **more})})")


def press(tab, key, code):
    for kind in ("keyDown", "keyUp"):
        tab.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)


def test_classes_of_every_layer_and_year_are_those_that_python_found(tab, page, content):
    tab.open(page)
    style = content.styles["coverage"]
    layers = layers_with_data(content, style)
    kinds = {layer.kind for layer in layers} | {layer.method for layer in layers}
    assert {"choropleth", "bivariate", "law"} <= kinds
    for number, layer in enumerate(layers):
        for year in (None, 2024, 2025) if layer.column == "poor_household_pct" and not layer.against else (None,):
            theme = theme_of(content, style, layer, year=year)
            found = tab.run(VIEW.replace("NUMBER", str(number)).replace("YEAR", json.dumps(year)))
            assert found["of"] == theme.classes.tolist(), (layer.name, year)
            assert (found["counts"], found["unknown"]) == (theme.counts, theme.unknown)
            assert found["colours"] == list(theme.colours)
            assert found["labels"] == theme.class_labels("vi")


def test_the_slider_moves_by_keyboard_and_everything_follows(tab, page):
    tab.open(page)
    assert tab.run(STOPS) == ["2024", "2025", "mới nhất"]
    assert tab.run(f"{SLIDER}.getAttribute('aria-valuetext')") == "mới nhất"
    before = tab.run(LEGEND)[0]
    tab.run(f"{SLIDER}.focus()")
    press(tab, "ArrowLeft", 37)
    press(tab, "ArrowLeft", 37)
    assert tab.run("geontm.page.state.year") == 2024
    assert tab.run(f"{SLIDER}.getAttribute('aria-valuetext')") == "2024"
    after = tab.run(LEGEND)[0]
    assert (before[-1], after[-1]) == (0, 1)  # unknown
    assert before != after
    legend = tab.run("document.querySelector('.gt-legend').textContent")
    assert "Cận lớp chung cho các năm 2024–2025." in legend
    assert "Năm 2024" in legend
    assert "so-lieu-2024.csv" in legend
    assert "so-lieu-2025.csv" not in legend
    assert tab.run("geontm.page.told(0)") == ["Hộ nghèo 2024: 50%"]
    assert tab.run("geontm.page.told(4)") == ["Hộ nghèo 2024: chưa có số liệu"]
    press(tab, "End", 35)
    assert tab.run("geontm.page.state.year") is None
    assert tab.messages == []


def test_the_card_follows_the_year_and_leaves_the_slider_its_focus(tab, page):
    tab.open(page)
    tab.run("geontm.page.set({unit: 0})")
    tab.run(f"{SLIDER}.focus()")
    press(tab, "Home", 36)
    assert tab.run("geontm.page.state.year") == 2024
    row = "[...document.querySelectorAll('.gt-card tr')].find(row => row.textContent.startsWith('Tỷ lệ hộ nghèo'))"
    assert "năm 2024" in tab.run(f"{row}.textContent")
    assert "50" in tab.run(f"{row}.querySelector('td').textContent")
    assert tab.run(f"{row}.querySelector('svg').getAttribute('aria-label')") == "2024: 50; 2025: 35"
    assert tab.run(f"document.activeElement === {SLIDER}")


def test_a_layer_without_years_has_no_slider_and_resets_the_year(tab, page):
    tab.open(page)
    show(tab, "poor_household_pct", year=2024)
    show(tab, "population")
    assert tab.run("geontm.page.state.year") is None
    assert tab.run("document.querySelector('.gt-years').hidden")
    show(tab, "poor_household_pct-law", year=2025)
    assert not tab.run("document.querySelector('.gt-years').hidden")


def test_a_limit_is_on_the_side_where_the_law_puts_it(tab, page):
    tab.open(page)
    show(tab, "poor_household_pct-law")
    labels = tab.run("[...document.querySelectorAll('.gt-legend tbody th')].map(cell => cell.textContent)")
    assert labels == ["đến 10", "trên 10 – dưới 35", "từ 35", "chưa có số liệu"]
    assert tab.run(LEGEND)[0] == [3, 1, 2, 0]
    legend = tab.run("document.querySelector('.gt-legend').textContent")
    assert "≤\u00a010: Xã khu vực III – Điều 3, 33/2020/QĐ-TTg" in legend
    assert "(chưa đối chiếu văn bản)" in legend


def test_the_legend_marks_where_two_colours_meet(tab, page):
    tab.open(page)
    show(tab, "clean_water_pct-around-law")
    row = tab.run("document.querySelector('.gt-legend .gt-middle').textContent")
    assert row.startswith("75 ") or row.startswith("từ 75")
    show(tab, "population")
    assert tab.run("document.querySelectorAll('.gt-middle').length") == 0


def test_two_columns_make_a_square_with_counts(tab, page, content):
    tab.open(page)
    show(tab, "poor_household_pct-clean_water_pct")
    cells = tab.run(SQUARE)
    offered = layers_with_data(content, content.styles["coverage"])
    layer = next(layer for layer in offered if layer.against)
    theme = theme_of(content, content.styles["coverage"], layer)
    across, up = theme.axes
    counts = np.array(theme.counts).reshape(len(up.names), len(across.names))
    assert cells == counts[::-1].tolist()
    assert sum(map(sum, cells)) + theme.unknown == 6
    assert tab.run(LEGEND)[0] == [theme.unknown]
    text = tab.run("document.querySelector('.gt-square').innerText")
    assert "↓ Nước sạch (%)" in text  # what is good stands below, and good water is much water
    assert "Hộ nghèo (%) →" in text
    assert tab.run("geontm.page.told(0)")[0].startswith("Hộ nghèo × Nước sạch: Hộ nghèo ")
    tab.run("geontm.page.set({shown: Uint8Array.from([1, 0, 0, 0, 0, 0])})")
    assert sum(map(sum, tab.run(SQUARE))) == 1


class TestDivider:
    def begin(self, tab, page, **options):
        tab.open(page, **options)
        tab.run("document.querySelector('.gt-swipe-button').click()")

    def test_the_first_year_stands_beside_the_newest(self, tab, page):
        self.begin(tab, page)
        assert tab.run("[geontm.page.state.year, geontm.page.state.right.year]") == [2024, None]
        assert tab.run("[...document.querySelectorAll('.gt-side')].map(s => s.textContent)") == [
            "Hộ nghèo · 2024",
            "Hộ nghèo · mới nhất",
        ]
        left, right = tab.run(LEGEND)
        assert (left[-1], right[-1]) == (1, 0)
        assert tab.run("geontm.page.told(0)") == ["Hộ nghèo 2024: 50%", "Hộ nghèo: 35%"]
        assert tab.messages == []

    def test_both_sides_are_drawn(self, tab, page, tmp_path):
        image = pytest.importorskip("PIL.Image")
        self.begin(tab, page)
        unit = 0  # 50% in 2024, 35% newest: two classes
        at = tab.run(AT.replace("UNIT", str(unit)))
        seen = []
        for share in (at[2] + 12, at[2] - 12):
            tab.run(f"{BAR}.focus()")
            press(tab, "Home", 36)
            for _ in range(round(share / 2)):
                press(tab, "ArrowRight", 39)
            tab.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            tab.picture(tmp_path / "map.png")
            with image.open(tmp_path / "map.png") as picture:
                seen.append(picture.convert("RGB").getpixel((round(at[0]), round(at[1]) - 16)))
        asked = COLOUR.replace("UNIT", str(unit))
        wanted = [tab.run(asked.replace("YEAR", year)) for year in ("2024", "null")]
        assert ["#{:02x}{:02x}{:02x}".format(*colour) for colour in seen] == wanted
        assert wanted[0] != wanted[1]

    def test_arrow_keys_move_it_and_say_where_it_is(self, tab, page):
        self.begin(tab, page)
        assert tab.run(f"document.activeElement === {BAR}")
        centre = tab.run("geontm.map.getCenter().lng")
        before = int(tab.run(f"{BAR}.getAttribute('aria-valuenow')"))
        press(tab, "ArrowRight", 39)
        told = {name: tab.run(f"{BAR}.getAttribute('{name}')") for name in ("role", "aria-valuenow", "aria-valuetext")}
        after = str(before + 2)
        assert told == {"role": "slider", "aria-valuenow": after, "aria-valuetext": f"bên trái {after}%"}
        assert tab.run(f"{BAR}.getAttribute('aria-label')") == "Vạch chia hai bên"
        press(tab, "End", 35)
        assert tab.run(f"{BAR}.getAttribute('aria-valuenow')") == "100"
        assert tab.run("geontm.map.getCenter().lng") == centre

    def test_it_is_dragged(self, tab, page):
        self.begin(tab, page)
        box = tab.run(MIDDLE)
        centre = tab.run("geontm.map.getCenter().lng")
        for kind, x in (("mousePressed", 0), ("mouseMoved", -120), ("mouseMoved", -200), ("mouseReleased", -200)):
            about = {"x": box[0] + x, "y": box[1], "button": "left", "buttons": 1, "clickCount": 1}
            tab.send("Input.dispatchMouseEvent", type=kind, **about)
        moved = tab.run(MIDDLE)[0]
        assert moved == pytest.approx(box[0] - 200, abs=3)
        assert tab.run("geontm.map.getCenter().lng") == centre
        assert tab.run("geontm.page.state.unit") is None

    def test_escape_leaves_and_gives_the_focus_back(self, tab, page):
        self.begin(tab, page)
        press(tab, "Escape", 27)
        assert tab.run("geontm.page.state.right") is None
        assert tab.run("document.querySelectorAll('.gt-divider, .gt-side, .gt-right').length") == 0
        assert tab.run("document.activeElement.className").startswith("gt-button gt-swipe-button")
        assert tab.run("geontm.page.state.year") is None

    def test_another_layer_on_the_right_has_its_own_legend(self, tab, page):
        self.begin(tab, page)
        tab.run(CHOOSE.replace("NUMBER", str(number_of(tab, "population"))))
        assert tab.run("document.activeElement === document.querySelector('.gt-right select')")
        assert tab.run("document.querySelectorAll('.gt-right select').length") == 1  # no years
        assert tab.run("document.querySelector('.gt-right .gt-legend h2').textContent") == "Dân số"

    def test_the_language_changes_with_it_open(self, tab, page):
        self.begin(tab, page)
        tab.run("geontm.page.set({lang: 'en'})")
        assert tab.run("document.querySelectorAll('.gt-divider').length") == 1
        assert "newest" in tab.run("document.querySelector('.gt-side-1').textContent")
        assert tab.messages == []


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_axe_finds_nothing_with_slider_square_and_divider(tab, page, width, height):
    script = axe_script()
    tab.open(page, width=width, height=height)
    tab.run("document.querySelector('.gt-swipe-button').click()")
    tab.run(
        f"geontm.page.set({{right: {{layer: {number_of(tab, 'poor_household_pct-clean_water_pct')}, year: null}}}})"
    )
    tab.run(script)
    assert violations(tab) == []
    assert tab.run("document.documentElement.scrollWidth <= innerWidth")


def test_years_and_divider_in_firefox(fox, page):
    fox.open(page)
    fox.run("document.querySelector('.gt-swipe-button').click()")
    fox.run("geontm.page.set({year: 2025})")
    assert fox.run("[...document.querySelectorAll('.gt-side')].map(side => side.textContent).join()") == (
        "Hộ nghèo · 2025,Hộ nghèo · mới nhất"
    )
    assert fox.run("document.querySelectorAll('.gt-legend').length") == 2
    assert fox.run("getComputedStyle(document.querySelector('.leaflet-gt-right-pane')).clip").startswith("rect(")
    assert fox.messages == []
