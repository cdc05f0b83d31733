"""The panel in a real browser: filter, table, link, print, search and card, by hand and by keyboard."""

import base64
import json
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from busy_page import axe_script, violations
from geontm.publish import map_html
from publish_samples import FORMULA_NAME, NAMES, sample_content

pytestmark = pytest.mark.browser

DIFFICULT = [True, True, True, True, None, False]
RANKS = [5, 6, None, 1, 4, 2]
# The third is open from last to first; of the others the fourth comes first.
LOW = [0.3, 0.1, 0.0, 0.9, 0.4, 0.5]
HIGH = [0.3, 0.1, 1.0, 0.9, 0.4, 0.5]
SHOWN = "geontm.page.state.shown && [...geontm.page.state.shown].flatMap((yes, unit) => (yes ? [unit] : []))"
LIVE = "document.querySelector('.gt-live').textContent"
ROWS = "[...document.querySelectorAll('.gt-rows tbody tr[id]')].map(row => row.children[0].textContent)"
FOCUS = "document.activeElement.className || document.activeElement.tagName.toLowerCase()"


def content_with_verdicts():
    wide = sample_content().wide.assign(
        is_extremely_difficult=pd.array(DIFFICULT, dtype="boolean"), priority_rank=pd.array(RANKS, dtype="Int64")
    )
    scores = {"priority_score_low": LOW, "priority_score_high": HIGH}
    return sample_content(wide=wide, priority=pd.DataFrame(scores, index=wide.index))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "coverage.html"
    path.write_text(map_html(content_with_verdicts(), "coverage"), encoding="utf-8", newline="\n")
    return path


def press(tab, key, code, text=""):
    """Press a key as a person does: with its text, so that buttons and fields act on it."""
    about = {"key": key, "code": key, "windowsVirtualKeyCode": code}
    tab.send("Input.dispatchKeyEvent", type="keyDown", **about, **({"text": text} if text else {}))
    tab.send("Input.dispatchKeyEvent", type="keyUp", **about)


def enter(tab):
    press(tab, "Enter", 13, "\r")


def type_text(tab, text):
    tab.send("Input.insertText", text=text)


def conditions(tab, *rows):
    """Set conditions as (column, op, value, other)."""
    full = [dict(zip(("column", "op", "value", "other"), (*row, None, None)[:4], strict=True)) for row in rows]
    tab.run(f"geontm.page.set({{conditions: {json.dumps(full)}}})")


def choose(tab, selector, value):
    tab.run(f"""(() => {{
      const list = document.querySelector({json.dumps(selector)});
      list.value = {json.dumps(value)};
      list.dispatchEvent(new Event('change', {{bubbles: true}}));
    }})()""")


def test_extremely_difficult_and_border_and_water_below_80_are_three_quick_rows(tab, page):
    tab.open(page)
    tab.run("document.querySelector('.gt-filter summary').click()")
    for column in ("is_extremely_difficult", "is_border"):
        tab.run(f"document.querySelector('.gt-chips button[value={column}]').click()")
    assert tab.run(SHOWN) == [0, 3]
    tab.run("document.querySelector('.gt-add').focus()")
    enter(tab)
    assert tab.run("document.querySelectorAll('.gt-conditions li').length") == 3
    assert tab.run("document.activeElement.closest('li') === document.querySelector('.gt-conditions li:last-child')")
    choose(tab, ".gt-conditions li:last-child .gt-which select", "clean_water_pct")
    tab.run("document.querySelector('.gt-conditions li:last-child input').focus()")
    assert "chưa điền đủ" in tab.run(LIVE)
    type_text(tab, "90,5")
    tab.wait_for(f"JSON.stringify({SHOWN}) === '[0]'")
    # Unit 2 is below 90.5 and lacks the border, unit 3 lacks the water: neither satisfies, neither is ruled out.
    assert tab.run(LIVE) == "1 / 6 đơn vị thỏa mọi điều kiện. 2 đơn vị nữa chưa kết luận được vì thiếu số liệu."
    counts = tab.run("[...document.querySelectorAll('.gt-legend .gt-count')].map(cell => +cell.textContent)")
    assert sum(counts) == 1
    assert "thỏa bộ lọc" in tab.run("document.querySelector('.gt-counted').textContent")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("clean_water_pct", "lt", 80), [2, 4, 5]),
        (("clean_water_pct", "le", 80), [1, 2, 4, 5]),
        (("clean_water_pct", "ge", 80), [0, 1]),
        (("clean_water_pct", "gt", 80), [0]),
        (("clean_water_pct", "in", 40, 80), [1, 2, 4]),
        (("clean_water_pct", "none"), [3]),
        (("is_border", "is", "true"), [0, 3]),
        (("is_border", "is", "false"), [1, 4, 5]),
        (("is_border", "none"), [2]),
        (("province", "is", "Tỉnh Hai"), [3, 4, 5]),
    ],
)
def test_each_condition_lets_through_what_it_says(tab, page, row, expected):
    tab.open(page)
    conditions(tab, row)
    assert tab.run(SHOWN) == expected


