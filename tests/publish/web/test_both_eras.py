"""Two eras on one page: common classes, a switch that changes everything, and a link that shows the same again."""

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geontm.errors import PublishError
from geontm.publish import map_html
from geontm.publish.content import RuleSetNote
from geontm.publish.theme import plain_values
from geontm.publish.web.eras import join_heads, themes_of_both
from geontm.tables import Label
from publish_samples import CODES, sample_content

STYLE = "coverage"
EIGHT = (
    *("poor_household_pct", "near_poor_household_pct", "clean_water_pct", "hygienic_water_pct", "hardened_road_pct"),
    *("grid_electricity_pct", "ethnic_minority_household_pct", "internet_household_pct"),
)
SHOWN = """(() => {
  const { page } = geontm;
  const cells = [...document.querySelectorAll('.gt-legend .gt-count')];
  const legend = cells.map((cell) => +cell.textContent.replace('.', ''));
  return { names: page.head.units.name, counts: legend, layer: page.layer.key, breaks: page.layer.breaks,
    title: document.querySelector('.gt-sub').textContent, frames: document.querySelectorAll('.gt-page').length,
    maps: document.querySelectorAll('.leaflet-map-pane').length, hash: location.hash,
    pressed: document.querySelector('.gt-eras [aria-pressed=true]').textContent,
    focus: document.activeElement.textContent, zoom: geontm.map.getZoom(),
    inside: page.ground.coverage.at(page.ground.place(0), 0) };
})()"""
PRESS = "document.querySelectorAll('.gt-eras button')[%d].click()"


def now_content():
    content = sample_content()
    return replace(content, indicators=content.indicators.iloc[:0])


def former_content():
    """Every square in two halves, the western one under the code that is the whole square's afterwards."""
    now = now_content()
    parts = []
    for k, side in enumerate(("tây", "đông")):
        shapes = [
            None
            if shape is None
            else shapely.box(x := shape.bounds[0] + 0.05 * k, shape.bounds[1], x + 0.05, shape.bounds[3])
            for shape in now.units.geometry
        ]
        index = pd.Index([f"{code[0]}{code[1:]}" if k == 0 else f"9{code[1:]}" for code in CODES], name="commune_code")
        units = now.units.set_geometry(shapes, crs=now.units.crs).set_axis(index)
        parts.append(units.assign(commune_name=[f"Xã cũ phía {side} {n}" for n in range(6)]))
    units = pd.concat(parts)
    wide = pd.concat([now.wide.set_axis(part.index) for part in parts])
    wide["poor_household_pct"] = pd.array(np.linspace(35, 90, 12), dtype="Float64")
    return replace(now, units=units, wide=wide, as_of=date(2024, 12, 31), verdicts=now.verdicts.iloc[:0])


def test_both_eras_have_the_same_bounds_each_its_own_figures():
    now, then = now_content(), former_content()
    for one, other in zip(*themes_of_both(now, then, now.styles[STYLE]), strict=True):
        assert (one.style, one.breaks, one.below, one.colours) == (
            other.style,
            other.breaks,
            other.below,
            other.colours,
        )
        assert len(one.classes) == 6
        assert len(other.classes) == 12
    mine, theirs = (
        next(theme for theme in themes if theme.style.column == "poor_household_pct")
        for themes in themes_of_both(now, then, now.styles[STYLE])
    )
    assert plain_values(vars(mine)["values"]) == [5, 20, None, 33.3, 20, 41.5]
    assert plain_values(vars(theirs)["values"]) == np.linspace(35, 90, 12).tolist()
    assert mine.unknown == 1
    # 41,5 % now and 40 % then are in the class of 90 %, or above 35 %: the largest of now is not the darkest of all.
    assert mine.classes.max() < theirs.classes.max()
    assert theirs.classes.min() > mine.classes.min()


def test_a_layer_that_one_era_lacks_is_not_among_its_own():
    now, then = now_content(), former_content()
    then = replace(then, wide=then.wide.drop(columns="clean_water_pct"))
    one, other = (
        {theme.style.column for theme in themes} for themes in themes_of_both(now, then, now.styles["coverage"])
    )
    assert "clean_water_pct" in one
    assert "clean_water_pct" not in other


@pytest.mark.parametrize(
    ("then", "now", "boundaries", "day"),
    [
        ("2024-12-31", "2026-06-30", "2026-04-30", "2025-07-01"),  # a layer of today, some time after the reform
        ("2018-12-31", "2023-12-31", "2020-02-11", "2020-02-11"),
        ("2018-12-31", "2023-12-31", None, "2025-07-01"),
    ],
)
def test_the_switch_names_the_day_that_parts_both_eras(then, now, boundaries, day):
    heads = [{"page": {"as_of": each, "boundary_date": boundaries}, "layers": []} for each in (now, then)]
    assert join_heads(heads[0], heads[1], 7)["reform"] == day


def test_each_era_names_the_documents_of_its_own_time():
    """Only the former run has a rule set for the column: its law is not that of the present one, nor are its words."""
    now, then = now_content(), former_content()
    rows = pd.DataFrame({"commune_code": list(then.wide.index), "ruleset": "own", "test": "own", "answer": "met"})
    note = RuleSetNote("own", Label("Bộ riêng", "Own set"), "1/2010/QĐ", columns=("clean_water_pct",))
    then = replace(then, verdicts=rows.assign(article="1/2010/QĐ"), rulesets=(note,))
    one, other = (
        next(each for each in themes if each.style.column == "clean_water_pct")
        for themes in themes_of_both(now, then, now.styles[STYLE])
    )
    assert (one.basis, one.missing.vi) == ((), "chưa có số liệu")
    assert (other.basis, other.missing.vi) == (("1/2010/QĐ",), "chưa kết luận")


