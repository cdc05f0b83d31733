"""Files in, checked tables and layers out: the only stage that reads."""

from geontm.load.boundaries import (
    Boundaries,
    BoundarySource,
    LayerReport,
    inspect_layer,
    read_boundaries,
    read_land_border,
)
from geontm.load.companions import content_sha256, file_sha256
from geontm.load.figure_tables import FigureFiles, FiguresSource, TextTableSource, read_figure_files
from geontm.load.layer_era import UnitRegister
from geontm.load.layers import LayerInfo, list_layers
from geontm.load.line_slices import LayerSlices, Limits, slice_lines
from geontm.load.rasters import OpenRaster, RasterKind, check_raster, open_raster
from geontm.load.read import (
    Layers,
    ListSource,
    ListTable,
    Sources,
    Words,
    input_files,
    read_layers,
    read_registers,
)
from geontm.load.repair import repair_units
from geontm.load.road_layers import BridgeSource, RoadSource, slice_bridges, slice_roads
from geontm.load.shipped import (
    FactsSpan,
    facts_span,
    read_regions,
    read_register,
    read_schematic,
    read_succession,
    shipped_path,
)
from geontm.load.sites import Sites, SiteSource, read_sites
from geontm.load.slice_files import read_slice
from geontm.load.unit_tables import KeySpec, TableSource, UnitTable, read_unit_table
from geontm.load.village_polygons import PolygonSource, VillagePolygons, read_village_polygons

__all__ = [
    "Boundaries",
    "BoundarySource",
    "BridgeSource",
    "FactsSpan",
    "FigureFiles",
    "FiguresSource",
    "KeySpec",
    "LayerInfo",
    "LayerReport",
    "LayerSlices",
    "Layers",
    "Limits",
    "ListSource",
    "ListTable",
    "OpenRaster",
    "PolygonSource",
    "RasterKind",
    "RoadSource",
    "SiteSource",
    "Sites",
    "Sources",
    "TableSource",
    "TextTableSource",
    "UnitRegister",
    "UnitTable",
    "VillagePolygons",
    "Words",
    "check_raster",
    "content_sha256",
    "facts_span",
    "file_sha256",
    "input_files",
    "inspect_layer",
    "list_layers",
    "open_raster",
    "read_boundaries",
    "read_figure_files",
    "read_land_border",
    "read_layers",
    "read_regions",
    "read_register",
    "read_registers",
    "read_schematic",
    "read_sites",
    "read_slice",
    "read_succession",
    "read_unit_table",
    "read_village_polygons",
    "repair_units",
    "shipped_path",
    "slice_bridges",
    "slice_lines",
    "slice_roads",
]
