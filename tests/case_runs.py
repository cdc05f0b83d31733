"""Runs a working case and reads what it published, for the tests of the cases."""

from __future__ import annotations

import base64
import csv
import gzip
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geontm.pipeline import Plan, run, write
from geontm.project import case_file, read_project

SEEDS = ("seeds", "figures.csv")


@dataclass(frozen=True)
class CaseRun:
    """A finished case: its plan, its folder, and its published figures as text by key and day."""

    name: str
    plan: Plan
    folder: Path
    figures: pd.DataFrame

    def figure(self, key: str, day: str = "") -> dict[str, str]:
        """Return the one row of a key (and day)."""
        found = self.figures[(self.figures["key"] == key) & ((self.figures["as_of"] == day) | (day == ""))]
        assert len(found) == 1, f"{key} stands {len(found)} times"
        return found.iloc[0].to_dict()

    def values(self, *keys: str) -> dict[str, str]:
        """Return the values of some keys."""
        return {key: self.figure(key)["value"] for key in keys}

    def hows(self, *keys: str) -> dict[str, str]:
        """Return the origins of some keys."""
        return {key: self.figure(key)["how"] for key in keys}

    def issues(self, start: str) -> list[str]:
        """Return the places of issues whose message begins so."""
        return [issue.column for issue in self.plan.issues if issue.message.id.startswith(start)]


def run_case(name: str, folder: Path) -> CaseRun:
    """Run a built-in case into a folder."""
    plan = run(read_project(case_file(name)))
    out = write(plan, folder / name)
    figures = pd.read_csv(out / "figures.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    return CaseRun(name, plan, out, figures)


def missing_from(case: CaseRun, shared: Path) -> list[tuple[str, str, str, str]]:
    """List the figures of the documents that the case does not hold under the same key, value, unit and day."""
    with shared.joinpath(*SEEDS).open(encoding="utf-8", newline="") as file:
        wanted = [
            (row["key"], row["value"], row["unit"], row["as_of"])
            for row in csv.DictReader(file)
            if row["case"] == case.name
        ]
    assert wanted
    held = set(case.figures[["key", "value", "unit", "as_of"]].itertuples(index=False, name=None))
    return [row for row in wanted if row not in held]


def disagreeing(case: CaseRun) -> list[str]:
    """List the printed figures that the run does not reproduce."""
    return list(case.figures.loc[case.figures["check"] == "differs", "key"])


def map_data(page: Path) -> str:
    """Return what a map page draws from, as text: its packed blocks of data."""
    blocks = re.findall(r'id="geontm-[a-z]+"[^>]*>([A-Za-z0-9+/=\s]{100,})<', page.read_text(encoding="utf-8"))
    assert blocks, "no data in the page"
    return "".join(gzip.decompress(base64.b64decode(block)).decode("utf-8", "replace") for block in blocks)
