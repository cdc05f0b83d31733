"""The start page in real browsers: pictures from the disk, both languages, light and dark, keyboard, phone."""

from pathlib import Path

import pytest

from busy_page import axe_script, violations
from geontm.publish import Products, write_parts
from publish_samples import sample_content

pytestmark = pytest.mark.browser

LOADED = "document.readyState === 'complete'"
PICTURES = "[...document.images].map(image => image.complete && image.naturalWidth > 100)"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    products = Products(maps=("classification", "coverage", "programme"))
    write_parts(sample_content(), folder, products, parts=("maps",))
    return folder / "index.html"


def test_pictures_come_from_beside_the_page_and_nothing_from_elsewhere(page, tab):
    tab.open(page, ready=LOADED)
    assert tab.run(PICTURES) == [True, True]
    assert {Path(url).parent.name for url in tab.requests} <= {page.parent.name, "thumbs"}
    assert all(url.startswith("file:") for url in tab.requests)
    assert tab.messages == []


def test_firefox_shows_the_pictures_too(page, fox):
    fox.open(page, ready=LOADED)
    assert fox.run(PICTURES) == [True, True]
    assert (fox.requests, fox.messages) == ([], [])


def test_the_other_language_is_one_press_away(page, tab):
    tab.open(page, ready=LOADED)
    heading = "document.getElementById('maps').innerText"
    assert (tab.run(heading), tab.run("document.documentElement.lang")) == ("Bản đồ", "vi")
    tab.run("document.getElementById('language').click()")
    assert (tab.run(heading), tab.run("document.documentElement.lang")) == ("Maps", "en")
    assert tab.run("document.getElementById('language').innerText") == "Tiếng Việt"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_follow_the_screen_and_the_switch(page, tab, scheme):
    tab.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    tab.open(page, ready=LOADED)
    is_dark = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every(part => part < 64)"
    assert tab.run(is_dark) == (scheme == "dark")
    assert tab.run("document.getElementById('theme').innerText") == ("Nền sáng" if scheme == "dark" else "Nền tối")
    tab.run("document.getElementById('theme').click()")
    assert tab.run(is_dark) == (scheme == "light")
    assert tab.messages == []


def test_paper_gets_the_light_page_without_switches(page, tab):
    tab.send("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    tab.open(page, ready=LOADED)
    assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.run("getComputedStyle(document.querySelector('.switches')).display") == "none"


def test_every_link_and_switch_is_reached_by_the_tab_key(page, tab):
    tab.open(page, ready=LOADED)
    wanted = tab.run("document.querySelectorAll('button, a[href]:not([tabindex=\"-1\"])').length")
    reached = []
    for _ in range(wanted):
        tab.key("Tab", 9)
        reached.append(tab.run("[...document.querySelectorAll('button, a')].indexOf(document.activeElement)"))
        outline = tab.run("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
    assert -1 not in reached and len(set(reached)) == wanted


@pytest.mark.parametrize("width", [1366, 390])
def test_nothing_runs_over_the_side(page, tab, width):
    tab.open(page, ready=LOADED, width=width, height=844)
    assert tab.run("document.documentElement.scrollWidth") <= width
    if width == 390:
        assert tab.run("[...document.querySelectorAll('button')].every(each => each.offsetHeight >= 40)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 390])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_axe_finds_nothing(page, tab, scheme, width, lang):
    script = axe_script()
    tab.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    tab.open(page, ready=LOADED, width=width, height=844)
    if lang == "en":
        tab.run("document.getElementById('language').click()")
    tab.run(script + ";0")
    assert violations(tab) == []
