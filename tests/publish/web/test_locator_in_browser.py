"""The small map in the corner, the land around and the names of the seas, in a real browser."""

import pytest

from geontm.load import read_schematic
from geontm.publish import map_html
from geontm.publish.surroundings import surround
from publish_samples import sample_content

pytestmark = pytest.mark.browser

COLUMNS = ["commune_name", "kind", "province_code", "province_name", "area_km2", "geometry"]
# Pixels of the small map that have a colour, near a place (lon, lat).
PIXELS = """((lon, lat, hex, reach) => {
  const canvas = document.querySelector('.gt-locator canvas'), ratio = canvas.width / parseFloat(canvas.style.width);
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const wanted = hex.match(/\\w\\w/g).map(h => parseInt(h, 16)), found = [];
  for (let k = 0; k < data.length; k += 4) {
    if (data[k + 3] > 200 && Math.hypot(...wanted.map((w, n) => data[k + n] - w)) < 12) {
      found.push([(k / 4) % canvas.width / ratio, Math.floor(k / 4 / canvas.width) / ratio]);
    }
  }
  return found;
})"""
ISLANDS = {"Quần đảo Hoàng Sa (TP. Đà Nẵng)", "Quần đảo Trường Sa (tỉnh Khánh Hoà)"}
CITIES = ["Hà Nội", "TP. Hồ Chí Minh", "Hải Phòng", "Đà Nẵng", "Cần Thơ", "Huế"]
LAND, MINE, VIEW = "c4c0b5", "1f3a4d", "b2182b"


def content_of(units, **changes):
    base = sample_content()
    import pandas as pd

    wide = pd.DataFrame({"poor_household_pct": pd.array(range(len(units)), dtype="Float64")}, index=units.index)
    none = {name: getattr(base, name).iloc[:0] for name in ("indicators", "verdicts", "scores", "priority")}
    return sample_content(units=units[COLUMNS], wide=wide, **none, **changes)


@pytest.fixture(scope="module")
def country():
    return read_schematic()


@pytest.fixture(scope="module")
def province(tmp_path_factory, country):
    units = country[country["province_code"] == "22"]
    page = tmp_path_factory.mktemp("locator") / "page.html"
    content = content_of(units, context=surround(units, country))
    page.write_text(map_html(content, "coverage"), encoding="utf-8", newline="\n")
    return page


@pytest.fixture(scope="module")
def nation(tmp_path_factory, country):
    page = tmp_path_factory.mktemp("locator") / "page.html"
    content = content_of(country, context=surround(country, country))
    page.write_text(map_html(content, "coverage"), encoding="utf-8", newline="\n")
    return page


def pixels(tab, colour):
    return tab.run(f"{PIXELS}(0, 0, '{colour}', 0)")


def quiet(tab):
    return [message for message in tab.messages if "getImageData" not in message] == []


def test_the_small_map_shows_the_project_the_view_and_both_archipelagos(tab, province):
    tab.open(province)
    assert len(pixels(tab, LAND)) > 500
    dark = pixels(tab, MINE)
    assert any(x > 70 and 35 < y < 75 for x, y in dark)  # Hoàng Sa and its name
    assert any(x > 60 and y > 85 for x, y in dark)  # Trường Sa
    north = [(x, y) for x, y in dark if y < 30]
    assert north  # the project
    frame = pixels(tab, VIEW)
    left, right = min(x for x, _ in frame), max(x for x, _ in frame)
    top, bottom = min(y for _, y in frame), max(y for _, y in frame)
    assert all(left <= x <= right and top <= y <= bottom for x, y in north)
    assert 4 <= right - left < 40
    assert quiet(tab)


def test_the_small_map_follows_the_view(tab, province):
    tab.open(province)
    before = pixels(tab, VIEW)
    tab.run("void geontm.map.setView([10, 106], 8, {animate: false})")
    after = pixels(tab, VIEW)
    assert min(y for _, y in after) > max(y for _, y in before)


def test_the_small_map_has_a_text_instead(tab, province):
    tab.open(province)
    told = "document.querySelector('.gt-locator').getAttribute('aria-label')"
    assert "Hoàng Sa" in tab.run(told)
    assert "Trường Sa" in tab.run(told)
    assert tab.run("document.querySelector('.gt-locator').getAttribute('role')") == "img"
    tab.run("geontm.page.set({lang: 'en'})")
    assert tab.run(told).startswith("Position in Vietnam")


def test_on_a_telephone_the_small_map_is_smaller_and_gives_way_to_a_card(tab, province):
    tab.open(province, width=390, height=844)
    width, right = tab.run(
        "(box => [box.width, box.right])(document.querySelector('.gt-locator').getBoundingClientRect())"
    )
    assert 80 < width < 100 and right <= 390
    tab.run("geontm.page.set({unit: 0, at: null})")
    tab.wait_for("getComputedStyle(document.querySelector('.gt-locator')).display === 'none'")


