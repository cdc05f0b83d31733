"""A whole project with every coverage table, as ``geontm run`` does it, with nothing kept from earlier runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import shapely
import yaml

from geontm.bench.job import Job
from geontm.bench.make import Inputs

__all__ = ["JOB"]

PROJECT = "project.yaml"
COLUMNS = ("population_on_map", "road_km", "rural_access_pct_low", "above_200m_share", "water_service_pct_low")


def _load(inputs: Inputs) -> Inputs:
    """Write the project and the tables that an office would give, beside the generated layers."""
    folder = _folder(inputs)
    folder.mkdir(exist_ok=True)
    units = inputs.units.reset_index()
    layer = folder / "communes.gpkg"
    if not layer.is_file():
        half = layer.with_suffix(".part.gpkg")
        half.unlink(missing_ok=True)
        columns = ["commune_code", "commune_name", "province_code", "province_name", "geometry"]
        units[columns].to_file(half, driver="GPKG", layer="communes")
        half.rename(layer)
    units[["commune_code", "population"]].to_csv(folder / "figures.csv", index=False)
    villages = inputs.villages
    points = {"lon": shapely.get_x(villages.geometry.to_numpy()), "lat": shapely.get_y(villages.geometry.to_numpy())}
    villages.drop(columns="geometry").assign(**points).to_csv(folder / "villages.csv")
    (folder / PROJECT).write_text(yaml.safe_dump(_project(inputs), allow_unicode=True), encoding="utf-8")
    return inputs


def _folder(inputs: Inputs) -> Path:
    return inputs.folder / "project"


def _project(inputs: Inputs) -> dict[str, Any]:
    """Return the project file: every coverage table but travel time."""
    provinces = sorted(inputs.units["province_code"].unique().tolist())
    place = inputs.folder.resolve()
    kinds = sorted(inputs.facilities["kind"].unique())
    for kind in kinds:
        chosen = inputs.facilities[inputs.facilities["kind"] == kind]
        chosen[["site_id", "name", "geometry"]].to_parquet(_folder(inputs) / f"{kind}.parquet")
    return {
        "name": "Benchmark",
        "as_of": date(2026, 6, 30),
        "boundaries": {"source": "communes.gpkg", "date": date(2025, 7, 1)},
        "indicators": [{"file": "figures.csv", "date": date(2025, 12, 31), "key": {"code": "commune_code"}}],
        "standards": ["mountainous-2026"],
        "villages": {
            "file": "villages.csv",
            "commune": "commune_code",
            "code": "village_code",
            "name": "village_name",
            "lon": "lon",
            "lat": "lat",
        },
        "coverage": {
            "population": str(place / "population.tif"),
            "elevation": str(place / "elevation.tif"),
            "roads": {"file": str(place / "roads.parquet"), "covers": provinces},
            "water": {"file": str(place / "works.parquet"), "covers": provinces},
            "facilities": [{"file": f"{kind}.parquet", "kind": kind, "covers": provinces} for kind in kinds],
        },
    }


def _ours(inputs: Inputs) -> Path:
    out = _folder(inputs) / "result"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "geontm", "run", str(_folder(inputs) / PROJECT), "--out", str(out)]
    environment = {**os.environ, "GEONTM_CACHE": "none"}  # everything is measured, every time
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError(" ".join(done.stderr.split())[-500:])
    return out


def _table(_: Inputs, out: Path) -> pd.DataFrame:
    table = pd.read_parquet(out / "communes.parquet").set_index("commune_code")
    measured = table[list(COLUMNS)].astype("float64")
    measured.attrs["more"] = {"stages": json.loads((out / "run.json").read_text(encoding="utf-8"))["seconds"]}
    return measured


JOB = Job(name="nation", load=_load, ours=_ours, peak_mb=3_000, limit_s=120.0, clock="wall", table=_table)
