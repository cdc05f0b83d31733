"""A walk through the page by key events alone: no mouse, no click, no focus set by the test."""

import pytest

from busy_page import busy_content, press, tab_to, type_text
from geontm.publish import map_html

pytestmark = pytest.mark.browser

STATE = "geontm.page.state"
FOCUS = "document.activeElement.className"
SHOWN = "geontm.page.state.shown && [...geontm.page.state.shown].flatMap((yes, unit) => (yes ? [unit] : []))"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "page.html"
    path.write_text(map_html(busy_content(), "coverage"), encoding="utf-8", newline="\n")
    return path


def test_a_unit_is_searched_chosen_read_and_left(tab, page):
    tab.open(page)
    tab_to(tab, ".gt-search input")
    type_text(tab, "dong khe")
    press(tab, "ArrowDown")
    assert tab.run("document.activeElement.getAttribute('aria-activedescendant')") == "gt-found-0"
    press(tab, "Enter")
    tab.wait_for("document.querySelector('.gt-card')")
    assert tab.run(f"[{STATE}.unit, document.querySelector('.gt-card h2').textContent]") == [0, "Xã Đông Khê"]
    assert tab.run(FOCUS) == "gt-card"
    press(tab, "Tab")  # a reader goes on into the card
    assert tab.run("document.activeElement.closest('.gt-popup') !== null")
    press(tab, "Escape")
    tab.wait_for(f"{STATE}.unit === null")
    assert tab.run("document.activeElement.matches('.gt-search input')")
    assert tab.messages == []


def test_the_button_of_the_card_closes_it(tab, page):
    tab.open(page)
    tab_to(tab, ".gt-search input")
    type_text(tab, "01002")
    press(tab, "Enter")
    tab.wait_for("document.querySelector('.gt-card')")
    tab_to(tab, ".leaflet-popup-close-button")
    press(tab, " ")
    tab.wait_for(f"{STATE}.unit === null")
    assert tab.run("document.activeElement.matches('.gt-search input')")


def test_a_condition_is_added_and_taken_away(tab, page):
    tab.open(page)
    tab_to(tab, ".gt-filter summary")
    press(tab, "Enter")
    tab_to(tab, ".gt-add")
    press(tab, "Enter")
    assert tab.run("document.activeElement.matches('.gt-conditions select')")
    options = "[...document.activeElement.options].map(each => each.value)"
    places = tab.run(options)
    for _ in range(places.index("clean_water_pct") - tab.run("document.activeElement.selectedIndex")):
        press(tab, "ArrowDown")
    assert tab.run("document.querySelector('.gt-conditions .gt-which select').value") == "clean_water_pct"
    tab_to(tab, ".gt-conditions input")
    type_text(tab, "30")
    tab.wait_for(f"{STATE}.shown")
    words = tab.run("document.querySelector('.gt-live').textContent")
    shown = tab.run(SHOWN)
    assert words.startswith(f"{len(shown)} / 6 đơn vị") and 0 < len(shown) < 6
    tab_to(tab, ".gt-remove", back=True)
    press(tab, "Enter")
    assert tab.run(f"{STATE}.shown") is None
    assert tab.run("document.activeElement.closest('.gt-filter') !== null")


def test_layers_are_switched_with_the_arrows(tab, page):
    tab.open(page)
    first = tab.run("geontm.page.layer.key")
    tab_to(tab, ".gt-switch input")
    press(tab, "ArrowDown")
    second = tab.run("geontm.page.layer.key")
    assert second != first
    assert tab.run("document.activeElement.value") == second
    assert tab.run("document.querySelector('.gt-legend h2').textContent") == tab.run(
        "geontm.page.pick(geontm.page.layer.label)"
    )
    press(tab, "ArrowUp")
    assert tab.run("geontm.page.layer.key") == first


def test_the_years_are_walked_through(tab, page):
    tab.open(page)
    tab_to(tab, "#gt-year")
    press(tab, "Home")
    assert tab.run(f"{STATE}.year") == 2024
    press(tab, "ArrowRight")
    assert tab.run(f"{STATE}.year") == 2025
    assert tab.run("document.activeElement.getAttribute('aria-valuetext')") == "2025"
    press(tab, "End")
    assert tab.run(f"{STATE}.year") is None
    assert tab.run("document.activeElement.id") == "gt-year"


def test_the_divider_is_opened_moved_and_closed(tab, page):
    tab.open(page)
    tab_to(tab, ".gt-swipe-button")
    press(tab, "Enter")
    assert tab.run(FOCUS) == "gt-divider"
    at = "Number(document.activeElement.getAttribute('aria-valuenow'))"
    before, centre = tab.run(at), tab.run("geontm.map.getCenter().lng")
    press(tab, "ArrowRight", "ArrowRight", "ArrowLeft")
    assert tab.run(at) == before + 2
    assert tab.run("geontm.map.getCenter().lng") == centre  # the map stays where it is
    press(tab, "Home")
    assert tab.run(at) == 0
    press(tab, "Escape")
    assert tab.run(f"{STATE}.right") is None
    assert tab.run("document.activeElement.matches('.gt-swipe-button')")


def test_the_table_is_sorted_read_and_left(tab, page):
    tab.open(page)
    tab_to(tab, ".gt-table-button")
    press(tab, "Enter")
    assert tab.run("document.activeElement.getAttribute('role')") == "grid"
    press(tab, "Tab")
    assert tab.run("document.activeElement.matches('.gt-rows thead button')")
    press(tab, " ")
    names = "[...document.querySelectorAll('.gt-rows tbody tr[id]')].map(row => row.children[0].textContent)"
    ascending = tab.run(names)
    assert tab.run("document.activeElement.closest('th').getAttribute('aria-sort')") == "ascending"
    press(tab, " ")
    assert tab.run(names) == ascending[::-1]
    tab_to(tab, ".gt-rows table", back=True)
    press(tab, "Home", "Enter")
    tab.wait_for("document.querySelector('.gt-card')")
    assert tab.run("document.querySelector('.gt-card h2').textContent") == ascending[-1]
    press(tab, "Escape")
    tab.wait_for(f"{STATE}.unit === null")
    assert tab.run("document.activeElement.getAttribute('role')") == "grid"
    press(tab, "Escape")
    assert tab.run("document.querySelector('.gt-table')") is None
    assert tab.run("document.activeElement.matches('.gt-table-button')")


def test_language_overlays_and_the_panel_itself_obey_keys(tab, page):
    tab.open(page)
    tab_to(tab, ".gt-lang")
    press(tab, "Enter")
    assert tab.run("[document.documentElement.lang, document.activeElement.textContent]") == ["en", "Tiếng Việt"]
    tab_to(tab, ".gt-overlays input")
    before = tab.run("document.activeElement.checked")
    press(tab, " ")
    assert tab.run("document.activeElement.checked") is not before
    tab_to(tab, ".gt-fold")
    press(tab, "Enter")
    assert tab.run("geontm.map.getSize().x") == 1366
    assert tab.run("document.activeElement.matches('.gt-fold')")
    assert tab.run("document.querySelector('.gt-legend h2').getClientRects().length") == 1  # colours stay explained
    press(tab, "Enter")
    assert tab.run("geontm.map.getSize().x") < 1366


def test_no_place_holds_the_focus(tab, page):
    tab.open(page)
    tab_to(tab, ".gt-swipe-button")
    press(tab, "Enter")
    for _ in range(150):
        press(tab, "Tab")
        if tab.run("document.activeElement === document.body"):
            break
    assert tab.run("document.activeElement === document.body")  # out at the end, past every control
