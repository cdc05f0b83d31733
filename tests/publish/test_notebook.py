"""Maps and tables in a notebook: what is asked for, what is told, and the page at work inside its sandbox."""

from __future__ import annotations

import re

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import geontm
from browser import inside_cell
from geontm.errors import CRSError, PublishError
from geontm.project.dictionary import read_dictionary
from geontm.publish import CommuneLayer, explore, save_excel, save_print_map, styled, table_of
from geontm.publish.frames import Look, own_map
from geontm.publish.notebook.ask import style_of
from geontm.publish.theme import theme_of
from geontm.publish.web.figure import OfflineFigure
from geontm.publish.web.layer import offline_map
from publish_samples import sample_content

FRAME = "document.querySelector('iframe')"


def squares(**columns):
    """Three squares on a row near Cao Bằng, and one without an outline; the index has a duplicate."""
    shapes = [shapely.box(106 + k * 0.1, 22, 106.1 + k * 0.1, 22.1) for k in range(3)]
    return gpd.GeoDataFrame(
        columns or {"v": [1.0, 5.0, None, 9.0]}, geometry=[*shapes, None], index=["a", "a", "b", "c"], crs=4326
    )


def theme(own):
    return theme_of(own.content, own.style, own.style.layers[0])


def test_a_column_is_shown_as_the_maps_of_the_run_show_it():
    content = sample_content()
    layer = style_of(content, "poor_household_pct").layers[0]
    known = next(each for each in content.styles["coverage"].layers if each.column == "poor_household_pct")
    assert (layer.palette, layer.method, layer.kind) == (known.palette, known.method, "choropleth")
    asked = style_of(content, "poor_household_pct", method="quantiles", classes=3).layers[0]
    assert (asked.method, asked.classes, asked.palette[0]) == ("quantiles", 3, known.palette[0])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"column": "poor_houshold_pct"}, "poor_household_pct"),
        ({"column": "Tỷ lệ hộ ngheo"}, "poor_household_pct"),
        ({"column": "population", "method": "jenks"}, "fisher_jenks"),
        ({"column": "population", "method": "law"}, "quantiles"),
        ({"column": "population", "classes": 1}, "9"),
        ({"column": "is_border", "kind": "choropleth"}, "is_border"),
    ],
)
def test_what_cannot_be_shown_is_refused_and_says_what_can(asked, message):
    with pytest.raises(PublishError) as refused:
        explore(sample_content(), **asked)
    assert message in refused.value.text("en")


def test_a_column_without_any_figure_is_refused():
    content = sample_content()
    content.wide["clean_water_pct"] = pd.array([None] * 6, dtype="Float64")
    with pytest.raises(PublishError) as refused:
        explore(content, "clean_water_pct")
    assert refused.value.message.id == "notebook.all_unknown"


