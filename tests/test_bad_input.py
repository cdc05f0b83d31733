"""Whatever is wrong gets a message that names it, exit code 1, no traceback, and the last good result stays."""

from __future__ import annotations

import csv
import errno
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from click.testing import CliRunner, Result

from geontm.cli import cli
from small_project import PROJECT, TABLE, squares, write_project


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("GEONTM_LANG", "en")
    monkeypatch.chdir(tmp_path)
    return write_project(tmp_path / "du-an")


@pytest.fixture(scope="module")
def first_result(tmp_path_factory) -> Path:
    """A finished result of the sound project, made once; each test that needs one gets a copy."""
    folder = tmp_path_factory.mktemp("first")
    result = CliRunner().invoke(cli, ["run", str(write_project(folder / "du-an")), "--out", str(folder / "out")])
    assert result.exit_code == 0, result.output
    return folder / "out"


@pytest.fixture
def before(first_result, tmp_path) -> dict[str, bytes]:
    """Put the last good result where the next run will find it; give its contents."""
    shutil.copytree(first_result, tmp_path / "out")
    return contents(tmp_path / "out")


def run(project: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["run", str(project), "--out", "out", *options])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def edit(project: Path, old: str, new: str) -> None:
    text = project.read_text(encoding="utf-8")
    assert old in text
    project.write_text(text.replace(old, new), encoding="utf-8")


def without_crs(project: Path) -> None:
    with warnings.catch_warnings(action="ignore"):
        squares().set_crs(None, allow_override=True).to_file(project.parent / "ranh-gioi.gpkg", engine="pyogrio")


def in_the_sea(project: Path) -> None:
    metres = squares().to_crs(3405)
    metres.set_crs(32648, allow_override=True).translate(xoff=2_000_000).to_frame("geometry").assign(
        ma_xa=metres["ma_xa"], ten_xa=metres["ten_xa"]
    ).set_geometry("geometry").to_file(project.parent / "ranh-gioi.gpkg", engine="pyogrio")


def duplicate_codes(project: Path) -> None:
    layer = squares()
    layer.loc[1, "ma_xa"] = layer.loc[0, "ma_xa"]
    layer.to_file(project.parent / "ranh-gioi.gpkg", engine="pyogrio")


def truncated(project: Path) -> None:
    path = project.parent / "ranh-gioi.gpkg"
    path.write_bytes(path.read_bytes()[:20_000])


SPOILT: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "missing file": (lambda p: (p.parent / "so-lieu.csv").unlink(), ("so-lieu.csv",)),
    "missing project": (lambda p: p.unlink(), ("project.yaml",)),
    "wrong sheet": (
        lambda p: (
            shutil.copy(p.parent / "so-lieu.csv", p.parent / "x.csv"),
            edit(p, "{file: so-lieu.csv,", '{file: so-lieu.xlsx, sheet: "Biểu 09",'),
            write_workbook(p.parent / "so-lieu.xlsx"),
        ),
        ("Biểu 09", "Biểu 01"),
    ),
    "no CRS": (without_crs, ("EPSG",)),
    "CRS in the sea": (in_the_sea, ("EPSG",)),
    "duplicate codes": (duplicate_codes, ("01324",)),
    "truncated GeoPackage": (truncated, ("ranh-gioi.gpkg",)),
    "no rows": (
        lambda p: (p.parent / "so-lieu.csv").write_text(TABLE.splitlines()[0] + "\n", encoding="utf-8"),
        ("so-lieu.csv",),
    ),
    "misspelt key": (lambda p: edit(p, "land_border:", "land_boder:"), ("land_boder", "land_border", "project.yaml:4")),
    "misspelt nested key": (lambda p: edit(p, "{code:", "{cod:"), ("cod", "code", "project.yaml:6")),
    "wrong date": (lambda p: edit(p, "as_of: 2026-06-30", "as_of: soon"), ("as_of", "2026-06-30")),
    "unquoted code": (
        lambda p: edit(p, "date: 2025-07-01}", "date: 2025-07-01, provinces: [04]}"),
        ("provinces",),
    ),
    "unknown indicator": (
        lambda p: edit(p, "poor_household_pct: 0.6", "poor_houshold_pct: 0.6"),
        ("poor_houshold_pct", "poor_household_pct"),
    ),
    "unknown rule set": (lambda p: edit(p, "[border,", "[boder,"), ("boder", "border")),
    "path out of the folder": (lambda p: edit(p, "file: so-lieu.csv", "file: ../so-lieu.csv"), ("../so-lieu.csv",)),
    "old table": (lambda p: edit(p, "date: 2025-12-31", "date: 2019-04-01"), ("2019",)),
    "not YAML": (lambda p: p.write_text(PROJECT + "x: [1,\n", encoding="utf-8"), ("YAML",)),
    "no such schematic layer": (
        lambda p: edit(p, "source: ranh-gioi.gpkg", "source: schematic:communes-2018"),
        ("schematic:communes-2018-cases", "project.yaml:3"),
    ),
    "duplicate key": (lambda p: p.write_text(PROJECT + "name: khác\n", encoding="utf-8"), ("name",)),
}


