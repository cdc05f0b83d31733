"""Reads a project file into a frozen :class:`Project`; every mistake is named with its line before any work starts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from geontm.errors import ProjectError
from geontm.law import RuleSet
from geontm.load.assessment_tables import AssessmentSource
from geontm.load.boundaries import BoundarySource
from geontm.load.figure_tables import FiguresSource, TextTableSource
from geontm.load.programme_tables import ProgrammeKind, ProgrammeSource, ProgrammeSources
from geontm.load.read import ListSource, Sources, Words
from geontm.load.shipped import shipped_path
from geontm.load.unit_tables import KeySpec, TableSource
from geontm.messages import Language, say
from geontm.project.coverage import CoverageSources, read_coverage_sources
from geontm.project.dictionary import read_dictionary
from geontm.project.lower import LowerSources, read_lower_sources
from geontm.project.model import LATER_SECTIONS, IndicatorEntry, KeyEntry, ListEntry, ProjectFile
from geontm.project.published import shipped_list_source
from geontm.project.schematic import SCHEMATIC_LAYERS
from geontm.project.standards import read_standards
from geontm.project.yaml_files import Document, nearest, read_yaml
from geontm.publish import Products
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
    entry = _validate(document)
    dictionary = words()
    standards = read_standards(entry, document, _inside)
    rulesets = standards.rulesets
    tables = tuple(
        _table(item, number, document, dictionary.indicators) for number, item in enumerate(entry.indicators)
    )
    lists = tuple(
        _list(standards.families.get(key, key), key, item, document, rulesets) for key, item in entry.lists.items()
    )
    figures = _figures(entry, document)
    programme = _programme(entry, document)
    assessments = _assessments(entry, document, standards.families)
    lower = read_lower_sources(entry, document, _inside)
    coverage = read_coverage_sources(entry, document, _inside)
    products = _products(entry, document)
    later = [key for key in LATER_SECTIONS if getattr(entry, key) is not None]
    return Project(
        name=entry.name,
        slug=slug(entry.name),
        as_of=entry.as_of,
        file=document.path,
        sources=Sources(
            boundaries=_boundaries(entry, document),
            land_border=_optional_file(entry.land_border, ("land_border",), document),
            border_facts=_optional_file(entry.border_facts, ("border_facts",), document),
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
        settings=entry.model_dump(mode="json", exclude_none=True),
    )  # fmt: skip


def _later(key: str, document: Document) -> Issue:
    line = document.line(tuple(key.split(".")))
    return Issue.of("warning", "project.later_section", file=document.path.name, row=line, column=key, key=key)


def _validate(document: Document) -> ProjectFile:
    if not isinstance(document.data, dict):
        raise ProjectError("project.not_a_mapping", where=document.path)
    try:
        return ProjectFile.model_validate(_frozen(document.data))
    except ValidationError as broken:
        raise _translate(broken, document) from None


def _frozen(data: Any) -> Any:
    """Turn YAML's lists into tuples, as the frozen model wants them."""
    if isinstance(data, dict):
        return {key: _frozen(value) for key, value in data.items()}
    return tuple(map(_frozen, data)) if isinstance(data, list) else data


def _translate(broken: ValidationError, document: Document) -> ProjectError:
    """Put pydantic's first finding into a planner's words; unknown keys first, for they explain missing ones."""
    finding = min(broken.errors(include_url=False), key=lambda found: found["type"] != "extra_forbidden")
    place = tuple(part for part in finding["loc"] if not (isinstance(part, str) and "function" in part))
    key, where = str(place[-1]), document.where(place)
    if finding["type"] == "extra_forbidden":
        known = _known_keys(place[:-1])
        close = nearest(key, known)
        hint = say("project.did_you_mean", name=close) if close else say("project.allowed_here", names=", ".join(known))
        return ProjectError("project.unknown_key", where=where, key=key, hint=hint)
    if finding["type"] == "invalid_key":
        return ProjectError("project.key_not_text", where=where, key=key)
    if finding["type"] == "missing":
        return ProjectError("project.missing_key", where=where, key=key)
    dotted = ".".join(str(part) for part in place)
    value = _value_at(document.data, place)
    return ProjectError("project.bad_value", where=where, key=dotted, value=value, expected=_expected(finding))


def _expected(finding: Any) -> str:
    kind = str(finding["type"])
    if kind == "literal_error":
        return say("project.expected_choice", names=str(finding["ctx"]["expected"]).replace("'", ""))
    for start, message in (
        ("value_error", "length"), ("date", "date"), ("string", "text"), ("float", "number"), ("int", "number"),
        ("bool", "flag"), ("tuple", "list"), ("list", "list"), ("dict", "mapping"), ("model", "mapping"),
    ):  # fmt: skip
        if kind.startswith(start):
            return say(f"project.expected_{message}")
    return str(finding["msg"])


def _known_keys(place: tuple[Any, ...]) -> list[str]:
    """Names of the keys that are allowed at a place of the project file."""
    model: type[BaseModel] = ProjectFile
    for part in place:
        field_info = model.model_fields.get(str(part)) if isinstance(part, str) else None
        found = _models_in(field_info.annotation) if field_info else []
        model = found[0] if found else model
    return list(model.model_fields)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _value_at(data: Any, place: tuple[Any, ...]) -> str:
    for part in place:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            break
    return str(data)[:80]


def _inside(file: str, place: tuple[str | int, ...], document: Document) -> Path:
    folder, path = document.path.resolve().parent, Path(file)
    try:
        resolved = (folder / path).resolve()
        resolved.exists()
    except (OSError, ValueError, RuntimeError):  # too long, a zero byte, a link to itself
        raise ProjectError("project.bad_path", where=document.where(place), file=file[:80]) from None
    if path.is_absolute():
        return path
    if not resolved.is_relative_to(folder):
        raise ProjectError("project.leaves_folder", where=document.where(place), file=file)
    return resolved