def test_clearing_brings_all_units_back(tab, page):
    tab.open(page)
    conditions(tab, ("clean_water_pct", "lt", 50), ("province", "is", "Tỉnh Hai"))
    assert tab.run(SHOWN) == [4, 5]
    tab.run("document.querySelector('.gt-filter details').open = true; document.querySelector('.gt-clear').focus()")
    enter(tab)
    assert tab.run("geontm.page.state.shown") is None
    assert tab.run(LIVE) == "Chưa lọc."
    assert tab.run("document.activeElement.classList.contains('gt-add')")


def test_a_row_is_removed_by_keyboard_and_the_focus_stays_in_the_filter(tab, page):
    tab.open(page)
    conditions(tab, ("clean_water_pct", "lt", 50), ("is_border", "is", "false"))
    tab.run("document.querySelector('.gt-filter details').open = true; document.querySelector('.gt-remove').focus()")
    enter(tab)
    assert tab.run(SHOWN) == [1, 4, 5]
    assert tab.run("document.activeElement.matches('.gt-remove')")


@pytest.mark.parametrize(
    ("lang", "typed", "number"),
    [
        ("vi", "12,5", 12.5), ("vi", "12.5", 12.5), ("vi", "1.234,5", 1234.5), ("vi", "1.234", 1234),
        ("vi", "0.125", 0.125), ("vi", "80 %", 80), ("vi", "-3", -3), ("vi", "abc", None), ("vi", "1,2,3", None),
        ("vi", "", None), ("en", "12.5", 12.5), ("en", "1,234.5", 1234.5), ("en", "12,5", 12.5), ("en", "1e3", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_type_them(tab, page, lang, typed, number):
    tab.open(page)
    assert tab.run(f"geontm.page.set({{lang: '{lang}'}}), geontm.page.read({json.dumps(typed)})") == number


def test_a_wrong_number_is_marked_and_not_applied(tab, page):
    tab.open(page)
    conditions(tab, ("clean_water_pct", "lt", None))
    tab.run("document.querySelector('.gt-filter details').open = true")
    tab.run("document.querySelector('.gt-conditions input').focus()")
    type_text(tab, "tám mươi")
    tab.wait_for("document.querySelector('.gt-conditions input').getAttribute('aria-invalid') === 'true'")
    assert tab.run("geontm.page.state.shown") is None
    assert "1 điều kiện chưa điền đủ" in tab.run(LIVE)


def test_the_table_lists_the_filtered_units_and_sorts_with_the_unknown_last(tab, page):
    tab.open(page)
    tab.run("document.querySelector('.gt-table-button').click()")
    assert len(tab.run(ROWS)) == 6
    head = "[...document.querySelectorAll('.gt-rows thead button')].find(b => b.value === 'poor_household_pct')"
    column = "[...document.querySelectorAll('.gt-rows tbody tr[id]')].map(row => row.children[2].textContent)"
    tab.run(f"{head}.click()")
    assert tab.run(column) == ["5", "20", "20", "33,3", "41,5", "chưa có số liệu"]
    assert tab.run(f"{head}.closest('th').getAttribute('aria-sort')") == "ascending"
    tab.run(f"{head}.click()")
    assert tab.run(column) == ["41,5", "33,3", "20", "20", "5", "chưa có số liệu"]
    assert tab.run(f"{head}.closest('th').getAttribute('aria-sort')") == "descending"
    assert tab.run(f"document.activeElement === {head}")
    conditions(tab, ("province", "is", "Tỉnh Một"))
    assert sorted(tab.run(ROWS)) == sorted(NAMES[:3])
    assert "3 / 6" in tab.run("document.querySelector('.gt-table h2').textContent")
    assert "◇ số liệu minh hoạ" in tab.run("document.querySelector('.gt-table').innerText")


def test_a_chosen_year_is_filtered_listed_and_told(tab, page):
    tab.open(page)
    conditions(tab, ("poor_household_pct", "ge", 20))
    tab.run("document.querySelector('.gt-table-button').click()")
    head = "[...document.querySelectorAll('.gt-rows thead button')].map(b => b.innerText).join(' | ')"
    assert "2024" not in tab.run(head)
    tab.run("geontm.page.set({year: 2024})")
    assert "Hộ nghèo (%, 2024)" in tab.run(head)
    assert tab.run("document.querySelector('.gt-said').textContent").startswith("Bộ lọc: Hộ nghèo 2024 ≥ 20")


def test_names_are_sorted_as_vietnamese_sorts_them(tab, tmp_path):
    names = ["Xã Đông", "Xã Dương", "Xã Ân", "Xã An", "Xã Ăn", "Xã Em"]
    units = sample_content().units.assign(commune_name=names)
    path = tmp_path / "page.html"
    path.write_text(map_html(sample_content(units=units), "coverage"), encoding="utf-8")
    tab.open(path)
    tab.run("document.querySelector('.gt-table-button').click()")
    assert tab.run(ROWS) == names  # in the order of the codes, until a head is pressed
    tab.run("document.querySelector('.gt-rows thead button').click()")
    assert tab.run(ROWS) == ["Xã An", "Xã Ăn", "Xã Ân", "Xã Dương", "Xã Đông", "Xã Em"]


def test_the_table_by_keyboard_alone(tab, page):
    tab.open(page)
    tab.run("document.querySelector('.gt-table-button').focus()")
    enter(tab)
    assert tab.run(FOCUS) == "table"
    assert tab.run("document.activeElement.getAttribute('aria-activedescendant')") == "gt-row-0"
    press(tab, "ArrowDown", 40)
    press(tab, "ArrowDown", 40)
    press(tab, "ArrowUp", 38)
    wanted = tab.run("document.querySelector('#gt-row-1').children[0].textContent")
    enter(tab)
    tab.wait_for("document.querySelector('.gt-card')")
    assert tab.run("document.querySelector('.gt-card h2').textContent") == wanted
    assert tab.run(FOCUS) == "gt-card"
    press(tab, "Escape", 27)
    tab.wait_for("geontm.page.state.unit === null")
    assert tab.run(FOCUS) == "table"
    press(tab, "Escape", 27)
    assert tab.run("document.querySelector('.gt-table')") is None
    assert tab.run("document.activeElement.classList.contains('gt-table-button')")


def test_of_many_units_only_the_rows_in_sight_are_on_the_page(tab, tmp_path):
    n, step = 2000, 0.01
    corners = [(105 + k % 50 * step, 10 + k // 50 * step) for k in range(n)]
    names = {"commune_name": [f"Xã {k}" for k in range(n)], "kind": "xã", "province_code": "01"}
    units = gpd.GeoDataFrame(
        {**names, "province_name": "Tỉnh Một", "area_km2": 1.0},
        geometry=[shapely.box(x, y, x + step, y + step) for x, y in corners],
        index=pd.Index([f"{k:05d}" for k in range(n)], name="commune_code"),
        crs="EPSG:4326",
    )
    wide = pd.DataFrame({"poor_household_pct": pd.array(range(n), dtype="Float64") / n}, index=units.index)
    none = sample_content().verdicts.iloc[:0]
    path = tmp_path / "page.html"
    content = sample_content(
        units=units, wide=wide, verdicts=none, scores=none, priority=pd.DataFrame(index=units.index)
    )
    path.write_text(map_html(content, "coverage"), encoding="utf-8")
    tab.open(path)
    tab.run("document.querySelector('.gt-table-button').click()")
    assert tab.run("document.querySelectorAll('.gt-rows tbody tr').length") < 120
    assert tab.run("document.querySelector('.gt-rows table').getAttribute('aria-rowcount')") == str(n + 1)
    press(tab, "End", 35)
    tab.wait_for(f"document.querySelector('#gt-row-{n - 1}')")
    seen = f"""(() => {{
      const row = document.querySelector('#gt-row-{n - 1}').getBoundingClientRect();
      const box = document.querySelector('.gt-rows').getBoundingClientRect();
      return row.top >= box.top && row.bottom <= box.bottom + 1;
    }})()"""
    assert tab.run(seen)
    assert tab.run(f"document.querySelector('#gt-row-{n - 1}').children[0].textContent") == f"Xã {n - 1}"
    assert tab.run("document.querySelectorAll('.gt-rows tbody tr').length") < 120


def test_on_a_telephone_the_table_takes_the_screen_and_yields_to_the_card(tab, page):
    tab.open(page, width=390, height=844)
    tab.run("document.querySelector('.gt-table-button').click()")
    box = "(b => [b.left, b.top, b.width, b.height])(document.querySelector('.gt-table').getBoundingClientRect())"
    assert tab.run(box) == [0, 0, 390, 844]
    tab.run("document.querySelector('.gt-rows tbody tr[id]').click()")
    tab.wait_for("document.querySelector('.gt-card')")
    assert tab.run("document.querySelector('.gt-table')") is None


def test_what_is_pressed_on_a_telephone_is_large_enough(tab, page):
    tab.open(page, width=390, height=844)
    conditions(tab, ("clean_water_pct", "in", 10, 50), ("is_border", "is", "false"))
    tab.run("document.querySelector('.gt-filter details').open = true")
    small = tab.run("""[...document.querySelectorAll('button, select, summary, input, .leaflet-bar a')]
      .filter(node => node.getClientRects().length && node.type !== 'radio')
      .map(node => [node.className || node.tagName, node.getBoundingClientRect().height])
      .filter(each => each[1] < 40)""")
    assert small == []
    assert tab.run(
        "[...document.querySelectorAll('.gt-switch label')].every(l => l.getBoundingClientRect().height >= 40)"
    )
    assert tab.run("document.documentElement.scrollWidth <= 390")


def test_the_card_tells_each_rank_once_and_of_whom(tab, page):
    tab.open(page)
    told = "document.querySelector('.gt-standing').innerText.replace(/\\s+/g, ' ')"
    tab.run("geontm.page.set({unit: 1})")
    assert tab.run(told) == (
        "Hộ nghèo hạng 1/2 trong tỉnh, từ cao xuống; 1 đơn vị chưa có số liệu "
        "Hạng ưu tiên trong tỉnh từ 2 đến 3 trên 3, tùy số liệu còn thiếu "
        "Hạng ưu tiên trên toàn vùng tính từ 5 đến 6 trên 6, tùy số liệu còn thiếu"
    )
    assert "ưu tiên" not in tab.run("document.querySelector('.gt-card table').innerText")
    tab.run("geontm.page.set({unit: null})")
    tab.wait_for("!document.querySelector('.gt-card')")
    tab.run("geontm.page.set({unit: 4})")
    assert tab.run(told).endswith(
        "Hạng ưu tiên trong tỉnh 3/3 Hạng ưu tiên trên toàn vùng tính từ 3 đến 4 trên 6, tùy số liệu còn thiếu"
    )


def test_a_project_of_one_province_has_one_rank(tab, tmp_path):
    content = content_with_verdicts()
    units = content.units.assign(province_code="01", province_name="Tỉnh Một")
    path = tmp_path / "one.html"
    path.write_text(map_html(replace(content, units=units), "coverage"), encoding="utf-8", newline="\n")
    tab.open(path)
    tab.run("geontm.page.set({unit: 3})")
    terms = tab.run("[...document.querySelectorAll('.gt-standing dt')].map(term => term.textContent)")
    assert [term for term in terms if "ưu tiên" in term] == ["Hạng ưu tiên"]


def test_the_card_is_closed_by_its_button_and_gives_the_focus_back(tab, page):
    tab.open(page)
    tab.run("document.querySelector('.gt-table-button').focus(); geontm.page.set({unit: 1, at: null})")
    tab.run("document.querySelector('.leaflet-popup-close-button').focus()")
    enter(tab)
    tab.wait_for("geontm.page.state.unit === null")
    assert tab.run("document.activeElement.classList.contains('gt-table-button')")
    assert tab.messages == []


def test_an_open_card_stays_on_the_map_when_the_table_opens(tab, page):
    tab.open(page)
    tab.run("geontm.page.set({unit: 0, at: null}); document.querySelector('.gt-table-button').click()")
    inside = """(() => {
      const card = document.querySelector('.gt-popup').getBoundingClientRect();
      const map = geontm.map.getContainer().getBoundingClientRect();
      return map.height < 600 && card.top >= map.top && card.bottom <= map.bottom;
    })()"""
    tab.wait_for(inside)
    assert tab.run("document.activeElement.getAttribute('role')") == "grid"


def test_search_finds_by_code_and_province_and_tells_how_many(tab, page):
    tab.open(page)
    found = """(text => {
      const input = document.querySelector('.gt-search input');
      input.focus();
      input.value = text;
      input.dispatchEvent(new Event('input'));
      return [...document.querySelectorAll('#gt-found li')].map(li => li.firstChild.textContent);
    })"""
    assert tab.run(f"{found}('02002')") == [NAMES[4]]
    assert set(tab.run(f"{found}('tinh hai')")) == {*NAMES[3:]}
    assert tab.run(f"{found}('02001')") == [FORMULA_NAME]
    assert tab.run(f"{found}('dong')")[0] == "Xã Đông Khê"
    assert tab.run("document.querySelector('.gt-search [role=status]').textContent") == "Tìm thấy 1 đơn vị."
    assert tab.run(f"{found}('khong co dau')") == ["Không tìm thấy"]
    assert tab.run("document.querySelector('.gt-search [role=status]').textContent") == "Không tìm thấy"


def test_a_link_shows_the_same_again(tab, page):
    tab.open(page)
    number = tab.run("geontm.page.head.layers.findIndex(layer => layer.column === 'clean_water_pct')")
    tab.run(f"geontm.page.set({{layer: {number}}})")
    conditions(tab, ("is_border", "is", "false"), ("clean_water_pct", "in", 30.5, 90), ("province", "is", "Tỉnh Hai"))
    tab.run("geontm.page.set({lang: 'en'}); void geontm.map.setView([21.12, 105.08], 9.5, {animate: false})")
    tab.run("geontm.page.set({unit: 4, at: null})")
    tab.settle()
    tab.wait_for("location.hash === '#' + geontm.page.written()")
    link = tab.run("location.hash")
    view = tab.run("[geontm.map.getZoom(), geontm.map.getCenter().lat, geontm.map.getCenter().lng]")
    tab.open(page, link=link)
    assert tab.run(SHOWN) == [4]
    assert tab.run("geontm.page.lang") == "en"
    assert tab.run("geontm.page.layer.column") == "clean_water_pct"
    assert tab.run("document.querySelector('.gt-card h2').textContent") == NAMES[4]
    again = tab.run("[geontm.map.getZoom(), geontm.map.getCenter().lat, geontm.map.getCenter().lng]")
    assert again == pytest.approx(view, abs=2e-2)
    assert tab.messages == []


def test_a_link_keeps_the_year_and_both_sides_of_the_divider(tab, page):
    tab.open(page)
    tab.run("geontm.page.set({year: 2024, right: {layer: 1, year: null}})")
    tab.settle()
    tab.wait_for("location.hash === '#' + geontm.page.written()")
    link = tab.run("location.hash")
    tab.open(page, link=link)
    assert tab.run("[geontm.page.state.year, geontm.page.state.right.layer, geontm.page.state.right.year]") == [
        2024,
        1,
        None,
    ]
    assert tab.run("document.querySelector('[role=slider].gt-divider') !== null")
    assert tab.messages == []


def test_a_bad_link_is_passed_over_part_by_part(tab, page):
    bad = (
        "#l=no_such&f=clean_water_pct~lt~abc~,nothing~lt~3~,%E0%A4%A~is~x~,is_border~is~true~,constructor~lt~1~,~~~"
        "&u=99999&v=abc/1&g=fr&y=12&q=<script>&__proto__=1&="
    )
    tab.open(page, link=bad)
    assert tab.messages == []
    assert tab.run("geontm.page.state.conditions.map(each => each.column)") == ["is_border"]
    assert tab.run(SHOWN) == [0, 3]
    assert tab.run("[geontm.page.state.layer, geontm.page.state.unit, geontm.page.lang]") == [0, None, "vi"]


def test_an_address_changed_by_hand_is_followed(tab, page):
    tab.open(page)
    tab.run("void (location.hash = '#f=clean_water_pct~lt~50~')")
    tab.wait_for(f"JSON.stringify({SHOWN}) === '[4,5]'")
    tab.run("void (location.hash = '')")
    tab.wait_for("geontm.page.state.shown === null")


@pytest.mark.parametrize("allowed", [True, False])
def test_the_link_is_copied_or_ready_to_be_copied(tab, page, allowed):
    tab.open(page)
    write = (
        "text => { window.copied = text; return Promise.resolve(); }"
        if allowed
        else "() => Promise.reject(new Error('no'))"
    )
    tab.run(f"Object.defineProperty(navigator, 'clipboard', {{value: {{writeText: {write}}}}})")
    conditions(tab, ("is_border", "is", "true"))
    tab.run("document.querySelector('.gt-link button').click()")
    tab.wait_for("document.querySelector('.gt-link [role=status]').textContent")
    said = tab.run("document.querySelector('.gt-link [role=status]').textContent")
    if allowed:
        assert tab.run("window.copied").endswith("#f=is_border~is~true~")
        assert said == "Đã chép liên kết."
    else:
        chosen = "(field => field.value.slice(field.selectionStart, field.selectionEnd))(document.activeElement)"
        assert tab.run(chosen).endswith("#f=is_border~is~true~")
        assert "Trình duyệt không cho chép" in said
    assert tab.messages == []


def test_a_sheet_of_paper_has_map_title_legend_filter_and_no_controls(tab, page, tmp_path):
    tab.open(page)
    conditions(tab, ("is_border", "is", "true"), ("clean_water_pct", "lt", 95))
    sheet = base64.b64decode(tab.send("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])
    assert sheet.count(b"/Type /Page\n") + sheet.count(b"/Type /Page ") + sheet.count(b"/Type /Page/") == 1
    assert b"/MediaBox [0 0 841.91998 594.95996]" in sheet or b"/MediaBox [0 0 842 595]" in sheet or b"841.9" in sheet
    tab.send("Emulation.setEmulatedMedia", media="print")
    tab.send("Emulation.setDeviceMetricsOverride", width=1054, height=718, deviceScaleFactor=1, mobile=False)
    tab.run("window.dispatchEvent(new Event('beforeprint'))")
    gone = """[...document.querySelectorAll('button, input, select, summary')]
      .filter(node => node.getClientRects().length).map(node => node.className)"""
    assert tab.run(gone) == []
    face = tab.run("document.querySelector('.gt-panel').innerText").replace("\u00a0", " ")
    for text in (
        "Bộ lọc: Xã biên giới: Có VÀ Nước sạch < 95%",
        "Tỷ lệ hộ nghèo",
        "chưa có số liệu",
        "ranh giới sơ đồ",
        "abc123",
    ):
        assert text in face
    millimetre = 96 / 25.4
    assert tab.run("document.querySelector('.gt-panel').getBoundingClientRect().width") >= 76 * millimetre
    assert tab.run("document.querySelector('.gt-main').getBoundingClientRect().width") >= 180 * millimetre
    assert tab.run("geontm.map.getSize().x") == pytest.approx(198 * millimetre, abs=4)
    tab.run("window.dispatchEvent(new Event('afterprint'))")
    assert tab.run("document.querySelector('.gt-printing')") is None


def test_on_paper_a_long_panel_is_shrunk_and_not_cut(tab, page):
    tab.open(page)
    tab.run("document.querySelector('.gt-swipe-button').click()")
    rows = [("clean_water_pct", "in", 10 + k, 95) for k in range(12)]
    conditions(tab, *rows, ("province", "is", "Tỉnh Một"))
    tab.run("document.querySelector('.gt-panel').scrollTop = 50; window.dispatchEvent(new Event('beforeprint'))")
    assert float(tab.run("document.querySelector('.gt-panel').style.zoom")) < 1
    last = "document.querySelector('.gt-panel footer').getBoundingClientRect().bottom"
    assert tab.run(last) <= tab.run("document.querySelector('.gt-panel').getBoundingClientRect().bottom") + 1
    assert tab.run("document.querySelector('.gt-panel').getBoundingClientRect().width") >= 76 * 96 / 25.4
    tab.run("window.dispatchEvent(new Event('afterprint'))")
    assert tab.run("document.querySelector('.gt-panel').style.zoom") == ""


def test_the_panel_can_be_folded_away_and_back(tab, page):
    tab.open(page)
    tab.run("document.querySelector('.gt-fold').click()")
    assert tab.run("geontm.map.getSize().x") == 1366
    assert tab.run("document.querySelector('.gt-fold').getAttribute('aria-expanded')") == "false"
    tab.run("document.querySelector('.gt-fold').click()")
    assert tab.run("geontm.map.getSize().x") == 1366 - 356


@pytest.mark.parametrize("folded", [False, True])
def test_a_card_opens_beside_what_floats_over_the_left_edge(tab, page, folded):
    tab.open(page)
    if folded:
        tab.run("document.querySelector('.gt-fold').click()")
    tab.run("geontm.page.set({ unit: 0, at: geontm.map.containerPointToLatLng([30, 330]) })")
    tab.settle()
    card, *floats = tab.run("""['.gt-popup', '.gt-fold', '.gt-panel'].map((name) => {
      const { left, right, top, bottom } = document.querySelector(name).getBoundingClientRect();
      return [left, right, top, bottom];
    })""")
    assert card[0] > max(right for _, right, _, _ in floats)
    assert card[1] < 1366 - 50  # the zoom buttons


def test_the_panel_works_in_firefox_too(fox, page):
    fox.open(page)
    conditions(fox, ("clean_water_pct", "le", 80), ("province", "is", "Tỉnh Một"))
    assert fox.run(SHOWN) == [1, 2]
    fox.run("document.querySelector('.gt-table-button').click()")
    fox.run("document.querySelector('.gt-rows thead button').click()")
    assert fox.run(ROWS) == [NAMES[1], NAMES[2]]
    fox.wait_for("location.hash.startsWith('#f=clean_water_pct~le~80~,province~is~')")
    fox.run("window.dispatchEvent(new Event('beforeprint')); window.dispatchEvent(new Event('afterprint'))")
    fox.run("geontm.page.set({unit: 1, at: null})")
    assert fox.run("document.querySelector('.gt-card h2').textContent") == NAMES[1]
    assert fox.run("document.querySelector('.gt-table') !== null")
    assert fox.messages == []


def test_every_control_is_reached_with_the_tab_key(tab, page):
    tab.open(page)
    conditions(tab, ("clean_water_pct", "in", 10, 95), ("is_border", "is", "false"))
    tab.run("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    tab.run("document.querySelector('.gt-table-button').click(); geontm.page.set({unit: 1, at: null})")
    kinds = "button, select, summary, input:not([type=radio]), .leaflet-bar a, [role=button], [role=grid]"
    wanted = f"""[...document.querySelectorAll('{kinds}')]
      .filter(node => node.getClientRects().length)"""
    tab.run(f"window.wanted = {wanted}; window.met = new Set(); document.activeElement.blur()")
    for _ in range(tab.run("wanted.length") + 40):
        press(tab, "Tab", 9)
        tab.run("void met.add(document.activeElement)")
    assert tab.run("wanted.length") > 20
    assert tab.run("wanted.filter(node => !met.has(node)).map(node => node.outerHTML.slice(0, 120))") == []
    assert tab.run("[...met].some(node => node.type === 'radio')")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_axe_finds_nothing_with_every_panel_open(tab, page, width, height):
    script = axe_script()
    tab.open(page, width=width, height=height)
    conditions(tab, ("clean_water_pct", "in", 10, 95), ("is_border", "is", "false"), ("province", "is", "Tỉnh Hai"))
    tab.run("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    tab.run("document.querySelector('.gt-link button').click()")
    tab.send("Runtime.evaluate", expression=script)
    assert violations(tab) == []
    tab.run("geontm.page.set({unit: 1, at: null})")
    tab.run("document.querySelectorAll('.gt-card details').forEach(each => { each.open = true; })")
    assert violations(tab) == []
    tab.run("document.querySelector('.gt-table-button').click()")
    assert violations(tab) == []
