"""Holds a project file against its model; the first mistake is put into a planner's words, with its line."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from geontm.errors import ProjectError
from geontm.messages import say
from geontm.project.model import ProjectFile
from geontm.project.yaml_files import Document, nearest

__all__ = ["validate"]


def validate(document: Document) -> ProjectFile:
    """Return the typed content of a project file.

    Raises
    ------
    ProjectError
        Not a mapping, an unknown or missing key, a wrong value.
    """
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
