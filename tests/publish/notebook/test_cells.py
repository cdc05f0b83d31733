"""What a cell holds: under the policy of another notebook program, laid out late, not trusted, heavy."""

from __future__ import annotations

import re

import geopandas as gpd
import pytest
import shapely
from jupyter_running import inside

import geontm
from geontm.publish import MapView, explore
from geontm.publish.notebook.view import HEAVY
from publish_samples import sample_content

# What VS Code puts on the view of a notebook's outputs when `notebook.experimental.enableCsp` is set.
VS_CODE = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src https: http: data:; font-src https:; connect-src https:; child-src https: data:;"
)


def squares() -> gpd.GeoDataFrame:
    """Three squares on a row near Cao Bằng, and one without an outline."""
    shapes = [shapely.box(106 + k * 0.1, 22, 106.1 + k * 0.1, 22.1) for k in range(3)]
    return gpd.GeoDataFrame({"v": [1.0, 5.0, None, 9.0]}, geometry=[*shapes, None], crs=4326)


def page(cell: str, policy: str = "", style: str = "") -> str:
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
    return f"<!DOCTYPE html><meta charset=utf-8>{meta}<title>Cells</title><div id=cell style='{style}'>{cell}</div>"


@pytest.mark.browser
def test_a_cell_paints_under_the_policy_of_vs_code(tab, chromium, tmp_path):
    view = geontm.explore(squares(), "v", title="Ô trong VS Code", lang="vi")
    path = tmp_path / "cell.html"
    path.write_text(page(view._repr_html_(), VS_CODE), encoding="utf-8")
    tab.open(path, ready="document.querySelector('iframe')")
    with inside(chromium, "Ô trong VS Code") as frame:
        assert frame.run("geontm.page.count") == 4
        assert frame.messages == []
    assert tab.messages == []


@pytest.mark.browser
def test_a_cell_that_is_laid_out_late_paints_then(tab, chromium, tmp_path):
    view = geontm.explore(squares(), "v", title="Ô đến muộn", lang="vi")
    path = tmp_path / "late.html"
    path.write_text(page(view._repr_html_(), style="display:none"), encoding="utf-8")
    tab.open(path, ready="document.querySelector('iframe')")
    tab.run("document.getElementById('cell').style.display = 'block'")
    with inside(chromium, "Ô đến muộn") as frame:
        assert frame.run("geontm.map.getZoom()") > 5
        assert frame.messages == []


def test_a_picture_stands_in_the_cell_for_those_who_may_not_run_the_page():
    cell = explore(sample_content(), "poor_household_pct")._repr_html_()
    still = re.sub(r"<iframe.*?</iframe>", "", cell, flags=re.DOTALL)
    assert 'src="data:image/png;base64,' in still
    assert "<script" not in still
    assert "Thử &lt;b&gt;nghiệm&lt;/b&gt; 2026" in still
    for words in ("Tỷ lệ hộ nghèo", "tính đến", "số liệu minh hoạ", "chưa có số liệu", "▨"):
        assert words in still
    assert len(re.findall(r'<td bgcolor="#[0-9a-f]{6}" width', still)) >= 2
    assert still.index("<div inert") < still.index("<img")


def test_the_same_map_gives_the_same_bytes_in_a_cell():
    first, second = (explore(sample_content(), "is_border")._repr_html_() for _ in range(2))
    assert first == second


def test_a_heavy_page_says_so_in_its_cell():
    light, heavy = (MapView("x", "p" * n)._repr_html_() for n in (1000, HEAVY))
    assert ".save(" in heavy
    assert "5,0 MB" in heavy
    assert ".save(" not in light
