"""The account of a run: counts, summary figures, seconds, and what it was made from."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from typing import Any

import pandas as pd

from geontm import classify, load, publish
from geontm.errors import SourceError
from geontm.law import as_data
from geontm.messages import say
from geontm.project import Project

__all__ = [
    "DRAWS_ONLY",
    "YES_NO",
    "Clock",
    "PartDone",
    "Step",
    "count_answers",
    "fingerprint_of",
    "given_columns",
    "made_from",
    "make_record",
    "outside_regions",
    "summarise",
    "template_files",
]

Step = Callable[[str], None]


class PartDone(str):
    """A line of progress that also tells how far a long stage is; it can be printed as any text."""

    def __new__(cls, text: str, *, done: int, of: int) -> PartDone:
        """Keep the counts beside the text."""
        made = super().__new__(cls, text)
        made.done, made.of = done, of
        return made

    done: int
    of: int


VERSIONS = ("geontm", "geopandas", "shapely", "pandas", "numpy", "pyproj", "pyogrio", "fiona")
# What only draws and lays out: no figure of a result comes from it, and each is told where a product is made with it.
DRAWS_ONLY = frozenset({"folium", "matplotlib", "xlsxwriter", "docxtpl", "python-docx"})
YES_NO = ("is_border", "is_extremely_difficult")


class Clock:
    """Tells each stage as it begins and keeps its seconds."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Run one stage, named as in the message catalogue (``pipeline.step_<name>``)."""
        self.step(say(f"pipeline.step_{name}"))
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)


def count_answers(table: pd.DataFrame, *, no_region: Collection[str] = ()) -> dict[str, int]:
    """Count communes, yes answers with the unknown beside them, and regions; ``no_region``: codes that are in none."""
    counts = {"communes": len(table)}
    for name in YES_NO:
        if name in table:
            counts[name] = int(table[name].sum())
            counts[f"{name}_unknown"] = int(table[name].isna().sum())
    if "development_region" in table:
        regions = table["development_region"].value_counts()
        counts |= {f"development_region_{n}": int(regions.get(n, 0)) for n in (1, 2, 3)}
        empty = table.index[table["development_region"].isna()].astype("str")
        known = int(empty.isin(list(no_region)).sum())
        counts |= {"development_region_none": known, "development_region_unknown": len(empty) - known}
    return counts


def outside_regions(project: Project, verdicts: classify.Verdicts) -> frozenset[str]:
    """Name the communes that the law puts in no region: outside the scope, or by its tests; nothing is open there."""
    ids = [rules.id for rules in project.rulesets if "development_region" in rules.columns]
    decisions = verdicts.decisions
    none = decisions["ruleset"].isin(ids) & decisions["outcome"].isin(["outside_scope", "not_met"])
    return frozenset(decisions.loc[none, "commune_code"].astype("str"))


def given_columns(project: Project, verdicts: classify.Verdicts, *, facts: bool) -> frozenset[str]:
    """Name the result columns that official lists, or facts, give for every unit, so that nothing was derived."""
    decisions = verdicts.decisions
    computed = set(decisions.loc[decisions["source"] != "listed", "ruleset"])
    columns = {name for rules in project.rulesets if rules.id not in computed for name in rules.columns}
    return frozenset(columns | ({"is_border"} if facts else set()))


def summarise(
    counts: Mapping[str, int], as_of: date, *, measured: Collection[str], given: Collection[str]
) -> pd.DataFrame:
    """Return the summary figures of a run from its counts: ``key, value, unit, as_of, how``."""

    def how(key: str) -> str:
        column = next((name for name in (*YES_NO, "development_region") if key.startswith(name)), key)
        return "given" if column in {"communes", *given} else "measured" if column in measured else "derived"

    rows = [(key, value, "commune", as_of.isoformat(), how(key)) for key, value in counts.items()]
    return pd.DataFrame(rows, columns=pd.Index(["key", "value", "unit", "as_of", "how"]))


def make_record(project: Project, layers: load.Layers, clock: Clock) -> dict[str, Any]:
    """Return what the run was made from, and a fingerprint of it that does not depend on time or place."""
    boundaries, account = layers.boundaries, made_from(project, layers.files)
    return {
        **account,
        "templates": template_files(project.products),
        "fingerprint": fingerprint_of(account),
        "lang": project.lang,
        "crs": boundaries.crs,
        "transformation": boundaries.transformation,
        "topology": dict(boundaries.topology),
        "seconds": clock.seconds,
    }


def made_from(project: Project, files: Mapping[str, str]) -> dict[str, Any]:
    """Return everything that a result depends on: settings, the sha256 of each input, rule sets, versions."""
    return {
        "project": project.settings,
        "inputs": dict(sorted(files.items())),
        "rulesets": {rules.id: rules.source.document for rules in project.rulesets},
        # A rule set of the planner's own changes without a new id; the result must not keep its fingerprint then.
        "rulesets_sha256": {rules.id: _sha256(as_data(rules)) for rules in project.rulesets},
        "geontm": version("geontm"),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in (*VERSIONS, *_drawing_libraries(project.products))},
        },
    }


def _drawing_libraries(products: publish.Products) -> Iterator[str]:
    """Name the libraries that the products asked for are made with; the workbook is made in every run."""
    yield "xlsxwriter"
    if products.maps:
        yield "folium"
    if products.print or products.atlas or products.report or (products.maps and products.site):
        yield "matplotlib"
    if products.report:
        yield "docxtpl"
    if products.report or products.annex:
        yield "python-docx"


def fingerprint_of(account: Mapping[str, Any]) -> str:
    """Identify a result: the same inputs, settings, rules and edition of geontm give the same verdicts and figures.

    What is made of the result (``publish:``, a Word template) is no part of it: the same figures drawn on other paper
    keep their fingerprint. Other libraries are told in the record, and are no part of it either.
    """
    settings = {name: value for name, value in account["project"].items() if name != "publish"}
    parts = {name: account[name] for name in ("inputs", "rulesets", "rulesets_sha256", "geontm")}
    return _sha256({"project": settings, **parts})[:12]


def template_files(products: publish.Products) -> dict[str, str]:
    """Return the sha256 of the templates that products are made with, by name.

    Raises
    ------
    SourceError
        A template is missing.
    """
    template = products.report_template
    if template is None:
        return {}
    if not template.is_file():
        raise SourceError("project.file_missing", where=template, file=template.name)
    return {template.name: load.file_sha256(template)}


def _sha256(data: Mapping[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
