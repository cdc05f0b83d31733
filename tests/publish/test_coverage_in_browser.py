"""The coverage map in a real browser: measures with bounds, many layers, narrow screens."""

import pandas as pd
import pytest

from geontm.publish import write_run
from geontm.publish.products import Products
from publish_samples import sample_content

pytestmark = pytest.mark.browser

# Value, lower and upper bound by unit: known, open, open at four digits, open above, not known, known.
MEASURES = {
    "road_all_season_pct": (
        [30, None, None, None, None, 0],
        [30, 12, 33.331, 5, None, 0],
        [30, 35, 33.332, None, None, 0],
    ),
    "water_service_people": ([10.4, None, 3, 3, 3, 3], [10.4, 1.6, 3, 3, 3, 3], [10.4, 1999.7, 3, 3, 3, 3]),
    "above_200m_share": ([0.901, None, 0, 1, 1, 1], [0.901, 0.125, 0, 1, 1, 1], [0.901, 0.5, 0, 1, 1, 1]),
}
OTHERS = (
    "mean_elevation_m",
    "slope_15_share",
    "road_km_per_km2",
    "rural_access_pct",
    "water_service_pct",
    "clinic_within_pct",
    "clinic_travel_min",
    "market_travel_min",
    "connected_village_pct",
    "nearest_school_km",
)


def numbers(values):
    return pd.array(values, dtype="Float64")


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("result")
    measured = {
        f"{name}{end}": numbers(values)
        for name, three in MEASURES.items()
        for end, values in zip(("", "_low", "_high"), three, strict=True)
    }
    others = {name: numbers([1, 2, 3, 4, 5, 6]) for name in OTHERS}
    content = sample_content(wide=sample_content().wide.assign(**measured, **others))
    write_run(content, folder, Products(maps=("coverage",)))
    return folder / "maps" / "coverage.html"


def card_row(tab, unit, label):
    tab.run(f"void geontm.page.set({{unit: {unit}}})")
    # A card that fades out is still there: the last one counts.
    rows = tab.run("""[...[...document.querySelectorAll('.gt-card')].at(-1).querySelectorAll('tr')]
      .map(row => [...row.children].map(cell => cell.innerText))""")
    found = [value.replace("\u00a0", " ").replace("\u2060", "") for name, value in rows if name == label]
    assert len(found) == 1
    return found[0]


ROAD = ("Tỷ lệ chiều dài đường đi lại được quanh năm", "Length of road passable all year")


@pytest.mark.parametrize(
    ("unit", "vi", "en"),
    [
        (0, "30%", "30%"),
        (1, "12–35%", "12–35%"),
        (2, "33,331–33,332%", "33.331–33.332%"),
        (3, "ít nhất 5%", "at least 5%"),
        (4, "chưa có số liệu", "no data"),
        (5, "0%", "0%"),
    ],
)
def test_a_card_shows_bounds_as_one_range(tab, result, unit, vi, en):
    tab.open(result)
    assert card_row(tab, unit, ROAD[0]) == vi
    tab.run("geontm.page.set({lang: 'en', unit: null})")
    assert card_row(tab, unit, ROAD[1]) == en


def test_people_are_whole_and_shares_are_percent(tab, result):
    tab.open(result)
    people, share = "Số dân được công trình nước phục vụ", "Phần diện tích ở độ cao từ 200 m"
    assert [card_row(tab, unit, people) for unit in (0, 1)] == ["10 người", "2–2.000 người"]
    assert [card_row(tab, unit, share) for unit in (0, 1)] == ["90,1%", "12,5–50%"]


def test_pointing_at_a_hatched_unit_tells_its_range(tab, result):
    tab.open(result)
    number = tab.run("geontm.page.head.layers.findIndex(layer => layer.column === 'road_all_season_pct')")
    tab.run(f"geontm.page.set({{layer: {number}, unit: null}}); geontm.page.ground.hover(1, geontm.map.getCenter())")
    told = tab.run("document.querySelector('.gt-tip').textContent").replace("\u00a0", " ").replace("\u2060", "")
    assert told.endswith("Đường bốn mùa: 12–35%")
    assert tab.run(f"geontm.page.view(geontm.page.head.layers[{number}]).of[1]") == -1  # a range has no class


def test_many_layers_are_folded_and_the_legend_is_in_sight(tab, result):
    tab.open(result)
    groups = tab.run(
        "[...document.querySelectorAll('.gt-group')].map(g => [g.querySelector('summary').innerText, g.open])"
    )
    assert [opened for _, opened in groups].count(True) == 1
    assert len(groups) >= 5
    assert tab.run("document.querySelector('.gt-legend').getBoundingClientRect().bottom") < 768 + 120
    tab.run("document.querySelector('input[value=clinic_travel_min]').click()")
    assert tab.run("document.querySelector('input[value=clinic_travel_min]').checked")
    assert "Thời gian đi đến trạm y tế" in tab.run("document.querySelector('.gt-legend h2').textContent")
    tab.run("geontm.page.set({lang: 'en', unit: null})")
    opened = tab.run("[...document.querySelectorAll('.gt-group[open] summary')].map(s => s.textContent)")
    assert [text.rstrip("0123456789") for text in opened] == ["Travel"]


def test_a_card_fits_a_narrow_screen_and_can_be_closed(tab, result):
    tab.open(result, width=390, height=844)
    tab.run("void geontm.page.set({unit: 1})")
    tab.settle()
    box = tab.run(
        "(() => {const b = document.querySelector('.gt-popup').getBoundingClientRect(); return [b.left, b.right]})()"
    )
    assert 0 <= box[0] < box[1] <= 390
    seen = """(() => {
      const button = document.querySelector('.leaflet-popup-close-button').getBoundingClientRect();
      const top = document.elementFromPoint(button.left + button.width / 2, button.top + button.height / 2);
      return Boolean(top.closest('.leaflet-popup-close-button'));
    })()"""
    assert tab.run(seen)
    assert tab.run("getComputedStyle(document.querySelector('.leaflet-control-zoom')).display") == "none"
    tab.run("document.querySelector('.leaflet-popup-close-button').click()")
    tab.wait_for("getComputedStyle(document.querySelector('.leaflet-control-zoom')).display !== 'none'")
