"""Pages of bad data in real browsers: nothing runs, nothing is asked for, and what is known can still be read."""

import json
import re
from dataclasses import replace

import pandas as pd
import pytest

from geontm.errors import PublishError
from geontm.publish import map_html
from geontm.publish.web.signs import showable, showable_json
from hostile_samples import BREAKING, CASES, CONTROL, FACES, LINK, LONG, NAMES, TURNED, all_missing, hostile_names, many
from publish_samples import sample_content

pytestmark = pytest.mark.browser

LEGEND = """[...document.querySelectorAll('.gt-legend tbody tr')]
  .map(row => [row.innerText.trim(), +row.querySelector('.gt-count').textContent])"""
NAME_OF_CARD = "document.querySelector('.gt-card h2').textContent"
SHOWN_CASES = [name for name in CASES if name not in ("all missing", "no commune")]


def written(folder, content):
    path = folder / "page.html"
    path.write_text(map_html(content, "coverage"), encoding="utf-8", newline="\n")
    return path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return written(tmp_path_factory.mktemp("hostile"), hostile_names())


def open_everything(tab):
    tab.run("""for (const each of document.querySelectorAll('details')) each.open = true;
      for (const each of document.querySelectorAll('.gt-overlays input')) if (!each.checked) each.click();
      if (!document.querySelector('.gt-swipe').hidden) document.querySelector('.gt-swipe-button').click();
      document.querySelector('.gt-table-button').click(); 0""")


def assert_quiet(tab):
    assert tab.run("window.hit") is None
    assert tab.messages == []
    assert [url for url in tab.requests if not url.startswith("file:")] == []


@pytest.mark.parametrize("name", SHOWN_CASES)
def test_a_page_of_bad_data_opens_and_every_panel_of_it_too(tab, tmp_path, name):
    content = CASES[name]()
    tab.open(written(tmp_path, content))
    open_everything(tab)
    for unit in range(len(content.units)):
        tab.run(f"geontm.page.set({{unit: null}}); geontm.page.set({{unit: {unit}, at: null}})")
        assert tab.run("document.querySelectorAll('.gt-card h2').length") >= 1
    for layer in range(tab.run("geontm.page.head.layers.length")):
        tab.run(f"geontm.page.set({{layer: {layer}}})")
        counts = tab.run("(view => view.counts.reduce((a, b) => a + b, 0) + view.unknown)(geontm.page.view())")
        assert counts == len(content.units)
    tab.run("geontm.page.set({lang: 'en'}); 0")
    assert_quiet(tab)


@pytest.mark.parametrize("number", range(6))
def test_a_bad_name_is_text_everywhere(tab, hostile, number):
    tab.open(hostile)
    tab.run(f"geontm.page.set({{unit: {number}, at: null}})")
    name = tab.run(NAME_OF_CARD)
    plain = "".join(sign for sign in NAMES[number] if sign.isalnum())
    assert plain[:20] in "".join(sign for sign in name if sign.isalnum())
    tab.run("document.querySelector('.gt-table-button').click()")
    rows = tab.run("[...document.querySelectorAll('.gt-rows tbody tr[id]')].map(row => row.children[0].textContent)")
    assert name in rows and len(rows) == 6
    assert tab.run("document.querySelectorAll('main img[src=x], aside img, main script').length") == 0
    assert_quiet(tab)


def test_marks_of_direction_are_left_out(tab, hostile):
    tab.open(hostile)
    assert tab.run(f"geontm.page.head.units.name[{NAMES.index(TURNED)}]") == "Xã AN Trái"


