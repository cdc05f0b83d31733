"""Files in, checked tables and layers out: the only stage that reads."""

from geontm.load.boundaries import Boundaries, BoundarySource, read_boundaries, read_land_border
from geontm.load.read import (
    Layers,
    ListSource,
    ListTable,
    Sources,
    UnitRegister,
    Words,
    read_layers,
    read_registers,
)
from geontm.load.shipped import read_register, read_schematic, shipped_path
from geontm.load.unit_tables import KeySpec, TableSource, UnitTable, read_unit_table

__all__ = [
    "Boundaries",
    "BoundarySource",
    "KeySpec",
    "Layers",
    "ListSource",
    "ListTable",
    "Sources",
    "TableSource",
    "UnitRegister",
    "UnitTable",
    "Words",
    "read_boundaries",
    "read_land_border",
    "read_layers",
    "read_register",
    "read_registers",
    "read_schematic",
    "read_unit_table",
    "shipped_path",
]