def test_a_view_gives_the_same_bytes_each_time_and_saves_them(tmp_path):
    view = explore(sample_content(), "poor_household_pct")
    assert view.html == explore(sample_content(), "poor_household_pct").html
    assert view.save(tmp_path / "a.html").read_bytes() == view.html.encode("utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]
    with pytest.raises(PublishError):
        view.save(tmp_path / "a.pdf")
    with pytest.raises(PublishError):
        view.save(tmp_path / "nowhere" / "a.html")


def test_a_cell_tells_the_size_and_lets_nothing_in():
    cell = explore(sample_content(), "poor_household_pct")._repr_html_()
    assert cell.count("<iframe srcdoc=") == 1
    assert 'sandbox="allow-scripts allow-downloads"' in cell
    assert "<script" not in cell
    assert re.search(r"0,\d+ MB", cell)


def test_rows_of_any_frame_keep_their_values_whatever_their_index():
    given = squares()
    before = given.copy()
    own = own_map(given, "v", Look(classes=2, method="equal"))
    assert list(theme(own).classes) == [0, 1, -1, 1]  # 1 to 9 cut at 5
    assert list(own.content.units["commune_name"]) == ["1", "2", "3", "4"]
    assert own.content.units.geometry.isna().tolist() == [False, False, False, True]
    pd.testing.assert_frame_equal(pd.DataFrame(given), pd.DataFrame(before))
    turned = own_map(
        given.iloc[::-1].to_crs(32648).assign(n=list("dcba")), "v", Look(code="n", method="equal", classes=2)
    )
    assert dict(zip(turned.content.units.index, theme(turned).classes, strict=True)) == {
        "a": 0,
        "b": 1,
        "c": -1,
        "d": 1,
    }


def test_words_are_categories_and_nothing_infinite_is_a_figure():
    own = own_map(squares(k=["x", "y", None, "x"]), "k", Look())
    assert (theme(own).counts, theme(own).unknown) == ([2, 1], 1)
    own = own_map(squares(v=[1.0, np.inf, -np.inf, 2.0]), "v", Look())
    assert (theme(own).unknown, theme(own).note.en) == (2, "2 infinite values are shown as unknown.")
    own = own_map(squares(forest_share=[10.0, 20.0, 30.0, None]), "forest_share", Look())
    assert max(theme(own).breaks) <= 30.0  # a name that means percent elsewhere


@pytest.mark.parametrize(
    ("frame", "look", "problem"),
    [
        (squares().set_crs(None, allow_override=True), Look(), CRSError),
        (pd.DataFrame({"v": [1]}), Look(), PublishError),
        (squares().iloc[3:], Look(code="w"), PublishError),
        (squares(v=[1, 2, 3, 4], c=["p", "p", "q", "r"]), Look(code="c"), PublishError),
        (squares(v=[1, 2, 3, 4], c=["p", None, "q", "r"]), Look(code="c"), PublishError),
        (squares().set_geometry([shapely.Point(1, 1)] * 4), Look(), PublishError),
        (squares(), Look(palette="Viridis"), PublishError),
        (squares(), Look(palette=["red", "blue"]), PublishError),
        (squares(v=[None] * 4), Look(), PublishError),
    ],
)
def test_a_frame_that_cannot_be_drawn_is_refused(frame, look, problem):
    with pytest.raises(problem):
        own_map(frame, "v", look)


def test_a_table_reads_as_planners_write():
    html = table_of(
        sample_content(), ["poor_household_pct", "is_border", "population"], by="poor_household_pct"
    ).to_html()
    assert (
        html
        == table_of(
            sample_content(), ["poor_household_pct", "is_border", "population"], by="poor_household_pct"
        ).to_html()
    )
    text = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
    figures = re.findall(r">([\d.,]+|chưa có số liệu)</td>", text)
    codes = [f for f in figures if re.fullmatch(r"\d{5}", f)]
    assert codes == ["02003", "02001", "01002", "02002", "01001", "01003"]  # the poorest first, unknown last
    assert {"41,5", "33,3", "5,0", "6.000"} <= set(figures)
    assert "<script>window" not in text
    assert "&lt;script&gt;" in text
    assert "✓\u00a0Có" in text
    assert "–\u00a0Không" in text
    assert "Tỷ lệ hộ nghèo" in text
    assert "số liệu minh hoạ" in text


def test_a_long_table_says_what_it_leaves_out():
    assert "hiện 2 trong 6 dòng" in table_of(sample_content(), ["population"], rows=2).to_html()
    assert "trong 6 dòng" not in table_of(sample_content(), ["population"], rows=None).to_html()


def test_any_table_takes_labels_answers_and_bounds():
    words = read_dictionary("indicators").columns
    table = pd.DataFrame(
        {
            "poor_household_pct": pd.array([None, 1234.5], dtype="Float64"),
            "poor_household_pct_low": pd.array([2.5, None], dtype="Float64"),
            "poor_household_pct_high": pd.array([7.0, None], dtype="Float64"),
            "answer": ["met", "unknown"],
            "x<y": [None, "<b>"],
        },
        index=[7, 7],
    )
    html = styled(table, words, lang="vi").to_html()
    for text in ("2,5 – 7,0", "1.234,5", "✓\u00a0đạt", "?\u00a0chưa kết luận", "x&lt;y", "&lt;b&gt;"):
        assert text in html
    assert "poor_household_pct_low" not in html
    assert "1,234.5" in styled(table, words, lang="en").to_html()


def test_saved_files_are_whole_or_not_there(tmp_path):
    first = save_excel(sample_content(), tmp_path / "a.xlsx").read_bytes()
    assert first == save_excel(sample_content(), tmp_path / "b.xlsx").read_bytes()
    [sheet] = save_print_map(sample_content(), "poor_household_pct", tmp_path / "a.pdf")
    assert sheet.read_bytes().startswith(b"%PDF")
    with pytest.raises(PublishError):
        save_print_map(sample_content(), "poor_household_pct", tmp_path / "a.doc")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pdf", "a.xlsx", "b.xlsx"]


@pytest.mark.browser
def test_a_page_works_inside_its_cell(chromium, tab, tmp_path):
    view = geontm.explore(squares(), "v", label="Trị số", lang="vi")
    path = tmp_path / "cell.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8>{view._repr_html_()}", encoding="utf-8")
    tab.open(path, ready=FRAME)
    told = "[geontm.page.count, document.querySelector('h1').textContent, self.origin]"
    with inside_cell(chromium) as cell:
        assert cell.run(told) == [4, "Trị số", "null"]
        assert (cell.messages, cell.requests) == ([], [])
    assert tab.messages == []


@pytest.mark.browser
def test_a_frame_on_a_folium_map_keeps_what_else_is_on_it(tab, tmp_path):
    frame = offline_map()
    CommuneLayer.from_frame(squares(), "v", label="Trị số", unit="km").add_to(frame)
    folium.CircleMarker([22.05, 106.05], radius=7).add_to(frame)
    path = tmp_path / "map.html"
    path.write_text(OfflineFigure(title="x").add_child(frame).render(), encoding="utf-8")
    tab.open(path)
    assert tab.messages == []
    assert tab.run("document.querySelectorAll('.leaflet-overlay-pane path').length") == 1
    assert tab.run("geontm.page.head.texts.units.vi") == "{n} đơn vị"
    # Both archipelagos are there and have their names, though no unit is one of them.
    assert tab.run("geontm.page.head.labels.context.map(name => name.vi)") == [
        "Quần đảo Hoàng Sa",
        "Quần đảo Trường Sa",
    ]


@pytest.mark.browser
def test_a_map_elsewhere_has_no_small_map_of_vietnam(tab, tmp_path):
    away = squares().set_geometry(squares().translate(-100, 20))
    geontm.explore(away, "v", lang="en").save(tmp_path / "away.html")
    tab.open(tmp_path / "away.html")
    assert tab.messages == []
    assert tab.run("document.querySelector('.gt-locator')") is None
