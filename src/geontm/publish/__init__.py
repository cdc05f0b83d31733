"""Results to maps, tables and pages; the only stage that writes.

Heavy libraries (folium, pyogrio, XlsxWriter) are loaded when something is written, not when the room is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geontm.publish.books.template import excel_template
from geontm.publish.content import (
    BoundaryNote,
    ConditionNote,
    Content,
    Derivation,
    OutcomeNote,
    RuleSetNote,
    Sign,
    Threshold,
    communes_table,
)
from geontm.publish.frames import Look
from geontm.publish.notebook.ask import Kind, Way
from geontm.publish.notebook.files import save_excel, save_print_map, save_report
from geontm.publish.notebook.styled import ROWS, styled, table_of
from geontm.publish.notebook.view import MapView, explore, explore_frame, notebook_html
from geontm.publish.parts import Part, carry_over
from geontm.publish.products import PaperSize, Products
from geontm.publish.record import write_record
from geontm.publish.result_tables import severities
from geontm.publish.styles import Category, Found, GroundStyle, LayerStyle, MapStyle
from geontm.publish.swap import restore_if_missing, result_folder, swap_in
from geontm.publish.target import read_record, require_replaceable
from geontm.publish.words.shipped import check_report_template, write_report_template
from geontm.publish.write import map_html, write_parts, write_run

if TYPE_CHECKING:
    from geontm.publish.web.figure import OfflineFigure
    from geontm.publish.web.layer import CommuneLayer, offline_map

__all__ = [
    "ROWS",
    "BoundaryNote",
    "Category",
    "CommuneLayer",
    "ConditionNote",
    "Content",
    "Derivation",
    "Found",
    "GroundStyle",
    "Kind",
    "LayerStyle",
    "Look",
    "MapStyle",
    "MapView",
    "OfflineFigure",
    "OutcomeNote",
    "PaperSize",
    "Part",
    "Products",
    "RuleSetNote",
    "Sign",
    "Threshold",
    "Way",
    "carry_over",
    "check_report_template",
    "communes_table",
    "excel_template",
    "explore",
    "explore_frame",
    "map_html",
    "notebook_html",
    "offline_map",
    "read_record",
    "require_replaceable",
    "restore_if_missing",
    "result_folder",
    "save_excel",
    "save_print_map",
    "save_report",
    "severities",
    "styled",
    "swap_in",
    "table_of",
    "write_parts",
    "write_record",
    "write_report_template",
    "write_run",
]


def __getattr__(name: str) -> Any:
    """Give what is made of folium, which is loaded when it is asked for."""
    if name == "OfflineFigure":
        from geontm.publish.web import figure

        return figure.OfflineFigure
    if name in ("CommuneLayer", "offline_map"):
        from geontm.publish.web import layer

        return getattr(layer, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