def _optional_file(file: str | None, place: tuple[str, ...], document: Document) -> Path | None:
    if file is None:
        return None
    if file.startswith("registry:"):
        raise ProjectError("project.registry_later", where=document.where(place), source=file)
    if file.startswith("shipped:"):
        return shipped_path(f"{file.removeprefix('shipped:')}.csv")
    return _inside(file, place, document)


def _boundaries(entry: ProjectFile, document: Document) -> BoundarySource:
    given, place = entry.boundaries, ("boundaries", "source")
    if given.source.startswith("schematic:"):
        if given.source not in SCHEMATIC_LAYERS:
            names = ", ".join(sorted(SCHEMATIC_LAYERS, reverse=True))
            raise ProjectError("project.unknown_source", where=document.where(place), source=given.source, names=names)
        file, valid_from = SCHEMATIC_LAYERS[given.source]
        layer = BoundarySource(shipped_path(file), provinces=given.provinces, date=valid_from, schematic=True)
        return replace(layer, districts=given.districts)
    path = _optional_file(given.source, place, document)
    assert path is not None
    layer = BoundarySource(path, layer=given.layer, provinces=given.provinces, date=given.date, columns=given.columns)
    return replace(layer, districts=given.districts)


def _key(key: KeyEntry) -> KeySpec:
    return KeySpec(code=key.code, name=key.name, province=key.province, district=key.district, within=key.within)


def _table(item: IndicatorEntry, number: int, document: Document, indicators: Table) -> TableSource:
    place = ("indicators", number)
    for spelling, name in item.columns.items():
        _require_indicator(name, (*place, "columns", spelling), document, indicators)
    path = _inside(item.file, (*place, "file"), document)
    return TableSource(path, sheet=item.sheet, date=item.date, key=_key(item.key), columns=item.columns)


def _require_indicator(name: str, place: tuple[str | int, ...], document: Document, indicators: Table) -> None:
    if name not in indicators:
        close = nearest(name, indicators.columns)
        hint = say("project.did_you_mean", name=close) if close else ""
        raise ProjectError("project.unknown_indicator", where=document.where(place), name=name, hint=hint)


def _list(ruleset: str, key: str, item: ListEntry, document: Document, rulesets: tuple[RuleSet, ...]) -> ListSource:
    ids = [rules.id for rules in rulesets]
    if ruleset not in ids:
        raise ProjectError(
            "project.list_without_standard", where=document.where(("lists", key)), id=key, names=", ".join(ids)
        )
    if item.file.startswith("shipped:"):
        return shipped_list_source(ruleset, item, where=document.where(("lists", key)))
    path = _inside(item.file, ("lists", key), document)
    table = TableSource(path, sheet=item.sheet, date=item.date, key=_key(item.key), columns=item.columns)
    return ListSource(ruleset, table, document=item.document, complete=item.complete, covers=item.covers)


def _assessments(entry: ProjectFile, document: Document, families: Mapping[str, str]) -> tuple[AssessmentSource, ...]:
    return tuple(
        AssessmentSource(
            families.get(name, name),
            _inside(item.file, ("assessments", name), document),
            sheet=item.sheet,
            date=item.date,
            document=item.document,
            illustrative=item.illustrative,
        )
        for name, item in entry.assessments.items()
    )


def _figures(entry: ProjectFile, document: Document) -> FiguresSource | None:
    given = entry.figures
    if given is None:
        return None

    def paths(part: str, names: tuple[str, ...]) -> tuple[Path, ...]:
        return tuple(_inside(name, ("figures", part), document) for name in names)

    tables = {
        name: TextTableSource(
            _inside(table.file, ("figures", "tables", name), document),
            sheet=table.sheet,
            illustrative=table.illustrative,
            document=table.document,
        )
        for name, table in given.tables.items()
    }
    return FiguresSource(
        given=paths("file", given.file),
        recipes=paths("recipes", given.recipes),
        contradictions=paths("contradictions", given.contradictions),
        tables=tables,
    )


def _products(entry: ProjectFile, document: Document) -> Products:
    asked = entry.publish
    template = asked.report.template if asked.report else None
    place = ("publish", "report", "template")
    return Products(
        maps=asked.maps,
        print=asked.print,
        atlas=asked.atlas,
        report=asked.report is not None,
        report_template=_optional_file(template, place, document),
        annex=asked.report is not None if asked.annex is None else asked.annex,
        site=asked.site,
    )


def _programme(entry: ProjectFile, document: Document) -> ProgrammeSources | None:
    given = entry.programme
    if given is None:
        return None
    files = [
        ProgrammeSource(
            kind, _inside(item.file, ("programme", kind), document), sheet=item.sheet, key=_key(item.key),
            columns=item.columns, illustrative=item.illustrative, document=item.document, date=item.date,
            through=item.through,
        )
        for kind in get_args(ProgrammeKind)
        for item in getattr(given, kind)
    ]  # fmt: skip
    return ProgrammeSources(given.name, tuple(files))


def _ranking(entry: ProjectFile, document: Document, indicators: Table) -> Ranking | None:
    if entry.rank is None:
        return None
    for part, names in (("weights", entry.rank.weights), ("directions", entry.rank.directions)):
        for name in names:
            _require_indicator(name, ("rank", part, name), document, indicators)
    ranking = Ranking(weights=entry.rank.weights, method=entry.rank.method, directions=entry.rank.directions)
    require_ranking(ranking, indicators)
    return ranking
