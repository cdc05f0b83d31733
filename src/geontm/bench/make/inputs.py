"""Writes a folder of inputs, and reads it back for a job."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geontm.bench.make.ground import DEGREE_M, Ground, heights, landcover, make_ground, open_raster
from geontm.bench.make.people import Villages, draw_population, persons_by_cell, place_villages, villages_frame
from geontm.bench.make.roads import make_roads
from geontm.bench.make.shapes import roughen
from geontm.bench.make.sites import make_facilities, make_works
from geontm.errors import SourceError
from geontm.load import BoundarySource, read_boundaries, read_register, read_schematic
from geontm.project import read_dictionary

__all__ = ["SIZES", "Inputs", "Size", "make_inputs", "read_inputs"]

MANIFEST = "manifest.json"
LAYERS = ("units", "roads", "villages", "facilities", "works")
Step = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """How much to make.

    Attributes
    ----------
    provinces : tuple of str
        Codes; none means the whole country.
    segments : int
        Road segments, exactly.
    cell_m : float
        Size of a cell; 100 m are 3 arc-seconds.
    edge_m : float
        Length of the pieces that boundaries are broken into (m); 0 leaves them as they are.
    persons : float
        Of one village, on average.
    people : int, optional
        In all, exactly.
    """

    provinces: tuple[str, ...]
    segments: int
    cell_m: float = 100.0
    edge_m: float = 130.0
    persons: float = 985.0
    people: int | None = None

    def divided(self, by: float) -> Size:
        """Return the size with so many times fewer segments, cells, vertices and villages."""
        return replace(
            self,
            segments=max(round(self.segments / by), 1),
            cell_m=self.cell_m * by**0.5,
            edge_m=self.edge_m * by,
            persons=self.persons * by,
        )


# One mountain, one island-rich and one coastal province, or the nation.
SIZES = {
    "small": Size(("04", "22", "46"), segments=40_000),
    "full": Size((), segments=1_500_000, people=102_300_000),
}


@dataclass(frozen=True)
class Inputs:
    """A folder of inputs; layers are read when they are first asked for.

    Attributes
    ----------
    folder : Path
    manifest : dict
        Size, seed, counts and totals.
    """

    folder: Path
    manifest: dict[str, Any]

    @cached_property
    def units(self) -> gpd.GeoDataFrame:
        """Communes: EPSG:4326, index ``commune_code``, with ``population``."""
        return gpd.read_parquet(self.path("units"))

    @cached_property
    def roads(self) -> gpd.GeoDataFrame:
        """Road segments: EPSG:4326, the columns that ``load`` gives."""
        return gpd.read_parquet(self.path("roads"))

    @cached_property
    def villages(self) -> gpd.GeoDataFrame:
        """Villages: points, EPSG:4326, index ``village_code``."""
        return gpd.read_parquet(self.path("villages"))

    @cached_property
    def facilities(self) -> gpd.GeoDataFrame:
        """Commune centres, schools, clinics, markets: points, EPSG:4326."""
        return gpd.read_parquet(self.path("facilities"))

    @cached_property
    def works(self) -> gpd.GeoDataFrame:
        """Water works: points, EPSG:4326."""
        return gpd.read_parquet(self.path("works"))

    def path(self, name: str) -> Path:
        """Return the file of a layer, or of ``population``, ``elevation`` or ``landcover``."""
        return self.folder / f"{name}.{'parquet' if name in LAYERS else 'tif'}"


def read_inputs(folder: Path) -> Inputs:
    """Return the inputs of a folder.

    Raises
    ------
    SourceError
        The folder has none, or they were not finished.
    """
    if not (folder / MANIFEST).is_file():
        raise SourceError("bench.no_inputs", where=folder, folder=folder)
    return Inputs(folder, json.loads((folder / MANIFEST).read_text(encoding="utf-8")))


def make_inputs(
    folder: Path, size: Size, *, boundaries: Path | None = None, seed: int = 2026, step: Step = lambda _: None
) -> Inputs:
    """Make all inputs of one size; those that stand in the folder already, made alike, are kept.

    Parameters
    ----------
    folder : Path
    size : Size
    boundaries : Path, optional
        A layer of communes, taken as it is; else the schematic layer, its edges roughened.
    seed : int
        The same seed, size and boundaries give the same values in every file.
    step : callable
        Told what is being done.
    """
    asked = {"size": asdict(size), "seed": seed, "boundaries": str(boundaries or ""), "form": 1}
    asked = json.loads(json.dumps(asked))
    if (folder / MANIFEST).is_file():
        inputs = read_inputs(folder)
        if inputs.manifest.get("asked") == asked:
            return inputs
        (folder / MANIFEST).unlink()
    folder.mkdir(parents=True, exist_ok=True)
    started = time.process_time()
    inputs = Inputs(folder, {"asked": asked})
    counts = _write(inputs, size, boundaries, seed, step)
    manifest = {"asked": asked, **counts, "cpu_seconds": round(time.process_time() - started, 1)}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return Inputs(folder, manifest)


def _write(inputs: Inputs, size: Size, boundaries: Path | None, seed: int, step: Step) -> dict[str, Any]:
    step("communes")
    units = _units(size, boundaries, seed)
    people = draw_population(units, people=size.people, seed=seed)
    units["population"] = pd.array(people.astype(np.float64), dtype="Float64")
    units.to_parquet(inputs.path("units"), compression="zstd")
    step("cells")
    ground = make_ground(units.geometry.to_numpy(), size.cell_m)
    height = _write_ground(inputs, ground, seed)
    step("people")
    villages = place_villages(ground, height, people, persons=size.persons, seed=seed)
    del height
    codes = units.index.to_numpy(dtype=np.str_)
    villages_frame(villages, codes, seed).to_parquet(inputs.path("villages"), compression="zstd")
    facilities, works = make_facilities(villages, seed), make_works(villages, people, seed)
    facilities.to_parquet(inputs.path("facilities"), compression="zstd")
    works.to_parquet(inputs.path("works"), compression="zstd")
    inhabited = _write_people(inputs, ground, villages, people, seed)
    step("roads")
    roads = make_roads(ground, villages, segments=size.segments, seed=seed)
    roads.to_parquet(inputs.path("roads"), compression="zstd", write_covering_bbox=True, row_group_size=50_000)
    return {
        "communes": len(units),
        "provinces": int(units["province_code"].nunique()),
        "vertices": int(shapely.get_num_coordinates(units.geometry.to_numpy()).sum()),
        "land_cells": int(sum((owner >= 0).sum() for owner in ground.owner)),
        "inhabited_cells": inhabited,
        "people": int(people.sum()),
        "villages": len(villages.lon),
        "facilities": len(facilities),
        "works": len(works),
        "segments": len(roads),
    }


def _units(size: Size, boundaries: Path | None, seed: int) -> gpd.GeoDataFrame:
    if boundaries is not None:
        units = _given(boundaries)
        chosen = units["province_code"].isin(size.provinces) if size.provinces else np.ones(len(units), dtype=bool)
        units = units[chosen]
        if units.empty:
            raise SourceError("bench.no_communes", where=boundaries, codes=", ".join(size.provinces))
        return units
    units = read_schematic(size.provinces)
    if size.edge_m:
        step = size.edge_m / DEGREE_M
        units = units.set_geometry(roughen(units.geometry.to_numpy(), step=step, seed=seed), crs=units.crs)
    return units[["commune_name", "kind", "province_code", "province_name", "area_km2", "geometry"]].copy()


def _given(path: Path) -> gpd.GeoDataFrame:
    """Read a layer of communes as a project would."""
    units = read_boundaries(
        BoundarySource(path), identifiers=read_dictionary("communes"), register=read_register("2025")
    ).units
    told = ("commune_name", "kind", "province_code", "province_name", "area_km2")
    kept = [name for name in told if name in units]
    return units.loc[units.geometry.notna(), [*kept, "geometry"]].sort_index().copy()


def _write_ground(inputs: Inputs, ground: Ground, seed: int) -> list[NDArray[np.int16]]:
    """Write heights and land cover; return the heights."""
    height = []
    with (
        open_raster(inputs.path("elevation"), ground.grid, "int16", -32768) as dem,
        open_raster(inputs.path("landcover"), ground.grid, "uint8", 0) as cover,
    ):
        for tile in ground.tiles:
            metres = heights(ground.grid, tile, seed)
            place = ((tile.row, tile.row + tile.rows), (tile.col, tile.col + tile.cols))
            dem.write(metres, 1, window=place)
            cover.write(landcover(metres, tile, seed), 1, window=place)
            height.append(metres)
    return height


def _write_people(inputs: Inputs, ground: Ground, villages: Villages, people: NDArray[np.int64], seed: int) -> int:
    """Write persons by cell; return how many cells have any."""
    cells, sums = persons_by_cell(ground, villages, seed=seed)
    if not np.array_equal(sums, people):
        raise AssertionError("the cells do not hold the persons of their communes")
    with open_raster(inputs.path("population"), ground.grid, "int32", -1) as raster:
        for tile, owner, persons in zip(ground.tiles, ground.owner, cells, strict=True):
            place = ((tile.row, tile.row + tile.rows), (tile.col, tile.col + tile.cols))
            raster.write(np.where(owner >= 0, persons, -1), 1, window=place)
    return int(sum((each > 0).sum() for each in cells))
