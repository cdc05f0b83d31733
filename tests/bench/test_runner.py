"""The runner, with real processes on tiny inputs."""

import json
from dataclasses import replace

import pandas as pd
import pytest
from click.testing import CliRunner

from geontm.bench import run_benchmark
from geontm.bench.job import OURS, Peer, Tolerance
from geontm.bench.jobs import JOBS, read_job
from geontm.bench.make import Size, make_inputs
from geontm.bench.report import Benchmark, as_data, notes, table
from geontm.bench.runner import Outcome, Timing, run_job
from geontm.cli import cli
from geontm.errors import SourceError
from geontm.messages import catalogue

TINY = Size(("46",), segments=400, cell_m=600.0, edge_m=2_000.0)
ONE = Timing("x", (1.0,), (1.0,), 10.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("bench")
    make_inputs(made / "inputs", TINY)
    return made


def test_a_job_runs_in_processes_and_agrees(folder):
    said = []
    found = run_benchmark(folder, size=TINY, only=["roads"], repeat=1, growth=False, step=said.append)
    (outcome,) = found.outcomes
    assert not found.wrong
    assert outcome.peer == "geopandas.overlay"
    assert [each.agrees for each in outcome.differences] == [True] * 8
    assert outcome.differences[0].units == 40
    assert outcome.ours.cpu[0] > 0
    assert outcome.ours.peak_mb > 50
    assert outcome.ratio == pytest.approx(outcome.theirs.cpu[0] / outcome.ours.cpu[0])
    assert said == ["roads 1/1: geontm", "roads 1/1: geopandas.overlay"]
    written = json.loads(found.file.read_text(encoding="utf-8"))
    assert written["inputs"]["segments"] == 400
    assert written["outcomes"][0]["verdict"] == outcome.verdict


def test_ways_alternate_and_our_smaller_runs_give_the_growth(folder, tmp_path):
    said = []
    job = read_job("neighbours")
    job = replace(job, peers=job.peers[:1])
    found = run_job(
        job,
        folder / "inputs",
        tmp_path,
        repeat=2,
        growth={1.0: folder / "inputs", 2.0: folder / "inputs"},
        step=said.append,
    )
    assert said == [
        "neighbours 1/2: geontm",
        "neighbours 1/2: libpysal Queen",
        "neighbours 2/2: geontm",
        "neighbours 2/2: libpysal Queen",
        "neighbours 1x: geontm",
        "neighbours 2x: geontm",
    ]
    assert len(found[0].ours.cpu) == 2
    assert list(found[0].growth) == [1.0, 2.0, 4.0]
    assert not found[0].wrong


def test_a_wrong_table_of_a_real_run_is_found(folder, tmp_path):
    job = read_job("population")
    # The name that the worker knows, so that it runs; and a column that the two measure differently.
    peer = replace(job.peers[1], tolerance={"population_on_map": Tolerance(relative=1e-12)}, packages=())
    (outcome,) = run_job(
        replace(job, peers=(peer,)), folder / "inputs", tmp_path, repeat=1, growth={}, step=lambda _: None
    )
    assert outcome.wrong
    assert outcome.verdict == "wrong"
    assert outcome.differences[0].beyond > 0
    assert outcome.differences[0].unit in set(pd.read_parquet(folder / "inputs" / "units.parquet").index)


def test_a_way_that_fails_says_why(folder, tmp_path):
    broken = tmp_path / "inputs"
    broken.mkdir()
    for file in (folder / "inputs").iterdir():
        (broken / file.name).write_bytes(file.read_bytes())
    (broken / "population.tif").write_bytes(b"II*\0 nothing")
    (outcome,) = run_job(read_job("population"), broken, tmp_path / "results", repeat=2, growth={}, step=lambda _: None)
    assert outcome.wrong
    assert outcome.ours is None
    assert outcome.note


def test_a_peer_that_is_not_installed_is_named(folder, tmp_path):
    job = read_job("neighbours")
    absent = Peer("nobody", lambda _: None, {"touching": Tolerance()}, target=2.0, packages=("no_such_module",))
    (outcome,) = run_job(
        replace(job, peers=(absent,)), folder / "inputs", tmp_path, repeat=1, growth={}, step=lambda _: None
    )
    assert outcome.verdict == "alone"
    assert not outcome.wrong
    said = notes(Benchmark((outcome,), as_data([outcome], TOLD, 1), tmp_path), "en")
    assert any("nobody is not installed" in line and "pip install" in line for line in said)


TOLD = {"communes": 1, "segments": 2, "land_cells": 3, "people": 4}


def test_growth_is_the_power_of_the_input():
    outcome = Outcome("roads", "cpu", ONE, growth={1.0: 2.0, 2.0: 4.0, 4.0: 8.0})
    assert outcome.exponent == pytest.approx(1.0)
    assert replace(outcome, growth={1.0: 1.0, 2.0: 4.0, 4.0: 16.0}).exponent == pytest.approx(2.0)
    assert replace(outcome, growth={}).exponent is None


@pytest.mark.parametrize(("seconds", "verdict"), [(8.0, "met"), (7.9, "not_met")])
def test_a_target_is_closed(seconds, verdict):
    theirs = replace(ONE, cpu=(seconds, 100.0, 0.1))
    assert Outcome("roads", "cpu", ONE, "p", theirs, target=8.0).verdict == verdict


@pytest.mark.parametrize("name", JOBS)
def test_every_job_is_whole(name):
    job = read_job(name)
    assert job.name == name
    assert f"bench.job_{name}" in catalogue()
    assert OURS not in {peer.name for peer in job.peers}
    assert all(peer.tolerance for peer in job.peers)
    assert job.way(OURS) is job.ours


def test_the_table_has_a_row_for_each_way():
    outcomes = [Outcome("roads", "cpu", ONE, "p", ONE, target=1.0), Outcome("access", "cpu", None, note="it broke")]
    assert table(outcomes, "vi").row_count == 2
    said = notes(Benchmark(tuple(outcomes), as_data(outcomes, TOLD, 1), "file"), "en")
    assert "Rural access: it broke" in said


def test_an_unknown_job_is_refused_before_anything_is_made(tmp_path):
    with pytest.raises(SourceError, match="rods"):
        run_benchmark(tmp_path / "bench", only=["rods"])
    assert not (tmp_path / "bench").exists()


def test_the_command_ends_with_1_where_a_result_is_wrong(monkeypatch, tmp_path):
    wrong = (Outcome("roads", "cpu", None, note="it broke"),)
    asked = {}

    def run(folder, **options):
        asked.update(options)
        return Benchmark(wrong, as_data(wrong, TOLD, 1), tmp_path / "bench.json")

    monkeypatch.setattr("geontm.bench.run_benchmark", run)
    result = CliRunner().invoke(cli, ["bench", "--full", "--only", "roads, access", "--no-growth", "--lang", "en"])
    assert result.exit_code == 1
    assert "it broke" in result.output
    assert asked["size"] == "full"
    assert asked["only"] == ["roads", "access"]
    assert asked["growth"] is False


def test_the_command_refuses_what_it_does_not_know(tmp_path):
    result = CliRunner().invoke(cli, ["bench", "--only", "rods", "--out", str(tmp_path / "b"), "--lang", "en"])
    assert result.exit_code == 1
    assert "rods" in result.output
    assert CliRunner().invoke(cli, ["bench", "--repeat", "0"]).exit_code == 2
