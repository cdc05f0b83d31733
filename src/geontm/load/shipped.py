"""Finds and reads what geontm brings along: registers of units, schematic layers, tables of facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd
import yaml

from geontm.errors import SourceError
from geontm.tables import REFORM

__all__ = [
    "FactsSpan",
    "facts_span",
    "read_regions",
    "read_register",
    "read_schematic",
    "read_succession",
    "shipped_path",
]

SCHEMATIC = "schematic-communes-2025.parquet"
_UNIT = ["commune_code", "commune_name", "kind", "province_code", "province_name"]
_REGISTERS: dict[str, tuple[str, list[str]]] = {
    "2025": (SCHEMATIC, [*_UNIT, "area_km2"]),
    "2024": ("units-2024.parquet", [*_UNIT, "district_code", "district_name"]),
}
FORMER_UNITS = "units-cases.parquet"


@dataclass(frozen=True)
class FactsSpan:
    """The units that a shipped table of facts is about.

    Attributes
    ----------
    date_from : date
    date_to : date or None
        Days on which the units stood, both included; None: they still stand.
    provinces : tuple of str
        Codes of the provinces that the table covers; all when empty.
    """

    date_from: date
    date_to: date | None
    provinces: tuple[str, ...] = ()

    def holds(self, day: date) -> bool:
        """Tell whether the units stood on a day."""
        return self.date_from <= day and (self.date_to is None or day <= self.date_to)

    @property
    def text(self) -> str:
        """The days as a text that needs no translation."""
        return f"{self.date_from} → {self.date_to or '…'}"


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
    facts = package / "data" / "facts"
    places = (package / "boundaries", package.parents[1] / "boundaries", facts, facts / "lists")
    for place in places:
        # A name never leads out of its folder: what stands in a project file may end up here.
        if (path := place / Path(name).name).is_file():
            return path
    raise SourceError("shipped.missing", where=name, name=name)


def read_register(era: Literal["2025", "2024"], *, day: date | None = None) -> pd.DataFrame:
    """Read the official list of commune-level units, without geometry.

    Parameters
    ----------
    era : {"2025", "2024"}
        ``"2025"``: since 1 July 2025, without districts. ``"2024"``: the list that was in force until then.
    day : date, optional
        With ``"2024"``: a day before 1 July 2025. The units of the old provinces Hà Giang (02), Cao Bằng (04), Lạng Sơn
        (20) and Quảng Ninh (22) are then those of that day, back to 31 December 2016; all others are of June 2025.

    Returns
    -------
    DataFrame, 3,321 or 10,035 rows (without ``day``), index ``commune_code`` in ascending order
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
    register = register.astype(dict.fromkeys(text, "str"))
    if era == "2024" and day is not None and day < REFORM:
        former = _former_units()
        then = former[(former["valid_from"] <= day.isoformat()) & (day.isoformat() <= former["valid_to"])]
        if len(then):
            others = register[~register["province_code"].isin(set(former["province_code"]))]
            register = pd.concat([others, then[text]])
    return register.sort_index()


@lru_cache(maxsize=1)
def _former_units() -> pd.DataFrame:
    return pd.read_parquet(shipped_path(FORMER_UNITS)).set_index("commune_code").astype("str")


def read_succession() -> pd.DataFrame:
    """Read what became of the units of the old provinces 02, 04, 20 and 22 from 2017 to June 2025.

    Returns
    -------
    DataFrame
        ``level`` (commune, district), ``province_code``, ``old_code``, ``old_name``, ``new_code``, ``new_name``,
        ``part`` (``whole``; ``main`` and ``rest`` of a divided unit), ``date`` (first day of the new unit, ISO),
        ``document`` (missing where its number is not known). A unit without a row kept its code, name and kind.
    """
    return pd.read_csv(shipped_path("succession-cases.csv"), dtype="str")


def facts_span(path: Path | None) -> FactsSpan | None:
    """Return the units that a shipped table of facts is about; None for any other file."""
    if path is None or not path.with_suffix(".yaml").is_file() or path.resolve() != _shipped_or_none(path.name):
        return None
    note = yaml.safe_load(path.with_suffix(".yaml").read_text(encoding="utf-8"))
    if not (holds := note.get("holds")):
        return None
    end = date.fromisoformat(holds["to"]) if "to" in holds else None
    return FactsSpan(date.fromisoformat(holds["from"]), end, tuple(holds.get("provinces", ())))


def _shipped_or_none(name: str) -> Path | None:
    try:
        return shipped_path(name).resolve()
    except SourceError:
        return None


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
        ``drawn`` (``cell`` of a power diagram, ``disc`` at sea, or ``piece`` of the cell of the unit that it was
        joined with later, at a place chosen by rule), ``weighted`` and polygons. The shapes' areas are *not* the
        units' areas; ``area_km2`` is the published one.

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
