"""What all pages of a run share, made once: the packed outlines and the reasons. Outlines may be kept between runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import shapely

from geontm.publish.content import Content
from geontm.publish.reasons import reasons
from geontm.publish.surroundings import is_national
from geontm.publish.web.arcs import arcs_of, pack_arcs
from geontm.publish.web.geometry import detail, simplify
from geontm.publish.web.locator import LOCATOR_GRID, locator_codes, pack_locator
from geontm.publish.web.overlays import Overlay, overlay_head, overlays_of
from geontm.publish.web.verdicts import packed_reasons
from geontm.tables import Issue

__all__ = ["Drawing", "Kept", "draw"]

# What the packed outlines depend on beside the outlines themselves.
_MADE_BY = ("arcs.py", "around.py", "geometry.py", "drawing.py")


class Kept(Protocol):
    """Where packed outlines are kept between runs."""

    def get(self, key: str) -> bytes | None:
        """Return what was put under a key, or None."""

    def put(self, key: str, data: bytes) -> None:
        """Keep data under a key."""


@dataclass(frozen=True)
class Drawing:
    """What all pages of a run share.

    Attributes
    ----------
    codes : tuple of str, n
        Units, sorted; the order of everything on a page.
    packed : bytes
        Outlines of the units, then of ``Content.context``; see :func:`geontm.publish.web.arcs.pack_arcs`. After them
        the small map and the overlays, at the offsets that ``extras`` gives.
    context : tuple of (str, str)
        Names (vi, en) of the land around, in the order of its outlines.
    bounds : tuple of float or None
        West, south, east, north of the units (degrees).
    per_degree : int
        Cells of the grid in one degree.
    tolerance_m : float
    without : int
        Units without outline.
    apart : tuple of str
        Units that overlap others and are drawn as they are.
    verdicts : mapping
        See :func:`geontm.publish.web.verdicts.packed_reasons`.
    extras : mapping
        Parts of the header: ``locator`` and ``overlays``.
    """

    codes: tuple[str, ...]
    packed: bytes
    context: tuple[tuple[str, str], ...]
    bounds: tuple[float, float, float, float] | None
    per_degree: int
    tolerance_m: float
    without: int
    apart: tuple[str, ...]
    verdicts: Mapping[str, Any] = field(repr=False)
    extras: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What a reader must know of the outlines."""
        if not self.apart:
            return ()
        return (Issue.of("warning", "publish.outlines_overlap", value=", ".join(self.apart), n=len(self.apart)),)


def draw(content: Content, *, tolerance_m: float | None = None, kept: Kept | None = None) -> Drawing:
    """Simplify and pack the geometry of a run, and gather its reasons.

    Parameters
    ----------
    content : Content
    tolerance_m : float, optional
        Tolerance (m); default by the number of units, see :func:`geontm.publish.web.geometry.detail`.
    kept : Kept, optional
        Outlines packed before are taken from here, and new ones put here: the same outlines, tolerance and grid, made
        by the same code, have the same key.
    """
    units = content.units.sort_index()
    around = content.context.geometry if content.context is not None else None
    usual, grid_m = detail(len(units))
    tolerance_m = usual if tolerance_m is None else tolerance_m
    key = _key(units.geometry, around, tolerance_m, grid_m) if kept is not None else ""
    record = kept.get(key) if kept is not None else None
    if record is None:
        record = _packed(units.geometry, around, tolerance_m, grid_m)
        if kept is not None:
            kept.put(key, record)
    facts, _, packed = record.partition(b"\n")
    about = json.loads(facts)
    codes = tuple(str(code) for code in units.index)
    extras, more = _extras(content, overlays_of(content), len(packed))
    return Drawing(
        codes=codes,
        packed=packed + more,
        context=_names(content.context),
        bounds=tuple(about["bounds"]) if about["bounds"] else None,
        per_degree=about["per_degree"],
        tolerance_m=tolerance_m,
        without=about["without"],
        apart=tuple(codes[number] for number in about["apart"]),
        verdicts=packed_reasons(reasons(content, codes)),
        extras=extras,
    )


def _names(context: gpd.GeoDataFrame | None) -> tuple[tuple[str, str], ...]:
    if context is None:
        return ()
    vi = context["name"].fillna("").astype("str")
    en = context["name_en"].fillna("").astype("str") if "name_en" in context else vi
    return tuple(zip(vi, en, strict=True))


def _extras(content: Content, overlays: tuple[Overlay, ...], at: int) -> tuple[dict[str, Any], bytes]:
    """Return what the header says of the small map and the overlays, and their bytes, which begin at an offset."""
    small = pack_locator()
    head: dict[str, Any] = {"codes": locator_codes(), "at": at, "grid": LOCATOR_GRID}
    head["national"] = is_national(content.units)
    parts, told = [small], []
    at += len(small)
    for overlay in overlays:
        told.append(overlay_head(overlay, at))
        parts.append(overlay.packed)
        at += len(overlay.packed)
    return {"locator": head, "overlays": told}, b"".join(parts)


def _packed(units: gpd.GeoSeries, around: gpd.GeoSeries | None, tolerance_m: float, grid_m: float) -> bytes:
    """Return one line of facts (JSON), then the packed outlines."""
    outlines = simplify(units, around, tolerance_m=tolerance_m, grid_m=grid_m)
    arcs = arcs_of(outlines.shapes)
    mine = outlines.shapes[: len(units)]
    known = mine[~shapely.is_missing(mine)]
    bounds = np.round(shapely.total_bounds(known) / outlines.per_degree, 4).tolist() if len(known) else None
    facts = {
        "bounds": bounds,
        "per_degree": outlines.per_degree,
        "without": int((arcs.feature_parts[: len(units)] == 0).sum()),
        "apart": list(outlines.apart),
    }
    return json.dumps(facts).encode("ascii") + b"\n" + pack_arcs(arcs)


def _key(units: gpd.GeoSeries, around: gpd.GeoSeries | None, tolerance_m: float, grid_m: float) -> str:
    digest = hashlib.sha256(f"{_made_by()} {tolerance_m!r} {grid_m!r} {len(units)}".encode("ascii"))
    for shapes in (units, around):
        for wkb in shapely.to_wkb(shapes.to_numpy()) if shapes is not None else ():
            digest.update(wkb if wkb is not None else b"none")
        digest.update(b"|")
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _made_by() -> str:
    folder = files("geontm.publish.web")
    code = b"".join(folder.joinpath(name).read_bytes() for name in _MADE_BY)
    return f"{hashlib.sha256(code).hexdigest()} {shapely.geos_version_string}"
