"""axe-core finds nothing to complain of, whatever is open, on both sizes, in both languages."""

import pytest

from busy_page import axe_script, busy_content, violations
from geontm.publish import Products, map_html, write_parts
from publish_samples import sample_content

pytestmark = pytest.mark.browser

FILTER = """geontm.page.set({conditions: [
  { column: 'clean_water_pct', op: 'in', value: 1, other: 95 },
  { column: 'is_border', op: 'is', value: 'false', other: null },
  { column: 'province', op: 'is', value: 'Tỉnh Hai', other: null }]});
  for (const each of document.querySelectorAll('details')) each.open = true;"""
# By name, what a reader has open; each is judged alone on a fresh page.
OPEN = {
    "nothing": "0",
    "filter": FILTER,
    "an unfinished condition": "document.querySelectorAll('details').forEach(each => { each.open = true; });"
    "document.querySelector('.gt-add').click()",
    "search": "(input => { input.focus(); input.value = 'xa'; input.dispatchEvent(new Event('input')); })"
    "(document.querySelector('.gt-search input'))",
    "nothing found": "(input => { input.focus(); input.value = 'zzz'; input.dispatchEvent(new Event('input')); })"
    "(document.querySelector('.gt-search input'))",
    "card": "geontm.page.set({unit: 1, at: null});"
    "document.querySelectorAll('.gt-card details').forEach(each => { each.open = true; })",
    "table": "document.querySelector('.gt-table-button').click()",
    "sorted table": "document.querySelector('.gt-table-button').click();"
    "document.querySelector('.gt-rows thead button').click()",
    "swipe": "document.querySelector('.gt-swipe-button').click()",
    "overlays": "document.querySelectorAll('.gt-overlays input').forEach(each => { if (!each.checked) each.click(); })",
    "two columns": "geontm.page.set({layer: geontm.page.head.layers.findIndex(each => each.kind === 'bivariate')})",
    "a year": "geontm.page.set({year: 2024})",
    "link": "document.querySelector('.gt-link button').click()",
    "folded": "document.querySelector('.gt-fold').click()",
    "all at once": FILTER
    + "document.querySelectorAll('.gt-overlays input').forEach(each => { if (!each.checked) each.click(); });"
    "document.querySelector('.gt-swipe-button').click(); document.querySelector('.gt-table-button').click();"
    "geontm.page.set({unit: 4, at: null})",
}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("axe") / "page.html"
    path.write_text(map_html(busy_content(), "coverage"), encoding="utf-8", newline="\n")
    return path


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_axe_has_nothing_to_say_of_the_page(tab, page, lang, width, height):
    script = axe_script()
    wrong = {}
    for name, doing in OPEN.items():
        if width == 390 and name == "folded":
            continue  # a telephone has nothing to fold
        tab.open(page, width=width, height=height)
        tab.run(f"geontm.page.set({{lang: '{lang}'}})")
        tab.run(f"{{ {doing} }} 0")
        tab.send("Runtime.evaluate", expression=script)
        if found := violations(tab):
            wrong[name] = found
        assert tab.messages == []
    assert wrong == {}


def test_axe_sees_what_is_wrong(tab, page):
    script = axe_script()
    tab.open(page)
    tab.send("Runtime.evaluate", expression=script)
    tab.run(
        "document.querySelector('.gt-search input').removeAttribute('aria-label');"
        "document.querySelector('.gt-search input').removeAttribute('placeholder')"
    )
    assert "label" in [rule for rule, *_ in violations(tab)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_to_say_of_the_gallery(tab, tmp_path, scheme):
    script = axe_script()
    write_parts(sample_content(), tmp_path, Products(maps=("classification", "coverage")), parts=("maps", "report"))
    tab.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    for width in (1366, 390):
        tab.open(tmp_path / "index.html", ready="document.readyState === 'complete'", width=width, height=844)
        for _ in range(2):  # as the screen asks, then by the switch
            tab.send("Runtime.evaluate", expression=script)
            assert violations(tab) == []
            tab.run("document.getElementById('theme').click()")
