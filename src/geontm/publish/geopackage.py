"""``result.gpkg``: the communes with their styles inside, so that QGIS opens them coloured."""

from __future__ import annotations

import contextlib
import io
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import pyogrio

from geontm.messages import say
from geontm.publish.content import Content, communes_table
from geontm.publish.offered import column_of, layers_with_data
from geontm.publish.payload import legend_of, plain_values
from geontm.publish.styles import LayerStyle, MapStyle

__all__ = ["qml", "write_geopackage"]

LAYER = "communes"
_NO_DATA = "#9a978f"
_STYLES = """
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""


def write_geopackage(content: Content, path: Path, *, maps: Sequence[MapStyle]) -> Path:
    """Write the communes as one layer with a style for each layer of the maps; the first is the default.

    Parameters
    ----------
    content : Content
    path : Path
    maps : sequence of MapStyle
        Maps of the run, in order.
    """
    day = f"{content.as_of.isoformat()}T00:00:00.000Z"
    table = communes_table(content)
    shapes = content.units.geometry.reindex(table["commune_code"])
    frame = gpd.GeoDataFrame(table, geometry=shapes.to_numpy(), crs="EPSG:4326")
    points = _points(content)
    with _fixed_date(day):
        package = _one_layer(frame) if points is None else _two_layers(frame, points)
    path.write_bytes(_with_styles(content, package, maps, day))
    return path


_OPTIONS = {"GEOMETRY_NAME": "geom", "FID": "fid"}


def _one_layer(communes: gpd.GeoDataFrame) -> bytes:
    """Make the package in memory, to be written at once: a full disk then says so as any other file does."""
    made = io.BytesIO()
    _write_communes(communes, made)
    return made.getvalue()


def _two_layers(communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> bytes:
    """Make a package with the villages as points; a second layer can be put into a file only."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "result.gpkg"
        _write_communes(communes, made)
        pyogrio.write_dataframe(
            villages, made, layer="villages", driver="GPKG", geometry_type="Point", append=True, layer_options=_OPTIONS
        )
        return made.read_bytes()


def _write_communes(frame: gpd.GeoDataFrame, made: Any) -> None:
    pyogrio.write_dataframe(
        frame,
        made,
        layer=LAYER,
        driver="GPKG",
        geometry_type="MultiPolygon",
        promote_to_multi=True,
        use_arrow=True,
        layer_options=_OPTIONS,
    )


def _points(content: Content) -> gpd.GeoDataFrame | None:
    """Return the villages that have a point; None where none has."""
    villages = content.more.get("villages")
    if villages is None or not {"lon", "lat"} <= set(villages):
        return None
    placed = villages[villages["lon"].notna() & villages["lat"].notna()].reset_index(drop=True)
    if placed.empty:
        return None
    shapes = gpd.points_from_xy(placed["lon"].astype("float64"), placed["lat"].astype("float64"))
    return gpd.GeoDataFrame(placed.drop(columns=["lon", "lat"]), geometry=shapes, crs="EPSG:4326")


def qml(content: Content, layer: LayerStyle) -> str:
    """Return the QGIS style of one layer: a rule per class or category, and a hatch for unknown."""
    legend = legend_of(content, layer, plain_values(content.wide[layer.column]))
    root = ElementTree.Element("qgis", version="3.28.0", styleCategories="Symbology")
    renderer = ElementTree.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0", forceraster="0")
    rules = ElementTree.SubElement(renderer, "rules", key="root")
    symbols = ElementTree.SubElement(renderer, "symbols")
    for number, (label, test, colour) in enumerate(_rules(content, layer, legend)):
        ElementTree.SubElement(rules, "rule", key=f"r{number}", symbol=str(number), label=label, filter=test)
        _symbol(symbols, number, colour)
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + ElementTree.tostring(root, encoding="unicode")


def _rules(content: Content, layer: LayerStyle, legend: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """Give label, filter expression and colour of each rule."""
    name, lang = '"' + layer.column.replace('"', '""') + '"', content.lang
    unknown = (say("publish.page_no_data", lang), f"{name} IS NULL", None)
    column = column_of(content, layer.column)
    if layer.kind == "category":
        quoted = column.type in ("text", "category")
        found: list[tuple[str, str, str | None]] = []
        for category in legend["categories"]:
            value = category["value"].replace("'", "''")
            found.append(
                (category["label"][lang], f"{name} = " + (f"'{value}'" if quoted else value), category["colour"])
            )
        return [*found, unknown]
    cuts, found = legend["breaks"], []
    for k, colour in enumerate(legend["colours"]):
        low, high = (cuts[k - 1] if k else None), (cuts[k] if k < len(cuts) else None)
        tests = [f"{name} IS NOT NULL"]
        tests += [f"{name} >= {low:.12g}"] if low is not None else []
        tests += [f"{name} < {high:.12g}"] if high is not None else []
        low_text, high_text = (_number(bound, lang) for bound in (low, high))
        label = f"≥ {low_text}" if high is None else f"< {high_text}" if low is None else f"{low_text} – < {high_text}"
        found.append((label if cuts else column.label[lang], " AND ".join(tests), colour))
    return [*found, unknown]


def _number(value: float | None, lang: str) -> str:
    text = "" if value is None else f"{value:.12g}"
    return text.replace(".", ",") if lang == "vi" else text


def _symbol(symbols: ElementTree.Element, number: int, colour: str | None) -> None:
    symbol = ElementTree.SubElement(symbols, "symbol", type="fill", name=str(number), alpha="1", clip_to_extent="1")
    outline = {"outline_color": "110,106,100,255", "outline_style": "solid", "outline_width": "0.12",
               "outline_width_unit": "MM"}  # fmt: skip
    layer = ElementTree.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"})
    fill = {"color": _rgb(colour or _NO_DATA), "style": "solid" if colour else "b_diagonal", **outline}
    options = ElementTree.SubElement(layer, "Option", type="Map")
    for key, value in sorted(fill.items()):
        ElementTree.SubElement(options, "Option", type="QString", name=key, value=value)


def _rgb(colour: str) -> str:
    return ",".join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5)) + ",255"


def _with_styles(content: Content, package: bytes, maps: Sequence[MapStyle], day: str) -> bytes:
    layers = {layer.column: layer for style in reversed(maps) for layer in reversed(layers_with_data(content, style))}
    layers = dict(reversed(layers.items()))
    if not layers:
        return package
    with contextlib.closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(package)
        base.execute(_STYLES)
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)"
            " VALUES (?, ?, ?, ?, ?)",
            ("layer_styles", "attributes", "layer_styles", "", day),
        )
        for number, (name, layer) in enumerate(layers.items()):
            base.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
                " styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)"
                " VALUES ('', '', ?, 'geom', ?, ?, '', ?, ?, '', NULL, ?)",
                (LAYER, name[:30], qml(content, layer), int(number == 0), _described(content, name), day),
            )
        base.commit()
        return base.serialize()


def _described(content: Content, name: str) -> str:
    return column_of(content, name).label[content.lang]


@contextlib.contextmanager
def _fixed_date(day: str) -> Iterator[None]:
    """Have GDAL write ``day`` instead of the clock."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": day})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
