"""Build the schematic layers of the working cases' own days: the units of 2017-2019 and of 2020-2024, drawn.

Usage::

    python boundaries/build_former.py [--out DIR]

Reads ``schematic-communes-2024-cases.parquet`` (June 2025), ``units-cases.parquet`` and ``succession-cases.csv`` beside
this script. A unit that still stood in June 2025 keeps its cell. Units that were joined since share the cell of the
unit in which they lie now: no open source gives them a point of their own, so their places in it are chosen by rule.
"""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from build_registers import fold, main_heirs, units_of
from build_schematic import clean_cells, write
from official_units import HERE
from power_diagram import fit_power_diagram

LATEST = "schematic-communes-2024-cases.parquet"
# Name of the layer: a day on which its units stood. The units stayed the same from 2016-12-31 to 2019-12-31, and from
# 2020-03-01 to 2024-10-31.
DAYS = {
    "schematic-communes-2018-cases.parquet": datetime.date(2018, 12, 31),
    "schematic-communes-2020-cases.parquet": datetime.date(2020, 12, 31),
}
PLACES = 900  # about so many points stand for a cell when places in it are chosen


def main() -> None:
    """Write every layer of ``DAYS``."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("--out", type=Path, default=HERE)
    given = arguments.parse_args()
    latest = gpd.read_parquet(HERE / LATEST).set_index("commune_code")
    units = pd.read_parquet(HERE / "units-cases.parquet")
    succession = pd.read_csv(HERE / "succession-cases.csv", dtype="str")
    for name, day in DAYS.items():
        then = units_of(units, day)
        write(draw_former(then, main_heirs(then.index, succession, day), latest), given.out / name)


def draw_former(units: pd.DataFrame, heirs: pd.Series, latest: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Draw the units of an earlier day inside the cells of later ones.

    Parameters
    ----------
    units : DataFrame, index ``commune_code``
        Units of the day, with districts.
    heirs : Series of str, index ``commune_code``
        The later unit of each, all of them in ``latest``.
    latest : GeoDataFrame, index ``commune_code``, EPSG:4326
        Later units with ``lon``, ``lat``, ``drawn``, ``weighted`` and cells.

    Returns
    -------
    GeoDataFrame, index ``commune_code``, EPSG:4326
        ``drawn`` is ``piece`` for a unit that shares a cell with others, and as in ``latest`` for all others. ``lon``
        and ``lat`` are the official point where the unit has one, else a point inside the piece.
    """
    if lost := sorted(set(latest.index) ^ set(heirs)):
        raise SystemExit(f"cells without a unit, or units without a cell: {lost}")
    rows = []
    for heir, codes in heirs.groupby(heirs).groups.items():
        cell = latest.loc[heir]
        shapes = (
            [cell["geometry"]] if len(codes) == 1 else cut(cell, survivor(heir, units.loc[codes], cell), list(codes))
        )
        for code, shape in zip(sorted(codes), shapes, strict=True):
            own = len(codes) == 1 or code == survivor(heir, units.loc[codes], cell)
            place = (cell["lon"], cell["lat"]) if own else shape.representative_point().coords[0]
            drawn = cell["drawn"] if len(codes) == 1 else "piece"
            rows.append((code, *np.round(place, 5), drawn, shape))
    table = pd.DataFrame(rows, columns=["commune_code", "lon", "lat", "drawn", "geometry"]).set_index("commune_code")
    shapes = clean_cells(gpd.GeoSeries(table["geometry"], crs=4326))
    frame = units.join(table[["lon", "lat", "drawn"]]).assign(weighted=False)
    return gpd.GeoDataFrame(frame, geometry=shapely.normalize(shapes.reindex(frame.index).to_numpy()), crs=4326)


def survivor(heir: str, units: pd.DataFrame, cell: pd.Series) -> str:
    """Return the unit that the later one goes on: of its name, else of its code; it has the official point."""
    named = units.index[[fold(name) == fold(cell["commune_name"]) for name in units["commune_name"]]]
    if len(named):
        return str(named[0])
    return heir if heir in units.index else str(min(units.index))


def cut(cell: pd.Series, first: str, codes: list[str]) -> list[shapely.Geometry]:
    """Cut a cell into pieces of one size, in the order of the codes: the survivor's lies at the official point."""
    # Degrees scaled, and no projection: edges stay straight, so that a piece ends on the very edge of its cell.
    scale = np.array([np.cos(np.radians(cell["geometry"].centroid.y)), 1.0])
    outline = shapely.transform(cell["geometry"], lambda degrees: degrees * scale)
    sites = _spread(outline, len(codes))
    flat, _ = fit_power_diagram(sites, np.ones(len(codes)), outline)
    pieces = shapely.transform(flat, lambda scaled: scaled / scale)
    nearest = int(np.argmin(shapely.distance(pieces, shapely.Point(cell["lon"], cell["lat"]))))
    rest = iter([piece for at, piece in enumerate(pieces) if at != nearest])
    return [pieces[nearest] if code == first else next(rest) for code in sorted(codes)]


def _spread(outline: shapely.Geometry, count: int) -> np.ndarray:
    """Spread sites over an outline: k-means over a grid of points, from a start along its longer axis."""
    step = np.sqrt(outline.area / PLACES)
    west, south, east, north = outline.bounds
    grid = np.stack(np.meshgrid(np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step)), -1)
    points = grid.reshape(-1, 2)
    points = points[shapely.contains_xy(outline, points[:, 0], points[:, 1])]
    centred = points - points.mean(axis=0)
    axis = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    along = centred @ (axis * np.sign(axis[np.argmax(np.abs(axis))]))
    sites = np.array([points[part].mean(axis=0) for part in np.array_split(np.argsort(along, kind="stable"), count)])
    for _ in range(50):
        owner = ((points[:, None] - sites[None]) ** 2).sum(axis=2).argmin(axis=1)
        sites = np.array([points[owner == at].mean(axis=0) for at in range(count)])
    # A site belongs to the outline: the grid point next to the mean.
    return np.array([points[((points - site) ** 2).sum(axis=1).argmin()] for site in sites])


if __name__ == "__main__":
    main()
