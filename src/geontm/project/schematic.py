"""Names of the schematic layers that geontm brings along, as a project file writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

__all__ = ["SCHEMATIC_LAYERS"]

# Each with its file, and a day on which its units were in force. The units of the four old provinces of the working
# cases stayed the same from 2016-12-31 to 2019-12-31 and from 2020-03-01 to 2024-10-31, so two names share a file.
SCHEMATIC_LAYERS: Mapping[str, tuple[str, date]] = MappingProxyType(
    {
        "schematic:communes-2025": ("schematic-communes-2025.parquet", date(2025, 7, 1)),
        "schematic:communes-2024-cases": ("schematic-communes-2024-cases.parquet", date(2025, 6, 30)),
        "schematic:communes-2023-cases": ("schematic-communes-2020-cases.parquet", date(2023, 1, 1)),
        "schematic:communes-2020-cases": ("schematic-communes-2020-cases.parquet", date(2020, 3, 1)),
        "schematic:communes-2018-cases": ("schematic-communes-2018-cases.parquet", date(2018, 1, 1)),
        "schematic:communes-2017-cases": ("schematic-communes-2018-cases.parquet", date(2017, 1, 1)),
    }
)
