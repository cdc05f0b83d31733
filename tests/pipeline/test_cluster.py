"""A real scheduler and real worker processes on this machine."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import geontm
from geontm.cli import cli
from geontm.errors import ClusterError, SourceError
from geontm.pipeline.coverage.pool import send_out
from small_coverage import write_coverage_project

distributed = pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore:Port")


@pytest.fixture
def cluster(tmp_path):
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=str(tmp_path)
    ) as made:
        yield made


def workers_of(cluster) -> list[int]:
    return [nanny.pid for nanny in cluster.workers.values()]


def work(task: tuple[str, int]) -> tuple[int, int]:
    """Note that the task has begun, take a while, and say who did it."""
    folder, number = task
    with Path(folder, f"{number}-{os.getpid()}").open("w"):
        time.sleep(0.5)
    return number, os.getpid()


def test_the_work_is_done_by_the_workers(cluster, tmp_path):
    done = list(send_out(work, [(str(tmp_path), n) for n in range(4)], cluster=cluster.scheduler_address))
    assert sorted(number for number, _ in done) == [0, 1, 2, 3]
    assert {process for _, process in done} <= set(workers_of(cluster))


def test_a_worker_killed_in_the_middle_costs_time_only(cluster, tmp_path):
    victim = workers_of(cluster)[0]

    def kill() -> None:
        while not list(tmp_path.glob(f"*-{victim}")):
            time.sleep(0.02)
        os.kill(victim, signal.SIGKILL)

    murder = threading.Thread(target=kill)
    murder.start()
    done = list(send_out(work, [(str(tmp_path), n) for n in range(6)], cluster=cluster.scheduler_address))
    murder.join()
    assert sorted(number for number, _ in done) == list(range(6))
    begun = [int(path.name.split("-")[0]) for path in tmp_path.glob("*-*") if path.name.split("-")[1].isdigit()]
    assert len(begun) > 6, "some task was begun twice: the killed one"


def test_a_refusal_reaches_the_one_who_asked(cluster):
    from test_coverage_pool import refuse

    with pytest.raises(SourceError) as refused:
        list(send_out(refuse, range(4), cluster=cluster.scheduler_address))
    assert "duong.gpkg" in str(refused.value)


def test_a_cluster_without_workers_is_refused(tmp_path):
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None, local_directory=str(tmp_path)) as empty,
        pytest.raises(ClusterError) as refused,
    ):
        list(send_out(work, [(str(tmp_path), 1)], cluster=empty.scheduler_address))
    assert "dask worker" in refused.value.text("en")


def written(project: Path, target: Path, cluster: str | None) -> dict[str, bytes]:
    geontm.write(geontm.run(geontm.read_project(project), cluster=cluster), target)
    files = {
        path.relative_to(target).as_posix(): path.read_bytes() for path in sorted(target.rglob("*")) if path.is_file()
    }
    # The record alone carries the time.
    return {name: data for name, data in files.items() if name != "run.json"}


def test_a_run_on_a_cluster_leaves_the_same_bytes(cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("GEONTM_CACHE", "none")
    monkeypatch.setenv("GEONTM_PROCESSES", "1")
    project = write_coverage_project(tmp_path / "du-an")
    here = written(project, tmp_path / "here", None)
    there = written(project, tmp_path / "there", cluster.scheduler_address)
    assert len(here) > 15
    assert sorted(here) == sorted(there)
    assert [name for name in here if here[name] != there[name]] == []


def test_the_command_takes_the_address(cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("GEONTM_CACHE", "none")
    project = write_coverage_project(tmp_path / "du-an")
    arguments = ["run", str(project), "--out", str(tmp_path / "ra"), "--cluster"]
    done = CliRunner().invoke(cli, [*arguments, cluster.scheduler_address])
    assert done.exit_code == 0, done.output
    refused = CliRunner().invoke(cli, [*arguments, "tcp://127.0.0.1:9"])
    assert refused.exit_code == 1
    assert "tcp://127.0.0.1:9" in refused.output
