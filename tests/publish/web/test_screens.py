"""What a reader asks of the screen: less motion, high contrast, text twice as large, any size."""

import pytest

from busy_page import axe_script, busy_content, violations
from geontm.publish import map_html
from hostile_samples import LONG, NAMES, hostile_names

pytestmark = pytest.mark.browser

OPEN = """geontm.page.set({ unit: 1, at: null,
    conditions: [{ column: 'clean_water_pct', op: 'in', value: 1, other: 95 }], right: { layer: 1, year: null } });
  for (const each of document.querySelectorAll('.gt-overlays input')) each.click();
  for (const each of document.querySelectorAll('details')) each.open = true;
  0"""
TOO_WIDE = """[...document.querySelectorAll('.gt-panel *')].filter(node => node.getClientRects().length
  && !node.closest('.gt-hidden') && node.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
  .map(node => node.outerHTML.slice(0, 90))"""
# The card as it comes into sight, and the map as it moves: [how clear, moved at once].
MOTION = """(() => {
  geontm.page.set({ unit: 1, at: null });
  const clear = getComputedStyle(document.querySelector('.gt-popup')).opacity, before = geontm.map.getCenter().lng;
  geontm.map.closePopup();
  geontm.map.panBy([200, 0]);
  return [+clear, geontm.map.getCenter().lng !== before, document.querySelectorAll('.gt-popup').length];
})()"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("screens") / "page.html"
    path.write_text(map_html(busy_content(), "coverage"), encoding="utf-8", newline="\n")
    return path


def asked(tab, **features):
    wanted = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    tab.send("Emulation.setEmulatedMedia", features=wanted)


def test_whoever_asked_for_less_motion_gets_a_map_that_jumps(tab, page):
    asked(tab, prefers_reduced_motion="reduce")
    tab.open(page)
    assert tab.run(MOTION) == [1, True, 0]
    zoom = tab.run("geontm.map.getZoom()")
    tab.run("document.querySelector('.leaflet-control-zoom-in').click()")
    assert tab.run("geontm.map.getZoom()") > zoom
    assert tab.run("document.getAnimations().length") == 0
    assert tab.messages == []


def test_others_see_it_move(tab, page):
    tab.open(page)
    assert tab.run(MOTION) == [0, False, 1]


def test_high_contrast_keeps_what_colours_mean_and_shows_what_is_chosen(tab, page):
    script = axe_script()
    tab.open(page)
    colours = "[...document.querySelectorAll('.gt-swatch')].map(each => getComputedStyle(each).backgroundColor)"
    usual = tab.run(colours)
    asked(tab, forced_colors="active", prefers_color_scheme="dark")
    tab.open(page)
    assert tab.run(colours) == usual and len(set(usual)) > 3
    paper = "getComputedStyle(document.querySelector('.gt-locator')).backgroundColor"
    assert tab.run(paper) == "rgb(243, 247, 249)"  # the names on it are dark
    label = "getComputedStyle(document.querySelector('.gt-switch input%s + span')).backgroundColor"
    assert tab.run(label % ":checked") != tab.run(label % ":not(:checked)")
    tab.run("document.querySelector('.gt-table-button').click()")
    tab.run(OPEN)
    tab.send("Runtime.evaluate", expression=script)
    assert [rule for rule in violations(tab) if rule[0] != "color-contrast"] == []  # colours are the system's own


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(820, 1180, 1), (2560, 1440, 1), (683, 384, 2), (1366, 600, 1), (320, 568, 2)]
)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_everything_fits_any_screen(tab, page, width, height, scale, lang):
    tab.open(page, width=width, height=height)
    size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 500}
    tab.send("Emulation.setDeviceMetricsOverride", **size)
    tab.run(f"geontm.page.set({{lang: '{lang}'}})")
    tab.run(OPEN)
    tab.settle()
    assert tab.run("document.documentElement.scrollWidth") <= width
    assert tab.run(TOO_WIDE) == []
    sight = """(card => { const map = geontm.map.getContainer().getBoundingClientRect();
      return card.left >= map.left && card.right <= map.right && card.top >= map.top && card.bottom <= map.bottom;
    })(document.querySelector('.gt-popup').getBoundingClientRect())"""
    tab.wait_for(sight)
    tab.run("document.querySelector('.gt-table-button').click()")
    assert tab.run("document.documentElement.scrollWidth") <= width
    assert tab.run("document.querySelectorAll('.gt-rows tbody tr[id]').length") > 0
    assert tab.messages == []


def test_what_is_deep_in_the_panel_does_not_make_the_page_longer(tab, page):
    tab.open(page)
    tab.run(OPEN)
    inside = """(panel => [...panel.querySelectorAll('*')]
      .filter(node => getComputedStyle(node).position === 'absolute' && node.getClientRects().length)
      .map(node => panel.contains(node.offsetParent)))(document.querySelector('.gt-panel'))"""
    found = tab.run(inside)
    assert found and all(found)


def test_a_long_name_keeps_its_figure_in_sight_beside_the_pointer(tab, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(map_html(hostile_names(), "coverage"), encoding="utf-8")
    tab.open(path)
    unit = NAMES.index(LONG)
    tab.run(f"geontm.page.ground.hover({unit}, geontm.page.ground.place({unit}))")
    assert tab.run("document.querySelector('.gt-tip').getBoundingClientRect().height") < 90
    assert "33,3" in tab.run("document.querySelector('.gt-tip').innerText")