def test_bounds_common_to_both_eras_are_told_of_classes_only():
    line = {"vi": "Căn cứ: 34/2014/NĐ-CP.", "en": "By 34/2014/NĐ-CP."}
    layers = [{"kind": kind, "lines": [line]} for kind in ("category", "choropleth")]
    heads = [{"page": {"as_of": "2026-01-01", "boundary_date": None}, "layers": layers} for _ in range(2)]
    assert [len(each["lines"]) for each in join_heads(*heads, 7)["layers"]] == [1, 2]


def test_a_map_without_figures_in_one_era_is_refused():
    now, then = now_content(), former_content()
    for one, other in ((replace(now, wide=now.wide[[]]), None), (now, replace(then, wide=then.wide[[]]))):
        with pytest.raises(PublishError) as refused:
            map_html(one, STYLE, former=other)
        assert refused.value.message.id == "publish.map_without_data"


def test_both_eras_give_the_same_bytes_in_any_order_of_rows():
    now, then = now_content(), former_content()
    mixed = replace(then, units=then.units.iloc[::-1], wide=then.wide.sample(frac=1, random_state=1))
    assert map_html(now, STYLE, former=then) == map_html(now, STYLE, former=mixed)


@pytest.mark.browser
def test_the_switch_changes_units_legend_and_search_and_keeps_layer_and_view(tab, tmp_path):
    path = tmp_path / "both.html"
    path.write_text(map_html(now_content(), STYLE, former=former_content()), encoding="utf-8")
    tab.open(path)
    first = tab.run(SHOWN)
    assert len(first["names"]) == 6
    tab.run("geontm.page.set({ layer: geontm.page.head.layers.findIndex((each) => each.key === 'clean_water_pct') })")
    tab.run("void geontm.map.setZoom(10.5, { animate: false })")
    before = tab.run(SHOWN)
    assert sum(before["counts"]) == 6
    tab.run(PRESS % 0)
    tab.wait_for("geontm.page.head.units.code.length === 12")
    then = tab.run(SHOWN)
    assert (then["layer"], then["breaks"], then["zoom"]) == (before["layer"], before["breaks"], 10.5)
    assert sum(then["counts"]) == 12
    assert then["counts"] != before["counts"]
    assert (then["frames"], then["maps"]) == (1, 1)
    assert then["pressed"] == then["focus"] == "Trước 01/7/2025"
    assert then["inside"] == 0
    assert "12" in then["title"]
    tab.run(
        "(() => { const input = document.querySelector('.gt-search input'); input.value = 'phia dong';"
        " input.dispatchEvent(new Event('input', { bubbles: true })); })()"
    )
    assert tab.run("document.querySelectorAll('#gt-found li').length") == 6
    tab.wait_for("location.hash.includes('e=1')")
    linked = tab.run("location.hash")
    tab.run(PRESS % 1)
    back = tab.run(SHOWN)
    assert (back["names"], back["counts"], back["layer"]) == (first["names"], before["counts"], before["layer"])
    assert back["zoom"] == 10.5
    tab.wait_for("!location.hash.includes('e=1')")
    tab.run(f"location.hash = {linked!r}")
    tab.wait_for("geontm.page.head.units.code.length === 12")
    assert tab.run(SHOWN)["layer"] == before["layer"]
    assert tab.messages == []
    assert [url for url in tab.requests if not url.startswith("file:")] == []


@pytest.mark.browser
def test_a_page_of_one_era_has_no_switch(tab, tmp_path):
    path = tmp_path / "one.html"
    path.write_text(map_html(now_content(), STYLE), encoding="utf-8")
    tab.open(path)
    assert tab.run("document.querySelectorAll('.gt-eras').length") == 0


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.browser
def test_the_whole_country_before_and_after_the_reform_fits_one_file(shared_data, tab, tmp_path):
    both = []
    for year in (2025, 2024):
        layer = gpd.read_parquet(shared_data / "data" / f"communes_{year}.parquet")
        unnamed = pd.Series([f"?{n}" for n in range(len(layer))], index=layer.index)  # 522 have no code
        layer["code"] = layer["code"].fillna(unnamed)
        units = layer.rename(columns={"code": "commune_code", "name": "commune_name"}).set_index("commune_code")
        random = np.random.default_rng(3)
        wide = pd.DataFrame(
            {name: pd.array(random.uniform(0, 100, len(units)).round(1), dtype="Float64") for name in EIGHT},
            index=units.index,
        )
        content = now_content()
        both.append(replace(content, units=units, wide=wide, verdicts=content.verdicts.iloc[:0]))
    path = tmp_path / "both.html"
    path.write_text(map_html(both[0], STYLE, former=both[1]), encoding="utf-8")
    assert path.stat().st_size <= 3_500_000
    tab.open(path)
    for button, count in ((0, 10_526), (1, 3_321), (0, 10_526)):
        tab.run(PRESS % button)
        tab.wait_for(f"geontm.page.head.units.code.length === {count}")
        assert sum(tab.run(SHOWN)["counts"]) == count
    assert tab.messages == []