def test_the_sea_and_the_land_around_are_named(tab, province):
    tab.open(province)
    told = tab.run("geontm.page.ground.names.told")
    assert {"VỊNH BẮC BỘ", "TRUNG QUỐC", "LẠNG SƠN"} <= set(told)
    assert "Natural Earth" in tab.run("document.querySelector('.gt-panel footer').textContent")
    tab.run("geontm.page.set({lang: 'en'})")
    told = tab.run("geontm.page.ground.names.told")
    assert {"GULF OF TONKIN", "CHINA"} <= set(told)
    tab.run("void geontm.map.setView([15.5, 109], 5.5, {animate: false})")
    far = tab.run("geontm.page.ground.names.told")
    islands = {"Hoàng Sa archipelago (Đà Nẵng City)", "Trường Sa archipelago (Khánh Hoà Province)"}
    assert {"EAST SEA", *islands} <= set(far)
    assert not any("ARCHIPELAGO" in name for name in far)  # told once


def test_the_nation_names_its_archipelagos_on_the_map_itself(tab, nation):
    tab.open(nation)
    assert tab.run("document.querySelector('.gt-locator').hidden")  # all of it is in view
    told = tab.run("geontm.page.ground.names.told")
    assert {*ISLANDS, "BIỂN ĐÔNG", "TRUNG QUỐC", "LÀO", "CAMPUCHIA", "THÁI LAN"} <= set(told)
    tab.run("void geontm.map.setView([21, 106], 9, {animate: false})")
    assert not tab.run("document.querySelector('.gt-locator').hidden")
    dark = pixels(tab, MINE)
    assert any(x > 70 and 35 < y < 75 for x, y in dark)
    assert pixels(tab, VIEW)
    assert quiet(tab)


@pytest.mark.parametrize("place", [(21.75, 106.9), (22.2, 106.75), (22.7, 103.4)])
def test_no_strip_of_sea_lies_between_the_nation_and_china(tab, nation, place):
    tab.open(nation)
    tab.run(f"void geontm.map.setView([{place[0]}, {place[1]}], 10, {{animate: false}})")
    # From Vietnam's land northwards the canvas is never transparent: land meets land.
    gaps = tab.run("""(() => {
      const canvas = geontm.page.ground.canvas._container, ctx = canvas.getContext('2d');
      let gaps = 0;
      for (let x = 0; x < canvas.width; x += 5) {
        const column = ctx.getImageData(x, 0, 1, canvas.height).data;
        let ground = false;
        for (let y = canvas.height - 1; y >= 0; y--) {
          const [r, g, b, a] = column.slice(4 * y, 4 * y + 4);
          if (a > 200 && b < 190) ground = true; // a commune in its colour
          else if (a < 50 && ground && y < 0.5 * canvas.height) gaps++;
        }
      }
      return gaps;
    })()""")
    assert gaps == 0


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_the_cities_run_from_the_centre_are_named_before_others(tab, nation, size):
    tab.open(nation, width=size[0], height=size[1])
    told = tab.run("geontm.page.ground.names.told")
    assert [name for name in told if name not in ISLANDS][:6] == CITIES
    assert {"Nghệ An", "BIỂN ĐÔNG"} | ISLANDS <= set(told)
    if size[0] > 1000:
        provinces = " ".join(tab.run("geontm.page.head.units.provinces"))
        assert sum(name.removeprefix("TP. ") in provinces for name in told) >= 26


def test_near_an_archipelago_its_unit_has_its_own_name(tab, nation):
    tab.open(nation)
    for code, name in (("20333", "Đặc khu Hoàng Sa"), ("22736", "Đặc khu Trường Sa")):
        unit = f"geontm.page.head.units.code.indexOf('{code}')"
        tab.run(f"void geontm.map.setView(geontm.page.ground.place({unit}), 9, {{animate: false}})")
        told = tab.run("geontm.page.ground.names.told")
        assert name in told and not ISLANDS & set(told)


def test_names_keep_clear_of_one_another(tab, nation):
    tab.open(nation)
    boxes = tab.run("""(() => {
      const { names } = geontm.page.ground, { room } = names, found = [];
      names.room = function (...given) {
        const set = room.apply(this, given), width = (line) => this.width(given[0], given[1].font, line);
        if (set) found.push([set.x, set.y, Math.max(...set.lines.map(width)), 13 * set.lines.length]);
        return set;
      };
      names.again();
      return found;
    })()""")
    assert len(boxes) > 30
    for n, (x, y, wide, tall) in enumerate(boxes):
        for x2, y2, wide2, tall2 in boxes[:n]:
            assert abs(x - x2) >= (wide + wide2) / 2 or abs(y - y2) >= (tall + tall2) / 2
