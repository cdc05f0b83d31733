"""The page's own program and style: the files in ``page/``, in order, and those of its parts that it has use for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from geontm.publish.web import vendor
from geontm.publish.web.slim import slim

__all__ = ["parts_of", "script", "style"]

# In this order: each file may use what stands before it. The parts of the page stand by themselves.
SCRIPTS = ("helpers.js", "unpack.js", "words.js", "verdicts.js", "coverage.js", "app.js", "canvas.js", "names.js")
PARTS, START, STYLE = "parts", "start.js", "page.css"
GUNZIP_JS = "vendored:fflate"

# Parts that only some pages need, and how the header of a page (of either era) tells that it does.
_WHERE: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "bivariate": lambda head: any(layer["kind"] == "bivariate" for layer in head["layers"]),
    "eras": lambda head: "former" in head,
    "locator": lambda head: bool(head.get("locator")),
    "overlays": lambda head: bool(head.get("overlays")),
}


def parts_of(head: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """Name the parts of a page, sorted; a new file in ``page/parts`` is a new part.

    Parameters
    ----------
    head : mapping, optional
        What the page shows (:func:`geontm.publish.web.payload.payload`); without it, every part.
    """
    folder = files("geontm.publish.web").joinpath("page", PARTS)
    names = sorted({path.name.partition(".")[0] for path in folder.iterdir() if path.name.endswith((".js", ".css"))})
    if head is None:
        return tuple(names)
    heads = [head, *([head["former"]] if "former" in head else [])]
    return tuple(name for name in names if name not in _WHERE or any(map(_WHERE[name], heads)))


@lru_cache(maxsize=16)
def script(parts: tuple[str, ...]) -> str:
    """Return the program of a page with these parts, in one closed scope."""
    gunzip = vendor.find(GUNZIP_JS)
    assert gunzip is not None  # vendored
    code = "\n".join([vendor.text(gunzip), *map(_asset, SCRIPTS), *_assets(parts, ".js"), _asset(START)])
    start = "const geontm = (window.geontm = window.geontm || { readyAt: null, map: null });"
    return f"(function () {{\n'use strict';\n{start}\n{code}}})();"


@lru_cache(maxsize=16)
def style(parts: tuple[str, ...]) -> str:
    """Return the style sheet of a page with these parts."""
    return "\n".join([_asset(STYLE), *_assets(parts, ".css")])


def _assets(parts: tuple[str, ...], ending: str) -> list[str]:
    folder = files("geontm.publish.web").joinpath("page", PARTS)
    return [_asset(f"{PARTS}/{name}{ending}") for name in parts if folder.joinpath(name + ending).is_file()]


@lru_cache(maxsize=64)
def _asset(name: str) -> str:
    return slim(files("geontm.publish.web").joinpath("page", name).read_text(encoding="utf-8"))
