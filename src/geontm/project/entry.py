"""What every section of a project file is made of: the strict base, lengths, names, a bare file name for a mapping."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["Code", "Entry", "Files", "Length", "file_or_mapping", "metres"]

_FARTHEST_M = 100_000.0  # no tolerance and no service reaches farther than a province
_LENGTH = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(m|km)\s*", re.IGNORECASE)


def metres(value: object) -> object:
    """Read a length with its unit, ``200 m`` or ``2 km``, as metres."""
    if isinstance(value, str) and (found := _LENGTH.fullmatch(value)):
        length = float(found[1].replace(",", ".")) * (1_000 if found[2].lower() == "km" else 1)
        if 0 < length <= _FARTHEST_M:
            return length
    raise ValueError("length")


def file_or_mapping(value: object) -> object:
    """Let a bare file name stand for a mapping with nothing else in it."""
    return {"file": value} if isinstance(value, str) else value


def _names(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Files = Annotated[tuple[str, ...], BeforeValidator(_names)]
Length = Annotated[float, BeforeValidator(metres)]
Code = Annotated[str, Field(pattern=r"^\d{2}$")]


class Entry(BaseModel):
    """One mapping of a project file: unknown keys are errors, nothing is converted in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)
