"""The built-in cases run from the installed wheel, outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("geontm-*.whl")
    subprocess.run(
        [*pip, "install", "--no-deps", "--no-index", "--target", str(folder / "site"), str(wheel)], check=True
    )
    return folder / "site"


@pytest.mark.parametrize(
    ("case", "units"),
    [("cao-bang-2026", 56), ("quang-ninh-196", 186), ("ba-che-2023", 8), ("ha-giang-2018", 195),
     ("cao-bang-1385", 161), ("lang-son-2024", 200)],
)  # fmt: skip
def test_every_case_runs_from_the_wheel(installed, tmp_path, case, units):
    environment = {**os.environ, "PYTHONPATH": str(installed), "GEONTM_LANG": "en"}
    code = "import geontm, sys; print(geontm.__file__)"
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert Path(found.stdout.strip()).is_relative_to(installed)
    done = subprocess.run(
        [sys.executable, "-m", "geontm", "run", "--case", case],
        cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    folder = tmp_path / done.stdout.splitlines()[-1]
    assert (folder / "index.html").exists() and list((folder / "maps").glob("*.html"))
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["counts"]["communes"] == units