SECTIONS = """villages: {file: thon.csv, date: 2026-01-01, commune: ma_xa}
households: {file: ho.csv, date: 2026-01-01, holds: all}
assessments: {bo-thu: {file: danh-gia.csv}}
overrides: muc-tinh.yaml
programme: {name: CT, baseline: ds.csv, capital: von.csv}
figures: {file: van-ban.csv, recipes: cong-thuc.csv}
"""
FILES = {
    "thon.csv": "ma_xa,Tên thôn,Số hộ\n01324,Xóm 1,4\n01327,Xóm 1,3\n",
    "ho.csv": "Mã hộ,Mã xã,Thôn,Phân loại hộ\nA1,01324,Xóm 1,Hộ nghèo\nB1,01327,Xóm 1,Không nghèo\n",
    "danh-gia.csv": "Mã xã,Mã chỉ tiêu,Kết quả\n01324,1.1,đạt\n",
    "bo-thu.yaml": """id: bo-thu
label: {vi: Bộ thử, en: Test set}
unit: commune
source: {document: 1/QĐ}
in_force: {start: 2025-07-01, end: null}
evidence: {status: recalled}
criteria:
  - {number: "1", label: {vi: Một, en: One}, size: 2}
  - number: "2"
    label: {vi: Hai, en: Two}
    size: 1
    of: [{id: "2", code: "2", indicator: clean_water_pct, unit: "%", at_least: null, set_by: province}]
""",
    "muc-tinh.yaml": 'overrides:\n  - {ruleset: bo-thu, test: "2", at_least: 80, unit: "%", document: 2/QĐ}\n',
    "ds.csv": "Mã xã,Diện,Ngày\n01324,Xã ĐBKK,2025-07-01\n01327,Xã ĐBKK,2025-07-01\n",
    "von.csv": "Mã xã,Dự án,Năm,Vốn giao (triệu đồng),Giải ngân (triệu đồng)\n01324,Đường,2026,100,90\n",
    "van-ban.csv": "key,value,unit,as_of\nmot,1,commune,2026-06-30\nhai,2,commune,2026-06-30\n",
    "cong-thuc.csv": "key,recipe,of\nba,sum,mot;hai\n",
}
# What must be refused: file, spoilt text in it, its replacement, and what the message names.
REFUSED: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "villages without a commune": ("thon.csv", "ma_xa", "khac", ("ma_xa", "thon.csv")),
    "no village": ("thon.csv", FILES["thon.csv"], "ma_xa,Tên thôn,Số hộ\n", ("thon.csv",)),
    "no household": ("ho.csv", FILES["ho.csv"], "Mã hộ,Mã xã,Thôn,Phân loại hộ\n", ("ho.csv",)),
    "empty file": ("thon.csv", FILES["thon.csv"], "", ("thon.csv", "empty")),
    "not a table": ("thon.csv", FILES["thon.csv"], "\x00\x01" * 500, ("thon.csv",)),
    "assessment without answers": ("danh-gia.csv", "Kết quả", "Nhận xét", ("danh-gia.csv", "Nhận xét")),
    "assessment of no criterion": ("danh-gia.csv", "1.1", "9.9", ("bo-thu", "9.9")),
    "override without a document": ("muc-tinh.yaml", ", document: 2/QĐ", "", ("muc-tinh.yaml:2", "document")),
    "override in another unit": ("muc-tinh.yaml", '"%"', "km", ("muc-tinh.yaml:2", "km", "%")),
    "override beyond the range": ("muc-tinh.yaml", "80", "180", ("muc-tinh.yaml:2", "180")),
    "override of no condition": ("muc-tinh.yaml", 'test: "2"', 'test: "7"', ("muc-tinh.yaml:2", "7")),
    "one condition set twice": (
        "muc-tinh.yaml",
        "document: 2/QĐ}\n",
        'document: 2/QĐ}\n  - {ruleset: bo-thu, test: "2", at_least: 70, unit: "%", document: 3/QĐ}\n',
        ("muc-tinh.yaml:3", "twice"),
    ),
    "capital without amounts": ("von.csv", "Vốn giao (triệu đồng),Giải ngân (triệu đồng)", "A,B", ("von.csv",)),
    "recipes in a circle": ("cong-thuc.csv", "ba,sum,mot;hai", "ba,sum,bon;hai\nbon,sum,ba;hai", ("ba → bon → ba",)),
    "a recipe that does not exist": ("cong-thuc.csv", "sum", "eval", ("eval", "cong-thuc.csv:2")),
    "a figure of no day": (
        "van-ban.csv",
        "2,commune,2026-06-30",
        "2,commune,31/02/2026",
        ("31/02/2026", "van-ban.csv:3"),
    ),
    "a figure printed twice": ("van-ban.csv", "hai,", "mot,", ("van-ban.csv:3",)),
}
# What goes on with a row in the issues table: severity, file, row.
TOLD: dict[str, tuple[str, str, str, tuple[str, str, str]]] = {
    "village of no commune": ("thon.csv", "01327", "09999", ("error", "thon.csv", "3")),
    "village twice": ("thon.csv", "01327", "01324", ("error", "thon.csv", "2, 3")),
    "negative households": ("thon.csv", "1,4", "1,-4", ("error", "thon.csv", "2")),
    "text for a number": ("thon.csv", "1,4", "1,bốn", ("error", "thon.csv", "2")),
    "far too large": ("thon.csv", "1,4", "1,1e308", ("error", "thon.csv", "2")),
    "household twice": ("ho.csv", "B1", "A1", ("error", "ho.csv", "2, 3")),
    "unknown class": ("ho.csv", "Hộ nghèo", "Giàu", ("error", "ho.csv", "2")),
    "personal data": ("ho.csv", "Phân loại hộ", "Phân loại hộ,CCCD", ("error", "ho.csv", "")),
    "two answers": ("danh-gia.csv", "đạt\n", "đạt\n01324,1.1,chưa đạt\n", ("error", "danh-gia.csv", "2, 3")),
    "an answer that is none": ("danh-gia.csv", "đạt", "có lẽ", ("error", "danh-gia.csv", "2")),
    "no such day": ("ds.csv", "2025-07-01\n01327", "31/02/2026\n01327", ("error", "ds.csv", "2")),
    "more disbursed than allocated": ("von.csv", "100,90", "90,100", ("warning", "von.csv", "2")),
    "negative capital": ("von.csv", "100,90", "-100,90", ("error", "von.csv", "2")),
    "division by zero": ("cong-thuc.csv", "sum,mot;hai", "ratio,mot;0", ("warning", "cong-thuc.csv", "2")),
}


