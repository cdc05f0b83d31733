"""The words that all rooms share: columns and tables as data, the issues table, checks of coordinate systems."""

from geontm.tables.columns import Column, Label, Table
from geontm.tables.crs import central_meridian, province_crs, require_metric_crs
from geontm.tables.eras import REFORM
from geontm.tables.grids import ArrayRaster, Grid, Raster, Window
from geontm.tables.issues import ISSUE_COLUMNS, Issue, issues_frame, list_briefly, worst

__all__ = [
    "ISSUE_COLUMNS",
    "REFORM",
    "ArrayRaster",
    "Column",
    "Grid",
    "Issue",
    "Label",
    "Raster",
    "Table",
    "Window",
    "central_meridian",
    "issues_frame",
    "list_briefly",
    "province_crs",
    "require_metric_crs",
    "worst",
]
