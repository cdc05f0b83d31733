"""``geontm standards explain``: a code or a name, text or JSON, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geontm.cli import cli
from small_project import write_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("project"))


def explain(project: Path, ruleset: str, commune: str, *options: str) -> Result:
    arguments = ["standards", "explain", ruleset, "--commune", commune, str(project), *options]
    return CliRunner().invoke(cli, arguments)


def test_a_code_and_a_name_give_the_same(project: Path) -> None:
    by_code = explain(project, "border", "01324", "--lang", "vi")
    assert by_code.exit_code == 0, by_code.output
    assert by_code.stdout == explain(project, "border", "cốc pàng", "--lang", "vi").stdout
    for text in ("Xã Cốc Pàng (01324)", "34/2014/NĐ-CP", "✓ thỏa mãn", "Kết quả sẽ là “không phải", "Không thiếu gì"):
        assert text in by_code.stdout


def test_what_is_missing_is_named_in_the_other_language(project: Path) -> None:
    found = explain(project, "region-2026", "01321", "--lang", "en")
    assert "Cannot be decided without" in found.stdout
    assert "272/2025/NĐ-CP" in found.stdout


def test_json_holds_rows_ways_and_gaps(project: Path) -> None:
    found = json.loads(explain(project, "border", "01324", "--json").stdout)
    assert (found["decision"], found["commune_name"]) == ("met", "Xã Cốc Pàng")
    assert found["flips"][0]["changes"][0]["name"] == "is_border"
    assert {row["test"] for row in found["rows"]} == {"on_land_border", "border"}
    assert found["missing"]["figures"] == []


@pytest.mark.parametrize(
    ("ruleset", "commune", "told"),
    [
        ("dbkk-2021", "01324", "dbkk-2021"),
        ("dbkk-2022", "01324", "border, region-2026"),
        ("border", "99999", "mã từ 01321 đến 01336"),
        ("border", "Zzzz", "mã từ 01321 đến 01336"),
        ("border", "Cốc Pang", "01324 Xã Cốc Pàng"),
    ],
)
def test_what_is_not_there_is_refused_with_candidates(project: Path, ruleset: str, commune: str, told: str) -> None:
    found = explain(project, ruleset, commune, "--lang", "vi")
    assert found.exit_code == 1
    assert told in found.stderr
    assert "Có phải: –" not in found.stderr


def test_a_name_that_two_communes_share_lists_both(tmp_path: Path) -> None:
    import geopandas as gpd

    file = write_project(tmp_path)
    layer = gpd.read_file(tmp_path / "ranh-gioi.gpkg")
    layer.loc[layer["ma_xa"] == "01327", "ten_xa"] = "Phường Cốc Pàng"
    layer.to_file(tmp_path / "ranh-gioi.gpkg", driver="GPKG", engine="pyogrio")
    table = tmp_path / "so-lieu.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("Xã Cô Ba", "Phường Cốc Pàng"), encoding="utf-8")
    found = explain(file, "border", "Cốc Pàng", "--lang", "vi")
    assert found.exit_code == 1
    assert "01324" in found.stderr and "01327" in found.stderr
