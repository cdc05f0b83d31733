"""Communes as a layer of somebody's folium map, beside tiles, other layers and a layer control."""

from __future__ import annotations

import re
from pathlib import Path

import folium
import geopandas as gpd
import pytest
import shapely

from geontm.errors import PublishError
from geontm.publish import CommuneLayer, OfflineFigure, offline_map

TILES = "https://tile.openstreetmap.org/"
HEADINGS = "[...document.querySelectorAll('.gt-panel h1')].map((node) => node.textContent)"
BOXES = "[...document.querySelectorAll('.leaflet-control-layers-overlays input')]"


def squares(column: str, values: list, *, north: float = 0.0) -> gpd.GeoDataFrame:
    """Three squares on a row near Cao Bằng."""
    shapes = [shapely.box(106 + k * 0.1, 22 + north, 106.1 + k * 0.1, 22.1 + north) for k in range(3)]
    return gpd.GeoDataFrame({column: values}, geometry=shapes, crs=4326)


def two_layers(tiles: bool = False) -> folium.Map:
    frame = offline_map()
    if tiles:
        folium.TileLayer("OpenStreetMap").add_to(frame)
    CommuneLayer.from_frame(squares("v", [1.0, 5.0, None]), "v", title="Lớp <i>A</i>", opacity=0.6).add_to(frame)
    CommuneLayer.from_frame(squares("w", ["x", "y", "x"], north=0.05), "w", title="Lớp B").add_to(frame)
    zone = shapely.box(106.02, 22.01, 106.08, 22.04)
    folium.GeoJson(zone.__geo_interface__, name="Vùng", popup=folium.Popup("của riêng")).add_to(frame)
    folium.LayerControl(collapsed=False).add_to(frame)
    return frame


def page(frame: folium.Map, path: Path, **options) -> Path:
    path.write_text(OfflineFigure(title="Thử", **options).add_child(frame).render(), encoding="utf-8")
    return path


def view(tab) -> list[float]:
    """West, south, east, north of what is in view."""
    return tab.run("((b) => [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()])(geontm.map.getBounds())")


def test_an_opacity_is_from_0_to_1():
    for wrong in (-0.1, 1.5, "half", True):
        with pytest.raises(PublishError):
            CommuneLayer.from_frame(squares("v", [1, 2, 3]), "v", opacity=wrong)


def test_tiles_need_leave_and_come_from_their_server_alone():
    with pytest.raises(PublishError) as refused:
        OfflineFigure(title="x").add_child(two_layers(tiles=True)).render()
    assert TILES in refused.value.text("en")
    html = OfflineFigure(title="x", tiles=True).add_child(two_layers(tiles=True)).render()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert "img-src data: blob: https://tile.openstreetmap.org;" in policy
    assert policy.count("http") == 1
    frame = offline_map()
    folium.TileLayer("https://{s}.example.org/{z}/{x}/{y}.png", attr="x").add_to(frame)
    assert "https://*.example.org;" in OfflineFigure(title="x", tiles=True).add_child(frame).render()
    for bad in ("javascript:alert(1)//{z}", "https://a b;script-src */{z}", "file:///etc/{z}"):
        frame = offline_map()
        folium.TileLayer(bad, attr="x").add_to(frame)
        with pytest.raises(PublishError):
            OfflineFigure(title="x", tiles=True).add_child(frame).render()


def test_a_layer_tells_folium_its_bounds_and_the_same_map_gives_the_same_bytes():
    south_west, north_east = two_layers().get_bounds()
    assert south_west == pytest.approx([22, 106], abs=1e-3)
    assert north_east == pytest.approx([22.15, 106.3], abs=1e-3)
    first, second = (OfflineFigure(title="x").add_child(two_layers()).render() for _ in range(2))
    assert first == second


