"""Whatever the data: every product of a run is written whole and opens, or the run refuses in its own words."""

import csv
import io
import re
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from html.parser import HTMLParser

import geopandas as gpd
import openpyxl
import pytest

from geontm.errors import GeontmError
from geontm.publish import Products, write_run
from hostile_samples import BREAKING, CASES, CONTROL, FACES, LINK, LONG, NAMES, TURNED

EVERYTHING = Products(maps=("coverage",), print=("A4",), atlas="commune", report=True, annex=True)
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
FUNCTIONS = {
    "IF",
    "SUM",
    "SUMPRODUCT",
    "ROWS",
    "COUNT",
    "COUNTA",
    "COUNTIF",
    "COUNTIFS",
    "ISNUMBER",
    "SUBTOTAL",
    "ROUND",
}
ON_PAPER = {"hostile names", "all equal", "nothing drawn", "one commune"}  # sheets take their time


@pytest.fixture(scope="module", params=CASES)
def made(request, tmp_path_factory):
    """Write everything of a case; give its folder, or what the run said in refusing."""
    folder = tmp_path_factory.mktemp("hostile")
    try:
        products = EVERYTHING if request.param in ON_PAPER else replace(EVERYTHING, print=(), atlas=None)
        write_run(CASES[request.param](), folder, products)
    except GeontmError as refused:
        return request.param, folder, refused
    return request.param, folder, None


def files(made, *kinds):
    name, folder, refused = made
    if refused is not None:
        pytest.skip(f"{name}: refused")
    return sorted(path for path in folder.rglob("*") if path.suffix in kinds)


def test_a_run_is_made_or_refused_in_words(made):
    name, folder, refused = made
    if refused is not None:
        assert name == "no commune" and refused.text() and refused.fix  # in words of the catalogue
        return
    kinds = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert {".html", ".csv", ".xlsx", ".docx", ".gpkg"} <= kinds
    with (folder / "communes.csv").open(encoding="utf-8-sig", newline="") as read:
        assert len(list(csv.DictReader(read))) == len(CASES[name]().units)


def test_office_files_hold_xml_that_can_be_read(made):
    for path in files(made, ".docx", ".xlsx"):
        with zipfile.ZipFile(path) as parts:
            assert parts.testzip() is None
            for part in parts.namelist():
                if part.endswith((".xml", ".rels")):
                    text = parts.read(part).decode("utf-8")
                    ET.fromstring(text)
                    assert not FORBIDDEN.search(text), (path.name, part)
                    assert "example.com" not in text or not part.endswith(".rels"), part


def test_no_cell_starts_a_formula_that_came_from_data(made):
    for path in files(made, ".xlsx"):
        book = openpyxl.load_workbook(path)
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.hyperlink is None or not cell.hyperlink.target, (
                        path.name,
                        sheet.title,
                        cell.coordinate,
                    )
                    if cell.data_type == "f":
                        called = set(re.findall(r"([A-Za-z.]+)\(", re.sub(r"'[^']*'|\"[^\"]*\"", "", str(cell.value))))
                        assert called <= FUNCTIONS, (path.name, sheet.title, cell.coordinate, called)
                        assert not re.search("HYPERLINK|cmd|hit", str(cell.value)), cell.coordinate


def test_no_field_of_a_csv_starts_a_formula(made):
    for path in files(made, ".csv"):
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")):
            for field in row:
                number = re.fullmatch(r"[+-]?[\d.,]+([eE][+-]?\d+)?", field)
                assert number or not field.startswith(("=", "+", "-", "@", "\t", "\r")), (path.name, field[:80])


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_pages_hold_no_tag_from_data(made):
    for path in files(made, ".html"):
        tags = _Tags()
        tags.feed(path.read_text(encoding="utf-8"))
        assert not [attrs for tag, attrs in tags.found if any(name.startswith("on") for name in attrs)], path.name
        assert not [attrs for tag, attrs in tags.found if tag == "img" and attrs.get("src") == "x"], path.name
        assert "window.hit" not in "".join(
            re.findall(r"<script>(.*?)</script>", path.read_text(encoding="utf-8"), re.S)
        ), path


def test_drawings_hold_no_script(made):
    for path in files(made, ".svg"):
        root = ET.fromstring(path.read_text(encoding="utf-8"))
        for node in root.iter():
            assert not node.tag.endswith("}script")
            assert not [name for name in node.attrib if name.lower().startswith("on")]


def test_the_layers_open(made):
    name = made[0]
    for path in files(made, ".gpkg"):
        read = gpd.read_file(path, layer="communes")
        assert len(read) == len(CASES[name]().units)


def test_unknown_is_told_and_never_nought(made):
    name, folder, _ = made
    if name != "all missing":
        pytest.skip("has figures")
    with (folder / "communes.csv").open(encoding="utf-8-sig", newline="") as read:
        rows = list(csv.DictReader(read))
    assert {row["poor_household_pct"] for row in rows} == {""}
    assert not list(folder.glob("maps/coverage.html"))  # a map of nothing is not drawn, and that is told
    issues = (folder / "issues.csv").read_text(encoding="utf-8-sig")
    assert issues.count("không được vẽ vì chưa có cột nào của nó có số liệu") == 1
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert "maps/coverage.html" not in index


def test_what_can_be_said_of_a_bad_name_is_said(made, office, pdf_text):
    name, folder, _ = made
    if name != "hostile names":
        pytest.skip("has plain names")
    said = pdf_text(office(folder / "report.docx", "pdf"))
    assert "window.hit=1" in said and "HYPERLINK" in said
    sheets = sorted((folder).rglob("*.pdf"))
    assert sheets
    for sheet in sheets:
        assert "\x07" not in pdf_text(sheet)


def test_the_names_are_as_bad_as_they_should_be():
    assert len(LONG) >= 499 and "\x00" in CONTROL and "\u202e" in TURNED and "🏞" in FACES
    assert LINK.startswith("=HYPERLINK") and "</script" in BREAKING and len(set(NAMES)) == 6