def write_sections(project: Path, changed: str = "", old: str = "", new: str = "") -> None:
    """Give the sound project every further section, one file of it spoilt."""
    for name, text in FILES.items():
        assert name != changed or old in text
        written = text.replace(old, new) if name == changed else text
        (project.parent / name).write_text(written, encoding="utf-8")
    text = project.read_text(encoding="utf-8").replace("[border, region-2026]", "[border, region-2026, bo-thu.yaml]")
    project.write_text(text + SECTIONS, encoding="utf-8")


def issue_places(folder: Path) -> list[tuple[str, str, str]]:
    with (folder / "issues.csv").open(encoding="utf-8-sig", newline="") as file:
        return [(row["severity"], row["file"], row["row"]) for row in csv.DictReader(file)]


def test_the_further_sections_are_sound_before_they_are_spoilt(project, tmp_path):
    write_sections(project)
    result = run(project)
    assert result.exit_code == 0, result.output
    assert not [place for place in issue_places(tmp_path / "out") if place[0] == "error"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_spoilt_section_is_refused_and_the_last_result_stays(name, project, before, tmp_path):
    file, old, new, named = REFUSED[name]
    write_sections(project, file, old, new)
    result = run(project)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output and "Unexpected" not in result.output
    for word in named:
        assert word in result.output, result.output
    assert contents(tmp_path / "out") == before


@pytest.mark.parametrize("name", TOLD)
def test_a_spoilt_row_is_told_and_the_run_goes_on(name, project, tmp_path):
    file, old, new, place = TOLD[name]
    write_sections(project, file, old, new)
    result = run(project)
    assert result.exit_code == 0, result.output
    assert place in issue_places(tmp_path / "out")


def write_workbook(path: Path) -> None:
    import pandas as pd

    pd.DataFrame({"Mã xã": ["01324"], "Tỷ lệ hộ nghèo (%)": [1.0]}).to_excel(path, sheet_name="Biểu 01", index=False)


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_project_is_refused_and_the_last_result_stays(name, project, before, tmp_path):
    spoil, named = SPOILT[name]
    spoil(project)
    result = run(project)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output and "Unexpected" not in result.output
    for word in named:
        assert word in result.output, result.output
    assert contents(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("out")] == ["out"]


def test_the_same_refusal_speaks_vietnamese(project, monkeypatch):
    edit(project, "land_border:", "land_boder:")
    monkeypatch.setenv("GEONTM_LANG", "vi")
    output = run(project).output
    assert "Không có khóa land_boder" in output and "Có phải là «land_border»?" in output


def test_bad_usage_is_exit_code_2():
    assert CliRunner().invoke(cli, ["run", "--no-such-option"]).exit_code == 2
    assert CliRunner().invoke(cli, ["run", "x.yaml", "--case", "cao-bang-2026"]).exit_code == 2


def test_html_and_formulas_in_names_stay_text(project, tmp_path):
    layer = squares()
    layer.loc[0, "ten_xa"] = "Xã <script>alert(1)</script>"
    layer.loc[1, "ten_xa"] = '=HYPERLINK("x")'
    layer.to_file(project.parent / "ranh-gioi.gpkg", engine="pyogrio")
    result = run(project)
    assert result.exit_code == 0, result.output
    for page in (tmp_path / "out").rglob("*.html"):
        assert "<script>alert(1)" not in page.read_text(encoding="utf-8")
    lines = (tmp_path / "out" / "communes.csv").read_text(encoding="utf-8-sig").splitlines()
    assert not [line for line in lines if ",=" in line or ',"=' in line]


def test_a_full_disk_leaves_the_last_result(project, before, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(gpd.GeoDataFrame, "to_parquet", full)
    result = run(project)
    assert result.exit_code == 1
    assert "Traceback" not in result.output and "Unexpected" not in result.output
    assert contents(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("out")] == ["out"]


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk needs root on Linux")
def test_a_disk_that_is_really_full(project, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine does not allow mounting a small disk")
    try:
        result = CliRunner().invoke(cli, ["run", str(project), "--out", str(disk / "out")])
        assert result.exit_code == 1
        assert "Traceback" not in result.output and "Unexpected" not in result.output, result.output
        assert not list(disk.iterdir())
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_file_open_elsewhere_keeps_both_results(project, before, tmp_path, monkeypatch):
    rename = os.rename

    def held(source, target, *rest, **options):
        if Path(source).name == "out":
            raise PermissionError(errno.EACCES, "in use by another process", str(source))
        return rename(source, target, *rest, **options)

    for name in ("rename", "replace"):
        monkeypatch.setattr(os, name, held)
        monkeypatch.setattr(Path, name, lambda self, target: held(self, target))
    result = run(project)
    assert result.exit_code == 1, result.output
    assert contents(tmp_path / "out") == before
    beside = [path for path in tmp_path.iterdir() if path.name.startswith("out") and path.name != "out"]
    assert len(beside) == 1 and (beside[0] / "communes.csv").exists()
    assert beside[0].name in result.output


def test_ctrl_c_leaves_the_last_result(project, before, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "geontm", "run", str(project), "--out", "out"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    assert process.stderr is not None
    process.stderr.readline()  # the first step has begun
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in errors
    assert contents(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("out")] == ["out"]
