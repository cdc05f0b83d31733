from __future__ import annotations

import os
import time

import psutil
import pytest

from geontm.errors import ClusterError, SourceError
from geontm.pipeline.coverage.pool import process_count, send_out


def double(task: int) -> tuple[int, int, int]:
    time.sleep(0.05)
    return task, 2 * task, os.getpid()


def refuse(task: int) -> int:
    if task == 2:
        raise SourceError("project.file_missing", where="duong.gpkg", file="duong.gpkg")
    return task


def die(task: int) -> int:
    if task == 2:
        os._exit(9)
    return task


@pytest.fixture(autouse=True)
def two_processes(monkeypatch):
    monkeypatch.setenv("GEONTM_PROCESSES", "2")


def test_every_task_is_done_once_and_elsewhere():
    done = list(send_out(double, range(6)))
    assert sorted((task, result) for task, result, _ in done) == [(n, 2 * n) for n in range(6)]
    assert os.getpid() not in {process for *_, process in done}


def test_one_process_works_here(monkeypatch):
    monkeypatch.setenv("GEONTM_PROCESSES", "1")
    assert {process for *_, process in send_out(double, range(3))} == {os.getpid()}


def test_a_refusal_comes_through_as_it_was_raised():
    with pytest.raises(SourceError) as refused:
        list(send_out(refuse, range(4)))
    assert refused.value.message.id == "project.file_missing"
    assert "duong.gpkg" in refused.value.text("vi")


def test_a_process_that_dies_is_told_with_a_remedy():
    with pytest.raises(ClusterError) as died:
        list(send_out(die, range(4)))
    assert "GEONTM_PROCESSES=1" in died.value.text("vi")


def test_an_abandoned_run_leaves_no_process_behind():
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    results = send_out(double, range(100))
    next(results)
    working = {child.pid for child in psutil.Process().children(recursive=True)} - before
    assert working
    results.close()
    left = [child for child in psutil.Process().children(recursive=True) if child.pid in working]
    # What watches over shared resources stays until this process ends; it does no work.
    assert [child for child in left if "resource_tracker" not in " ".join(child.cmdline())] == []


def test_more_processes_than_tasks_make_no_sense(monkeypatch):
    assert process_count(1) == 1
    monkeypatch.setenv("GEONTM_PROCESSES", "many")
    assert 1 <= process_count(64) <= 64


def test_a_cluster_that_is_not_there_is_named():
    pytest.importorskip("distributed")
    with pytest.raises(ClusterError) as lost:
        list(send_out(double, range(2), cluster="tcp://127.0.0.1:9"))
    assert "tcp://127.0.0.1:9" in lost.value.text("en")
