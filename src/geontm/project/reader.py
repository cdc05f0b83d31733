"""Reads a project file into a frozen :class:`Project`; every mistake is named with its line before any work starts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from geontm.errors import ProjectError
from geontm.law import RuleSet
from geontm.load.assessment_tables import AssessmentSource
from geontm.load.figure_tables import FiguresSource
from geontm.load.programme_tables import ProgrammeSources
from geontm.load.read import Sources, Words
from geontm.messages import Language
from geontm.project.coverage import CoverageSources, read_coverage_sources
from geontm.project.dictionary import read_dictionary
from geontm.project.former import read_former
from geontm.project.inputs import (
    read_assessments,
    read_boundaries,
    read_figures,
    read_list_source,
    read_programme,
    read_table,
    require_indicator,
)
from geontm.project.lower import LowerSources, read_lower_sources
from geontm.project.mistakes import validate
from geontm.project.model import LATER_SECTIONS, ProjectFile
from geontm.project.paths import inside, optional_file
from geontm.project.standards import read_standards
from geontm.project.yaml_files import Document, read_yaml
from geontm.publish import Products, check_report_template
from geontm.rank import Ranking, require_ranking
from geontm.tables import Issue, Table

__all__ = ["Project", "case_file", "case_names", "read_project", "slug", "words"]


@dataclass(frozen=True)
class Project:
    """One project, typed. A stage gets the few values it needs from here, never the project."""

    name: str
    slug: str
    as_of: date
    file: Path
    sources: Sources
    words: Words
    rulesets: tuple[RuleSet, ...]
    border_tolerance_m: float = 200.0
    accept_suggestions: bool = False
    allow_unverified: tuple[str, ...] = ()
    allow_out_of_force: tuple[str, ...] = ()
    ranking: Ranking | None = None
    figures: FiguresSource | None = None
    programme: ProgrammeSources | None = None
    assessments: tuple[AssessmentSource, ...] = ()
    lower: LowerSources = field(default_factory=LowerSources)
    coverage: CoverageSources | None = None
    products: Products = field(default_factory=Products)
    illustrative_files: frozenset[str] = frozenset()
    issues: tuple[Issue, ...] = ()
    lang: Language = "vi"
    former: Project | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


def words() -> Words:
    """Return the shipped dictionaries: identifiers, indicators, lists."""
    return Words(read_dictionary("communes"), read_dictionary("indicators"), read_dictionary("lists"))


def case_names() -> tuple[str, ...]:
    """Names of the built-in cases."""
    folder = files("geontm").joinpath("data", "cases")
    return tuple(sorted(entry.name for entry in folder.iterdir() if entry.joinpath("project.yaml").is_file()))


def case_file(name: str) -> Path:
    """Path of a built-in case's project file.

    Raises
    ------
    ProjectError
        There is no case of that name.
    """
    if name not in case_names():
        raise ProjectError("project.unknown_case", where=name, name=name, names=", ".join(case_names()))
    return Path(str(files("geontm").joinpath("data", "cases", name, "project.yaml")))


def slug(text: str) -> str:
    """Return a file name made of a title: no diacritics, lower case, hyphens."""
    plain = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    ascii_only = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:80] or "du-an"


def read_project(path: str | Path, *, lang: Language = "vi") -> Project:
    """Read and type a project file.

    Parameters
    ----------
    path : path
        The YAML file. Paths inside it start from its folder and may leave it only when absolute.
    lang : {"vi", "en"}
        Language of what is published.

    Raises
    ------
    ProjectError
        Not YAML, an unknown or missing key, a wrong value, an unknown indicator or rule set; file and line are named.
    SourceError
        The file itself cannot be read.
    """
    document = read_yaml(Path(path))
    entry = validate(document)
    dictionary = words()
    standards = read_standards(entry, document, inside)
    rulesets = standards.rulesets
    tables = tuple(
        read_table(item, number, document, dictionary.indicators) for number, item in enumerate(entry.indicators)
    )
    lists = tuple(
        read_list_source(standards.families.get(key, key), key, item, document, rulesets)
        for key, item in entry.lists.items()
    )
    figures = read_figures(entry, document)
    programme = read_programme(entry, document)
    assessments = read_assessments(entry, document, standards.families)
    lower = read_lower_sources(entry, document, inside)
    coverage = read_coverage_sources(entry, document, inside)
    products = _products(entry, document)
    former = read_former(entry, document, read=lambda file: read_project(file, lang=lang))
    later = [key for key in LATER_SECTIONS if getattr(entry, key) is not None]
    return Project(
        name=entry.name,
        slug=slug(entry.name),
        as_of=entry.as_of,
        file=document.path,
        sources=Sources(
            boundaries=read_boundaries(entry, document),
            land_border=optional_file(entry.land_border, ("land_border",), document),
            border_facts=optional_file(entry.border_facts, ("border_facts",), document),
            tables=tables,
            lists=lists,
            more=(
                *standards.files,
                *lower.paths,
                *(coverage.paths if coverage else ()),
                *(figures.paths if figures else ()),
                  *(programme.paths if programme else ()),
                *(each.path for each in assessments),
            ),
        ),
        words=dictionary,
        rulesets=rulesets,
        border_tolerance_m=entry.border_tolerance,
        accept_suggestions=entry.accept_suggestions,
        allow_unverified=entry.allow_unverified,
        allow_out_of_force=entry.allow_out_of_force,
        ranking=_ranking(entry, document, dictionary.indicators),
        figures=figures,
        programme=programme,
        assessments=assessments,
        lower=lower,
        coverage=coverage,
        products=products,
        illustrative_files=frozenset(
            str(table.path) for item, table in zip(entry.indicators, tables, strict=True) if item.illustrative
        ),
        issues=(*standards.issues, *(_later(key, document) for key in later)),
        lang=lang,
        former=former,
        settings=entry.model_dump(mode="json", exclude_none=True),
    )  # fmt: skip


def _later(key: str, document: Document) -> Issue:
    line = document.line(tuple(key.split(".")))
    return Issue.of("warning", "project.later_section", file=document.path.name, row=line, column=key, key=key)


def _products(entry: ProjectFile, document: Document) -> Products:
    asked = entry.publish
    template = asked.report.template if asked.report else None
    place = ("publish", "report", "template")
    return Products(
        maps=tuple(dict.fromkeys(asked.maps)),
        print=tuple(dict.fromkeys(asked.print)),
        atlas=asked.atlas,
        report=asked.report is not None,
        report_template=_template(template, place, document),
        annex=asked.report is not None if asked.annex is None else asked.annex,
        site=asked.site,
    )


def _template(file: str | None, place: tuple[str, ...], document: Document) -> Path | None:
    """Return the path of the report's template, tried out: a broken tag would stop a run at its end."""
    path = optional_file(file, place, document)
    if path is not None and path.is_file():
        check_report_template(path)
    return path


def _ranking(entry: ProjectFile, document: Document, indicators: Table) -> Ranking | None:
    if entry.rank is None:
        return None
    for part, names in (("weights", entry.rank.weights), ("directions", entry.rank.directions)):
        for name in names:
            require_indicator(name, ("rank", part, name), document, indicators)
    ranking = Ranking(weights=entry.rank.weights, method=entry.rank.method, directions=entry.rank.directions)
    require_ranking(ranking, indicators)
    return ranking
