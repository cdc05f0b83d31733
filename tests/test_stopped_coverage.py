"""Measuring that is stopped: Ctrl-C, a process that is killed, a disk that is full, a folder that is read only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import psutil
import pytest

from small_coverage import write_coverage_project

ROOT_ON_LINUX = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk needs root on Linux"
)
WITH_SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="process groups and their signals are of POSIX")
# Runs geontm with a province that takes as long as the test needs: its processes say that they have begun, and wait.
SLOW = """
import os, time
from pathlib import Path

def slow(task):
    Path(os.environ["BEGUN"], str(os.getpid())).touch()
    time.sleep(120)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two provinces, so that two processes have something to do."""
    file = write_coverage_project(tmp_path / "du-an")
    units = gpd.read_file(file.with_name("ranh-gioi.gpkg"))
    units.loc[2:, ["ma_tinh", "ten_tinh"]] = ["08", "Tỉnh Tuyên Quang"]
    units.to_file(file.with_name("ranh-gioi.gpkg"), driver="GPKG", engine="pyogrio")
    file.write_text(
        file.read_text(encoding="utf-8").replace('covers: ["04"]', 'covers: ["04", "08"]'), encoding="utf-8"
    )
    return file


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    folder = tmp_path / "begun"
    folder.mkdir(exist_ok=True)
    told = {"GEONTM_PROCESSES": "2", "GEONTM_LANG": "en", "GEONTM_CACHE": str(tmp_path / "cache"), "BEGUN": str(folder)}
    return {**os.environ, **told, **more}


def geontm(tmp_path: Path, project: Path, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "geontm", "run", str(project), "--out", "out", *options]
    return subprocess.run(
        line, cwd=tmp_path, env=environment(tmp_path, **more), capture_output=True, text=True, encoding="utf-8"
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@contextmanager
def measuring(tmp_path: Path, project: Path) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """Start a run in a group of its own, and wait until two processes are measuring; nothing is left at the end."""
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")
    env = environment(tmp_path)
    env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(tmp_path), env.get("PYTHONPATH", ""))))
    start = "import slow; from geontm.pipeline.coverage import run as coverage; coverage.measure_province = slow.slow; "
    line = [sys.executable, "-c", start + "from geontm.cli import main; main()", "run", str(project), "--out", "out"]
    process = subprocess.Popen(
        line,
        cwd=tmp_path,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    family: list[psutil.Process] = []
    try:
        until = time.monotonic() + 240
        while len(list((tmp_path / "begun").iterdir())) < 2:
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < until, "the processes have not begun to measure"
            time.sleep(0.1)
        family += psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 2
        yield process, family
    finally:
        for one in family:
            if one.is_running():
                one.kill()
        if process.poll() is None:
            process.kill()
        process.wait()


def require_gone(family: list[psutil.Process]) -> None:
    """Wait a moment for what watches over shared resources to notice that nobody needs it."""
    _, left = psutil.wait_procs(family, timeout=20)
    assert [" ".join(one.cmdline()) for one in left if one.status() != psutil.STATUS_ZOMBIE] == []


@WITH_SIGNALS
def test_ctrl_c_while_two_processes_measure_leaves_nothing_behind(project, tmp_path):
    assert geontm(tmp_path, project).returncode == 0
    before = contents(tmp_path / "out")
    project.with_name("duong.gpkg").touch()
    shutil.rmtree(tmp_path / "cache")
    with measuring(tmp_path, project) as (process, family):
        began = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to everyone at once
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 1, errors
        assert time.monotonic() - began < 30
        assert "Traceback" not in errors and "Unexpected" not in errors, errors
        assert "Stopped" in errors, errors
        require_gone(family)
    assert contents(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("out")] == ["out"]
    assert not list((tmp_path / "cache").rglob(".part-*"))
    after = geontm(tmp_path, project)
    assert after.returncode == 0, after.stderr
    assert contents(tmp_path / "out")["communes.csv"] == before["communes.csv"]


@WITH_SIGNALS
def test_a_measuring_process_that_is_killed_is_told_with_a_remedy(project, tmp_path):
    with measuring(tmp_path, project) as (process, family):
        worker = int(next((tmp_path / "begun").iterdir()).name)
        os.kill(worker, signal.SIGKILL)  # as a system does that runs out of memory
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 1, errors
        assert "Traceback" not in errors and "Unexpected" not in errors, errors
        assert "GEONTM_PROCESSES=1" in errors and "memory" in errors, errors
        require_gone(family)
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="needs a folder that the user may not write to"
)
def test_a_project_in_a_folder_that_may_not_be_written_to(project, tmp_path):
    project.parent.chmod(0o555)
    try:
        result = geontm(tmp_path, project)
    finally:
        project.parent.chmod(0o755)
    assert result.returncode == 0, result.stderr


@contextmanager
def disk(folder: Path, *options: str) -> Iterator[Path]:
    """Mount a small disk for the time of a test."""
    folder.mkdir()
    mounted = subprocess.run(["mount", *options, str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine does not allow mounting a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@ROOT_ON_LINUX
def test_a_project_on_a_disk_that_is_read_only(project, tmp_path):
    before = contents(project.parent)
    with disk(tmp_path / "dia", "--bind", str(project.parent)) as folder:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        with pytest.raises(OSError):
            (folder / "x").touch()
        result = geontm(tmp_path, folder / "project.yaml")
        assert result.returncode == 0, result.stderr
        assert contents(folder) == before
        refused = geontm(tmp_path, folder / "project.yaml", "--out", str(folder / "out"))
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr and "Unexpected" not in refused.stderr, refused.stderr


@ROOT_ON_LINUX
@pytest.mark.parametrize("size", ["16k", "100k"])
def test_a_full_disk_under_the_cache_changes_nothing(project, tmp_path, size):
    assert geontm(tmp_path, project).returncode == 0
    before = contents(tmp_path / "out")
    with disk(tmp_path / "dia", "-t", "tmpfs", "-o", f"size={size}", "tmpfs") as folder:
        result = geontm(tmp_path, project, GEONTM_CACHE=str(folder))
        assert result.returncode == 0, result.stderr
        assert "Traceback" not in result.stderr
        held = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert held <= 120_000
    after = contents(tmp_path / "out")
    differing = [name for name in before if name != "run.json" and before[name] != after.get(name)]
    assert differing == []
