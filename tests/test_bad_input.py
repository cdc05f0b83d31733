"""Whatever is wrong gets a message that names it, exit code 1, no traceback, and the last good result stays."""

from __future__ import annotations

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
    "duplicate key": (lambda p: p.write_text(PROJECT + "name: khác\n", encoding="utf-8"), ("name",)),
}


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
