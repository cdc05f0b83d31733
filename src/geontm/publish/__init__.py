"""Results to maps, tables and pages; the only stage that writes.

Heavy libraries (folium, pyogrio, XlsxWriter) are loaded when something is written, not when the room is named.
"""

from geontm.publish.books.template import excel_template
from geontm.publish.content import BoundaryNote, Content, RuleSetNote, Sign, Threshold, communes_table
from geontm.publish.notebook.ask import Kind, Way
from geontm.publish.notebook.files import save_excel, save_print_map, save_report
from geontm.publish.notebook.view import MapView, explore, notebook_html
from geontm.publish.parts import Part, carry_over
from geontm.publish.products import PaperSize, Products
from geontm.publish.record import write_record
from geontm.publish.styles import Category, GroundStyle, LayerStyle, MapStyle
from geontm.publish.swap import restore_if_missing, result_folder, swap_in
from geontm.publish.target import read_record, require_replaceable
from geontm.publish.write import map_html, write_parts, write_run

__all__ = [
    "BoundaryNote",
    "Category",
    "Content",
    "GroundStyle",
    "Kind",
    "LayerStyle",
    "MapStyle",
    "MapView",
    "PaperSize",
    "Part",
    "Products",
    "RuleSetNote",
    "Sign",
    "Threshold",
    "Way",
    "carry_over",
    "communes_table",
    "excel_template",
    "explore",
    "map_html",
    "notebook_html",
    "read_record",
    "require_replaceable",
    "restore_if_missing",
    "result_folder",
    "save_excel",
    "save_print_map",
    "save_report",
    "swap_in",
    "write_parts",
    "write_record",
    "write_run",
]