def test_signs_are_packed_as_a_page_can_show_them():
    texts = ["a\x00\x1b\x08\x0c\ufffe\ud800b", "\\u0000 \\b", "c\td\ne", "\u202ef\u2069", "\x7f\x85", FACES]
    shown = ["a\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdb", "\\u0000 \\b", "c\td\ne", "f", "\ufffd\ufffd", FACES]
    assert json.loads(showable_json(json.dumps(texts, ensure_ascii=False))) == shown
    assert [showable(text) for text in texts] == shown


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_a_name_of_500_letters_stays_in_its_place(tab, hostile, width, height):
    tab.open(hostile, width=width, height=height)
    tab.run(f"geontm.page.set({{unit: {NAMES.index(LONG)}, at: null}})")
    tab.settle()
    inside = """(box => box.left >= 0 && box.right <= innerWidth && box.top >= 0)
      (document.querySelector('.gt-popup').getBoundingClientRect())"""
    tab.wait_for(inside)
    tab.run(
        "(input => { input.focus(); input.value = 'rat dai'; input.dispatchEvent(new Event('input')); })"
        "(document.querySelector('.gt-search input'))"
    )
    assert tab.run("document.querySelector('.gt-search li').getBoundingClientRect().height") < 120
    assert tab.run("document.documentElement.scrollWidth") <= width
    assert_quiet(tab)


def test_faces_are_not_torn_and_control_signs_not_kept(tab, hostile):
    tab.open(hostile)
    names = tab.run("geontm.page.head.units.name")
    assert names[NAMES.index(FACES)] == FACES
    assert names[NAMES.index(LINK)] == LINK and names[NAMES.index(BREAKING)] == BREAKING
    assert len(names[NAMES.index(CONTROL)]) > 10
    text = tab.run("document.body.innerText")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", text)


def test_equal_figures_make_one_class_and_nought_is_a_figure(tab, tmp_path):
    tab.open(written(tmp_path, CASES["all zero"]()))
    rows = tab.run(LEGEND)
    assert [count for _, count in rows if count] == [6]
    assert "chưa có số liệu" in rows[-1][0] and rows[-1][1] == 0
    assert "NaN" not in tab.run("document.body.innerText") and "undefined" not in tab.run("document.body.innerText")


def test_a_map_without_any_figure_is_refused_in_words():
    with pytest.raises(PublishError) as refused:
        map_html(all_missing(), "coverage")
    assert refused.value.message.id == "publish.map_without_data" and refused.value.fix


def test_a_layer_without_a_figure_beside_one_that_has_some_is_hatched(tab, tmp_path):
    base = all_missing()
    wide = base.wide.assign(clean_water_pct=pd.array([None, None, None, None, None, 0.0], dtype="Float64"))
    tab.open(written(tmp_path, replace(base, wide=wide)))
    rows = tab.run(LEGEND)
    assert "chưa có số liệu" in rows[-1][0] and rows[-1][1] == 5
    assert [count for _, count in rows[:-1] if count] == [1]
    assert_quiet(tab)


@pytest.mark.slow
def test_as_many_units_as_there_ever_were(tab, tmp_path):
    content = many(10_526)
    page = written(tmp_path, content)
    assert page.stat().st_size < 3_000_000
    tab.open(page)
    assert tab.run("geontm.page.count") == 10_526
    unknown = tab.run("geontm.page.view().unknown")
    assert unknown == int(content.wide["poor_household_pct"].isna().sum())
    tab.run("document.querySelector('.gt-table-button').click()")
    assert tab.run("document.querySelectorAll('.gt-rows tbody tr').length") < 120
    tab.run("geontm.page.set({conditions: [{column: 'poor_household_pct', op: 'ge', value: 50, other: null}]})")
    expected = int((content.wide["poor_household_pct"] >= 50).sum())
    assert tab.run("geontm.page.state.shown.reduce((a, b) => a + b, 0)") == expected
    assert_quiet(tab)


def test_firefox_reads_bad_names_as_text_too(fox, hostile):
    fox.open(hostile)
    open_everything(fox)
    for unit in range(6):
        fox.run(f"geontm.page.set({{unit: null}}); geontm.page.set({{unit: {unit}, at: null}}); 0")
        assert fox.run("document.querySelectorAll('.gt-card h2').length") >= 1
    assert fox.run("geontm.page.head.units.name")[0] == BREAKING
    assert fox.run("window.hit") is None
    assert (fox.requests, fox.messages) == ([], [])


def test_the_sample_itself_is_quiet(tab, tmp_path):
    tab.open(written(tmp_path, sample_content()))
    open_everything(tab)
    assert_quiet(tab)
