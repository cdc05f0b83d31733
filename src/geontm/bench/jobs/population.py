"""Persons of a raster by commune, beside exactextract and rasterstats."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import mapping

from geontm.bench.job import Job, Peer, Tolerance
from geontm.bench.jobs.parts import Province, by_province, stacked
from geontm.bench.make import Inputs
from geontm.cover import measure_population
from geontm.load import open_raster

__all__ = ["JOB", "exact_by_unit"]

COLUMN = "population_on_map"


def _load(inputs: Inputs) -> list[Province]:
    return list(by_province(inputs))


def _ours(provinces: list[Province]) -> pd.DataFrame:
    with open_raster(provinces[0].folder / "population.tif", kind="population") as raster:
        return stacked(provinces, lambda province: measure_population(province.units, raster).table[[COLUMN]])


def _exactextract(provinces: list[Province]) -> pd.DataFrame:
    path = str(provinces[0].folder / "population.tif")
    return stacked(provinces, lambda province: exact_by_unit(path, province.units, {COLUMN: "sum"}))


def exact_by_unit(path: str, units: gpd.GeoDataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """Run exactextract; it gives up on few valid shapes, which are then cut in two."""
    from exactextract import exact_extract

    places = units[["geometry"]].reset_index()

    def one_call(part: gpd.GeoDataFrame) -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = exact_extract(path, part, list(columns.values()), include_cols=["commune_code"], output="pandas")
        return pd.DataFrame(found)

    def halves(part: gpd.GeoDataFrame) -> list[pd.DataFrame]:
        try:
            return [one_call(part)]
        except RuntimeError:
            if len(part) == 1:
                return [one_call(part.assign(geometry=part.normalize().simplify(1e-9)))]
            middle = len(part) // 2
            return [*halves(part.iloc[:middle]), *halves(part.iloc[middle:])]

    found = pd.concat(halves(places)).set_index("commune_code")
    found.index = units.index[:0].append(found.index).rename("commune_code")
    return found.rename(columns={operation: name for name, operation in columns.items()})


def _rasterstats(provinces: list[Province]) -> pd.DataFrame:
    from rasterstats import zonal_stats

    path = str(provinces[0].folder / "population.tif")

    def one(province: Province) -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = zonal_stats([mapping(shape) for shape in province.units.geometry], path, stats="sum")
        sums = np.array([each["sum"] or 0.0 for each in found], dtype=np.float64)
        return pd.DataFrame({COLUMN: sums}, index=province.units.index)

    return stacked(provinces, one)


JOB = Job(
    name="population",
    load=_load,
    ours=_ours,
    peers=(
        Peer(
            "exactextract",
            _exactextract,
            {COLUMN: Tolerance(absolute=0.01, relative=1e-6)},
            packages=("exactextract",),
        ),
        Peer(
            "rasterstats",
            _rasterstats,
            {COLUMN: Tolerance(absolute=300, relative=0.03, outliers=0.1, reason="cells by their centre: small wards")},
            target=1.0,
            packages=("rasterstats",),
        ),
    ),
    peak_mb=1_200,
)