@pytest.mark.browser
def test_two_layers_take_turns_on_one_map(tab, tmp_path):
    tab.open(page(two_layers(), tmp_path / "two.html"))
    tab.wait_for(f"{HEADINGS}.join() === 'Lớp B'")  # the one added last has the panel
    assert tab.run("document.querySelectorAll('.gt-page').length") == 1
    assert tab.run(f"{BOXES}.map((box) => box.nextElementSibling.textContent.trim())") == [
        "Lớp <i>A</i>",
        "Lớp B",
        "Vùng",
    ]
    west, south, east, north = view(tab)
    assert west <= 106 and south <= 22 and east >= 106.3 and north >= 22.15
    tab.run(f"{BOXES}[1].click()")
    tab.wait_for(f"{HEADINGS}.join() === 'Lớp <i>A</i>'")
    assert tab.run("geontm.page.panel.style.getPropertyValue('--gt-opacity')") == "0.6"
    assert tab.run(
        "[...document.querySelectorAll('.leaflet-gt-units-pane')].map((pane) => getComputedStyle(pane).display)"
    ) == [
        "block",
        "none",
    ]
    tab.run(f"{BOXES}[0].click()")
    tab.wait_for(f"!{HEADINGS}.length")
    assert tab.run("document.querySelectorAll('.leaflet-overlay-pane path').length") == 1
    tab.run(f"{BOXES}[1].click()")
    tab.wait_for(f"{HEADINGS}.join() === 'Lớp B'")
    assert tab.messages == []
    assert [each for each in tab.requests if not each.startswith("file:")] == []


@pytest.mark.browser
def test_what_stands_above_the_communes_is_asked_first(tab, tmp_path):
    tab.open(page(two_layers(), tmp_path / "above.html"))
    tab.wait_for(f"{HEADINGS}.join() === 'Lớp B'")

    def at(lat: float, lng: float) -> list[float]:
        box = "geontm.map.getContainer().getBoundingClientRect()"
        point = f"geontm.map.latLngToContainerPoint([{lat}, {lng}])"
        return tab.run(f"[{box}.left + {point}.x, {box}.top + {point}.y]")

    tab.click(*at(22.02, 106.05))  # on the zone, above the communes
    tab.wait_for("document.querySelector('.leaflet-popup-content')?.textContent.includes('của riêng')")
    assert tab.run("geontm.page.state.unit") is None
    tab.click(*at(22.12, 106.25))
    tab.wait_for("document.querySelector('.gt-card')")
    assert tab.run("geontm.page.state.unit") == 2
    assert tab.messages == []


@pytest.mark.browser
def test_a_map_that_was_told_where_to_look_looks_there(tab, tmp_path):
    told = offline_map()
    told.location = [21.0, 105.8]
    CommuneLayer.from_frame(squares("v", [1, 2, 3]), "v").add_to(told)
    tab.open(page(told, tmp_path / "told.html"))
    tab.wait_for(f"{HEADINGS}.length === 1 && Math.abs(geontm.map.getCenter().lat - 21) < 0.01")
    fitted = offline_map()
    CommuneLayer.from_frame(squares("v", [1, 2, 3]), "v").add_to(fitted)
    fitted.fit_bounds([[22.0, 106.0], [22.1, 106.1]])
    tab.open(page(fitted, tmp_path / "fitted.html"))
    tab.wait_for(f"{HEADINGS}.length === 1 && geontm.map.getCenter().lng < 106.1")
    _, south, _, north = view(tab)
    assert south <= 22.0 <= 22.1 <= north <= 22.3


@pytest.mark.browser
def test_only_tiles_that_were_asked_are_fetched_and_their_maker_is_named(tab, tmp_path):
    tab.open(page(two_layers(tiles=True), tmp_path / "tiles.html", tiles=True))
    tab.wait_for(f"{HEADINGS}.length === 1")
    away = [each for each in tab.requests if not each.startswith("file:")]
    assert away
    assert [each for each in away if not each.startswith(TILES)] == []
    assert "OpenStreetMap" in tab.run("document.querySelector('.leaflet-control-attribution').textContent")
    # Without the network the communes stand all the same.
    assert tab.run("geontm.page.count") == 3
    assert {each for each in tab.messages if "ERR_INTERNET_DISCONNECTED" not in each} == set()
