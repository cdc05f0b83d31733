"""The built-in case from the command line to the files of its result."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from click.testing import CliRunner

import geontm
from geontm.cli import cli
from geontm.project import case_file

FILES = {
    "communes.parquet", "communes.csv", "communes.xlsx", "result.gpkg", "indicators.csv", "verdicts.parquet",
    "verdicts.csv", "scores.csv", "provinces.csv", "issues.csv", "figures.csv", "index.html", "run.json",
    "priority.csv", "maps/classification.html", "maps/coverage.html", "maps/priority.html",
    "thumbs/classification.png", "thumbs/coverage.png", "thumbs/priority.png",
}  # fmt: skip


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    done = CliRunner().invoke(cli, ["run", "--case", "cao-bang-2026", "--out", str(folder / "out")])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1] == str(folder / "out")
    return folder / "out"


def test_every_file_of_the_contract_is_there(result):
    found = {path.relative_to(result).as_posix() for path in result.rglob("*") if path.is_file()}
    assert found == FILES


def test_the_published_regions_come_out(result):
    communes = pd.read_csv(result / "communes.csv", encoding="utf-8-sig", dtype={"commune_code": str})
    assert communes["development_region"].value_counts().to_dict() == {3: 53, 2: 2, 1: 1}
    assert communes["is_border"].sum() == 21
    assert communes["is_extremely_difficult"].sum() == 53


def test_a_gap_stays_a_gap(result):
    communes = gpd.read_parquet(result / "communes.parquet").set_index("commune_code")
    assert pd.isna(communes.loc["01795", "poor_household_pct"]), "its row is misspelt, so it is unknown, not zero"
    issues = pd.read_csv(result / "issues.csv", encoding="utf-8-sig")
    assert issues.loc[issues["value"] == "Xã Minh Khia", "suggestion"].str.contains("Minh Khai").all()
    assert (issues["value"] == "Xã Minh Khia").sum() == 1


def test_constructed_figures_are_marked_in_the_tables(result):
    indicators = pd.read_csv(result / "indicators.csv", encoding="utf-8-sig")
    marked = indicators.groupby("indicator")["illustrative"].all()
    assert marked["poor_household_pct"] and not marked["population"]


@pytest.mark.browser
@pytest.mark.parametrize("name", ["classification", "coverage", "priority"])
def test_the_pages_open_with_the_network_cut(result, tab, name):
    tab.open(result / "maps" / f"{name}.html")
    assert [url for url in tab.requests if not url.endswith(f"{name}.html")] == []
    assert tab.messages == []
    face = tab.run("document.body.innerText")
    assert "Cao Bằng 2026" in face and "ranh giới sơ đồ" in face
    assert ("số liệu minh hoạ" in face) == (name != "classification")


@pytest.mark.browser
def test_the_start_page_leads_to_every_map(result, tab):
    tab.open(result / "index.html", ready="document.readyState === 'complete'")
    # Thumbnails lie beside the page; nothing comes from elsewhere.
    beside = result.resolve().as_uri()
    assert [url for url in tab.requests if not url.startswith((f"{beside}/index.html", f"{beside}/thumbs/"))] == []
    assert tab.messages == []
    links = tab.run("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    assert {f"maps/{name}.html" for name in ("classification", "coverage", "priority")} <= set(links)
    assert all((result / link).exists() for link in links)


def test_every_verdict_has_its_reason_in_both_languages(result):
    verdicts = pd.read_parquet(result / "verdicts.parquet")
    assert set(verdicts["answer"]) <= {"met", "not_met", "unknown"}
    assert verdicts[["reason_vi", "reason_en"]].map(lambda text: bool(str(text).strip())).all(axis=None)
    assert len(verdicts.query("ruleset == 'border' and test == 'border'")) == 56


def test_the_geopackage_carries_its_styles(result):
    assert {"communes", "layer_styles"} <= {name for name, _ in pyogrio.list_layers(result / "result.gpkg")}


def test_the_record_names_every_input(result):
    record = json.loads((result / "run.json").read_text(encoding="utf-8"))
    assert {"so-lieu-minh-hoa.xlsx", "khu-vuc-2026.csv", "border-2025.csv"} <= set(record["inputs"])
    assert all(len(sha256) == 64 for sha256 in record["inputs"].values())
    assert record["counts"]["communes"] == 56


def test_the_same_run_twice_gives_the_same_bytes(result, tmp_path):
    plan = geontm.run(geontm.read_project(case_file("cao-bang-2026")))
    again = geontm.write(plan, tmp_path / "again")
    for name in FILES - {"run.json"}:
        assert (again / name).read_bytes() == (result / name).read_bytes(), name
