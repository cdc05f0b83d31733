"""On a telephone: the map first, nothing beside the screen, everything large enough for a thumb."""

import pytest

from busy_page import busy_content
from geontm.publish import Products, map_html, write_parts
from publish_samples import sample_content

pytestmark = pytest.mark.browser

WIDE, HIGH = 390, 844
# What is pressed, seen, and lower than a thumb needs; an input inside its label is pressed by the label.
SMALL = """[...document.querySelectorAll(
    'a[href], button, select, summary, input, [role=button], [role=option], [role=slider]')]
  .filter(node => node.getClientRects().length && !node.closest('[aria-hidden=true]'))
  .map(node => node.matches('input[type=radio], input[type=checkbox]') ? node.closest('label') : node)
  .map(node => [node.outerHTML.slice(0, 90), node.getBoundingClientRect().height])
  .filter(each => each[1] < 39.9)"""
TOO_WIDE = """[...document.querySelectorAll('.gt-panel *')].filter(node => node.getClientRects().length
  && !node.closest('.gt-hidden, .leaflet-container') && node.getBoundingClientRect().right > innerWidth + 0.5)
  .map(node => node.outerHTML.slice(0, 90))"""
OPEN = {
    "nothing": "0",
    "filter": "geontm.page.set({conditions: [{column: 'clean_water_pct', op: 'in', value: 1, other: 95},"
    "{column: 'province', op: 'is', value: 'Tỉnh Hai', other: null}]});"
    "document.querySelectorAll('details').forEach(each => { each.open = true; })",
    "search": "(input => { input.focus(); input.value = 'xa'; input.dispatchEvent(new Event('input')); })"
    "(document.querySelector('.gt-search input'))",
    "card": "geontm.page.set({unit: 1, at: null})",
    "table": "document.querySelector('.gt-table-button').click()",
    "swipe": "document.querySelector('.gt-swipe-button').click()",
    "two columns": "geontm.page.set({layer: geontm.page.head.layers.findIndex(each => each.kind === 'bivariate')})",
    "overlays": "document.querySelectorAll('.gt-overlays input').forEach(each => { if (!each.checked) each.click(); })",
    "link": "document.querySelector('.gt-link button').click()",
}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("phone") / "page.html"
    path.write_text(map_html(busy_content(), "coverage"), encoding="utf-8", newline="\n")
    return path


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_whatever_is_open_fits_and_is_large_enough(tab, page, lang):
    for name, doing in OPEN.items():
        tab.open(page, width=WIDE, height=HIGH)
        tab.run(f"geontm.page.set({{lang: '{lang}'}}); {{ {doing} }} 0")
        tab.settle()
        assert tab.run("document.documentElement.scrollWidth") <= WIDE, name
        assert tab.run(TOO_WIDE) == [], name
        assert tab.run(SMALL) == [], name


def test_the_map_comes_first_and_the_panel_is_in_sight_below_it(tab, page):
    tab.open(page, width=WIDE, height=HIGH)
    box = "(({top, bottom, width}) => [top, bottom, width])(document.querySelector('%s').getBoundingClientRect())"
    top, bottom, width = tab.run(box % ".leaflet-container")
    assert (top, width) == (0, WIDE) and HIGH / 2 < bottom < 0.75 * HIGH
    assert bottom <= tab.run(box % ".gt-panel h1")[0] < HIGH
    assert tab.run("scrollY") == 0
    assert tab.run("document.querySelector('meta[name=viewport]').content").startswith("width=device-width")
    assert "user-scalable=no" not in tab.run("document.querySelector('meta[name=viewport]').content")


def test_a_card_opened_from_below_is_scrolled_into_sight(tab, page):
    tab.open(page, width=WIDE, height=HIGH)
    tab.run("document.querySelector('.gt-table-button').click()")
    tab.run("document.querySelector('.gt-rows tbody tr[id]').click()")
    tab.wait_for("document.querySelector('.gt-card')")
    tab.settle()
    seen = """(box => box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth)
      (document.querySelector('.gt-popup').getBoundingClientRect())"""
    tab.wait_for(seen)


def test_a_finger_moves_the_divider(tab, page):
    tab.open(page, width=WIDE, height=HIGH)
    tab.run("document.querySelector('.gt-swipe-button').click(); scrollTo(0, 0)")
    at = "Number(document.querySelector('.gt-divider').getAttribute('aria-valuenow'))"
    x, y = tab.run(
        "(box => [box.left + box.width / 2, 300])(document.querySelector('.gt-divider').getBoundingClientRect())"
    )
    tab.send("Emulation.setTouchEmulationEnabled", enabled=True)
    tab.send("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
    for step in range(1, 5):
        tab.send("Input.dispatchTouchEvent", type="touchMove", touchPoints=[{"x": x + (300 - x) * step / 4, "y": y}])
    tab.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    assert tab.run(at) == pytest.approx(100 * 300 / WIDE, abs=1)


def test_the_gallery_fits_a_telephone(tab, tmp_path):
    write_parts(sample_content(), tmp_path, Products(maps=("classification", "coverage")), parts=("maps", "report"))
    tab.open(tmp_path / "index.html", ready="document.readyState === 'complete'", width=WIDE, height=HIGH)
    assert tab.run("document.documentElement.scrollWidth") <= WIDE
    assert (
        tab.run(
            "[...document.querySelectorAll('button, .card a')].filter(node => node.getClientRects().length"
            " && node.getBoundingClientRect().height < 39.9).map(node => node.outerHTML.slice(0, 90))"
        )
        == []
    )
