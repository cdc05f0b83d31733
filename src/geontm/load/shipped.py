"""Finds and reads what geontm brings along: registers of units, schematic layers, tables of facts."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd

from geontm.errors import SourceError

__all__ = ["read_regions", "read_register", "read_schematic", "shipped_path"]

SCHEMATIC = "schematic-communes-2025.parquet"
_UNIT = ["commune_code", "commune_name", "kind", "province_code", "province_name"]
_REGISTERS: dict[str, tuple[str, list[str]]] = {
    "2025": (SCHEMATIC, [*_UNIT, "area_km2"]),
    "2024": ("units-2024.parquet", [*_UNIT, "district_code", "district_name"]),
}


def shipped_path(name: str) -> Path:
    """Return the path of a shipped file.

    Parameters
    ----------
    name : str
        File name, e.g. ``"schematic-communes-2025.parquet"`` or ``"border-2025.csv"``.

    Raises
    ------
    SourceError
        There is no such file: a damaged installation, or a name that does not exist.

    Notes
    -----
    An installed wheel holds the layers in ``geontm/boundaries``; a checkout keeps them beside ``src``.
    """
    package = Path(str(files("geontm")))
    places = (package / "boundaries", package.parents[1] / "boundaries", package / "data" / "facts")
    for place in places:
        # A name never leads out of its folder: what stands in a project file may end up here.
        if (path := place / Path(name).name).is_file():
            return path
    raise SourceError("shipped.missing", where=name, name=name)


def read_register(era: Literal["2025", "2024"]) -> pd.DataFrame:
    """Read the official list of commune-level units, without geometry.

    Parameters
    ----------
    era : {"2025", "2024"}
        ``"2025"``: since 1 July 2025, without districts. ``"2024"``: the list that was in force until then.

    Returns
    -------
    DataFrame, 3,321 or 10,035 rows, index ``commune_code`` in ascending order
        ``commune_name`` (in full, with its kind), ``kind`` (xã, phường, thị trấn, đặc khu), ``province_code``,
        ``province_name``; for 2025 also ``area_km2`` (km², as published), for 2024 ``district_code`` and
        ``district_name``. The five island districts without communes are not in the list of 2024.

    References
    ----------
    .. [1] The sources stand in ``boundaries/sources.yaml``.
    """
    name, columns = _REGISTERS[era]
    register = pd.read_parquet(shipped_path(name), columns=columns).set_index("commune_code")
    text = [column for column in register if column != "area_km2"]
    return register.astype(dict.fromkeys(text, "str")).sort_index()


def read_schematic(provinces: Sequence[str] = (), *, layer: str = SCHEMATIC) -> gpd.GeoDataFrame:
    """Read a schematic layer (*ranh giới sơ đồ*). It draws, it never decides.

    Parameters
    ----------
    provinces : sequence of str
        Province codes to keep; none means all of the layer.
    layer : str
        File name of a shipped layer: the whole country of 2025, or the cases' units of before July 2025.

    Returns
    -------
    GeoDataFrame, index ``commune_code`` in ascending order, EPSG:4326
        The columns of the register of that time, ``lon`` and ``lat`` (°, the point that the unit was drawn from),
        ``drawn`` (``cell`` of a power diagram, or ``disc`` at sea), ``weighted`` and polygons. The shapes'
        areas are *not* the units' areas; ``area_km2`` is the published one.

    Raises
    ------
    SourceError
        The layer is missing, or a province code is not in it.
    """
    units = gpd.read_parquet(shipped_path(layer)).set_index("commune_code")
    known = set(units["province_code"])
    if unknown := sorted(set(provinces) - known):
        raise SourceError(
            "shipped.unknown_province", where=layer, codes=", ".join(unknown), known=", ".join(sorted(known))
        )
    return units[units["province_code"].isin(list(provinces))].copy() if provinces else units


def read_regions() -> pd.Series:
    """Read the region of each province of before July 2025: Series of str, index ``province_code``, 63 rows."""
    table = pd.read_csv(shipped_path("regions-2021.csv"), dtype="str").set_index("province_code")
    return table["region"]
