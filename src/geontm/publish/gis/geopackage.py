"""``result.gpkg``: communes, villages, roads and works with their styles inside, so that QGIS opens them coloured."""

from __future__ import annotations

import contextlib
import io
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio

from geontm.publish.content import Content, communes_table
from geontm.publish.gis.qgis import ground_qml, qml, theme_qml
from geontm.publish.offered import layers_with_data
from geontm.publish.styles import MapStyle
from geontm.publish.theme import theme_of

__all__ = ["qml", "write_geopackage"]

LAYER = "communes"
VILLAGES = "villages"
_GEOMETRY = {"area": "MultiPolygon", "line": "MultiLineString", "point": "Point"}
_OPTIONS = {"GEOMETRY_NAME": "geom", "FID": "fid"}
_STYLES = """
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""


def write_geopackage(content: Content, path: Path, *, maps: Sequence[MapStyle]) -> Path:
    """Write the communes with a style for each layer of the maps, the first as default, and the layers on the ground.

    Parameters
    ----------
    content : Content
        ``layers`` are written as they come; a layer without a style in ``ground_styles`` is left to QGIS.
    path : Path
    maps : sequence of MapStyle
        Maps of the run, in order.
    """
    day = f"{content.as_of.isoformat()}T00:00:00.000Z"
    table = communes_table(content)
    shapes = content.units.geometry.reindex(table["commune_code"])
    frame = gpd.GeoDataFrame(table, geometry=shapes.to_numpy(), crs="EPSG:4326")
    ground = _on_the_ground(content)
    with _fixed_date(day):
        package = _several_layers(content, frame, ground) if ground else _one_layer(frame)
    path.write_bytes(_with_styles(content, package, maps, ground, day))
    return path


def _on_the_ground(content: Content) -> dict[str, gpd.GeoDataFrame]:
    """Gather villages, roads and works that there are."""
    villages = _points(content)
    layers = {} if villages is None else {VILLAGES: villages}
    return layers | {name: frame for name, frame in content.layers.items() if len(frame)}


def _points(content: Content) -> gpd.GeoDataFrame | None:
    """Return the villages that have a point; None where none has."""
    villages = content.more.get(VILLAGES)
    if villages is None or not {"lon", "lat"} <= set(villages):
        return None
    placed = villages[villages["lon"].notna() & villages["lat"].notna()].reset_index(drop=True)
    if placed.empty:
        return None
    shapes = gpd.points_from_xy(placed["lon"].astype("float64"), placed["lat"].astype("float64"))
    return gpd.GeoDataFrame(placed.drop(columns=["lon", "lat"]), geometry=shapes, crs="EPSG:4326")


def _one_layer(communes: gpd.GeoDataFrame) -> bytes:
    """Make the package in memory, to be written at once: a full disk then says so as any other file does."""
    made = io.BytesIO()
    _write(communes, made, LAYER, "MultiPolygon")
    return made.getvalue()


def _several_layers(content: Content, communes: gpd.GeoDataFrame, ground: Mapping[str, gpd.GeoDataFrame]) -> bytes:
    """Make a package of several layers; a second layer can be put into a file only."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "result.gpkg"
        _write(communes, made, LAYER, "MultiPolygon")
        for name, frame in ground.items():
            style = content.ground_styles.get(name)
            _write(frame, made, name, _GEOMETRY[style.kind] if style else None, append=True)
        return made.read_bytes()


def _write(frame: gpd.GeoDataFrame, made: Any, layer: str, shapes: str | None, *, append: bool = False) -> None:
    pyogrio.write_dataframe(
        frame,
        made,
        layer=layer,
        driver="GPKG",
        geometry_type=shapes,
        promote_to_multi=shapes is not None and shapes.startswith("Multi"),
        use_arrow=not append,
        append=append,
        layer_options=_OPTIONS,
    )


def _with_styles(
    content: Content,
    package: bytes,
    maps: Sequence[MapStyle],
    ground: Mapping[str, gpd.GeoDataFrame],
    day: str,
) -> bytes:
    rows = [*_commune_styles(content, maps), *_ground_styles(content, ground)]
    if not rows:
        return package
    with contextlib.closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(package)
        base.execute(_STYLES)
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)"
            " VALUES (?, ?, ?, ?, ?)",
            ("layer_styles", "attributes", "layer_styles", "", day),
        )
        base.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)"
            " VALUES ('', '', ?, 'geom', ?, ?, '', ?, ?, '', NULL, ?)",
            [(*row, day) for row in rows],
        )
        base.commit()
        return base.serialize()


_StyleRow = tuple[str, str, str, int, str]


def _commune_styles(content: Content, maps: Sequence[MapStyle]) -> Iterator[_StyleRow]:
    """Give a style for each layer of the maps: layer, name, QML, whether it is the default, description."""
    layers = {
        layer.name: (style, layer) for style in reversed(maps) for layer in reversed(layers_with_data(content, style))
    }
    for number, (name, (style, layer)) in enumerate(reversed(layers.items())):
        theme = theme_of(content, style, layer)
        yield LAYER, name[:30], theme_qml(content, theme), int(number == 0), theme.label[content.lang]


def _ground_styles(content: Content, ground: Mapping[str, gpd.GeoDataFrame]) -> Iterator[_StyleRow]:
    for name in ground:
        style = content.ground_styles.get(name)
        if style is not None:
            yield name, name, ground_qml(style, content.lang), 1, style.label[content.lang]


@contextlib.contextmanager
def _fixed_date(day: str) -> Iterator[None]:
    """Have GDAL write ``day`` instead of the clock."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": day})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
