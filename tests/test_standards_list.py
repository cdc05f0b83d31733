"""``geontm standards list`` on a screen: an id that is read is typed again, so no width may cut it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from geontm.cli import cli
from geontm.project import list_rulesets

pty = pytest.importorskip("pty", reason="a real terminal is needed")
IDS = {rules.id for rules in list_rulesets() if not rules.part_of}
PARTS = {rules.id for rules in list_rulesets() if rules.part_of in IDS}


def on_screen(columns: int) -> str:
    """What the command prints on a terminal of that many columns."""
    upper, lower = pty.openpty()
    command = [sys.executable, "-m", "geontm", "standards", "list", "--lang", "vi"]
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "dumb", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(command, stdout=lower, stdin=subprocess.DEVNULL, env=environment)
    os.close(lower)
    read = b""
    try:
        while piece := os.read(upper, 65536):
            read += piece
    except OSError:  # how a closed terminal ends on Linux
        pass
    os.close(upper)
    assert process.wait() == 0
    return read.decode("utf-8")


@pytest.mark.parametrize("columns", [80, 140])
def test_no_id_is_cut_on_a_terminal(columns: int) -> None:
    lines = on_screen(columns).splitlines()
    assert max(map(len, lines)) <= columns
    first_cells = {line.split("│")[1].strip() for line in lines if line.startswith("│")}
    assert first_cells - {""} == IDS
    if columns < 120:
        said = " ".join(line.split("│")[2].strip() for line in lines if line.startswith("│"))
        assert [name for name in PARTS if name not in said] == []
        assert [
            rules.id for rules in list_rulesets() if rules.id in IDS and str(rules.in_force.start) not in said
        ] == []
        assert "33/2020/QĐ-TTg" in said


def test_a_pipe_gets_a_column_for_each_fact() -> None:
    found = CliRunner().invoke(cli, ["standards", "list", "--lang", "en"])
    head = found.stdout.splitlines()[1]
    for title in ("Id", "Name", "Document", "From", "To", "Verified", "Recalled", "Unknown"):
        assert title in head
