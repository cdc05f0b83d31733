"""Meridians and parallels of a map frame, named in degrees and minutes along its edges."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.messages import Language
from geontm.publish.paper.plan import Plan, to_paper

__all__ = ["Graticule", "Tick", "degrees", "draw_graticule", "step_minutes"]

_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300)
_MOST = 10
_HEMISPHERES: dict[Language, tuple[str, str]] = {"vi": ("Đ", "B"), "en": ("E", "N")}


@dataclass(frozen=True)
class Tick:
    """Where a line meets an edge of the frame (mm), and what stands there."""

    x: float
    y: float
    edge: Literal["top", "bottom", "left", "right"]
    text: str


@dataclass(frozen=True, eq=False)
class Graticule:
    """Lines inside the frame (mm) and their names at its edges."""

    lines: NDArray[np.object_]
    ticks: tuple[Tick, ...]


def degrees(minutes: int, sign: str) -> str:
    """Write an angle as maps do: 106°30′Đ."""
    return f"{minutes // 60}°{minutes % 60:02d}′{sign}"


def step_minutes(span: float) -> int:
    """Return the distance of lines (minutes of arc) for an edge that spans ``span`` degrees."""
    return next((step for step in _STEPS if span * 60 / step <= _MOST), _STEPS[-1])


def draw_graticule(plan: Plan, crs: pyproj.CRS, lang: Language) -> Graticule:
    """Return the graticule of a frame.

    Parameters
    ----------
    plan : Plan
    crs : CRS
        Of the plane.
    """
    back = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    west, south, east, north = plan.extent
    edge = np.linspace(0, 1, 21)
    across, along = west + edge * (east - west), south + edge * (north - south)
    ring_x = np.concatenate([across, across, np.full(21, west), np.full(21, east)])
    ring_y = np.concatenate([np.full(21, south), np.full(21, north), along, along])
    lon, lat = back.transform(ring_x, ring_y)
    step = step_minutes(max(float(np.ptp(lon)), float(np.ptp(lat))))
    frame = shapely.box(plan.frame.x, plan.frame.y, plan.frame.right, plan.frame.top)
    forth = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    lines: list[object] = []
    ticks: list[Tick] = []
    for meridian in (True, False):
        values, others = (lon, lat) if meridian else (lat, lon)
        run = np.linspace(float(others.min()), float(others.max()), 60)
        for minutes in range(
            math.ceil(float(values.min()) * 60 / step) * step, math.floor(float(values.max()) * 60) + 1, step
        ):
            fixed = np.full(60, minutes / 60)
            points = np.column_stack(forth.transform(*((fixed, run) if meridian else (run, fixed))))
            whole = to_paper(np.array([shapely.linestrings(points)], dtype=object), plan)[0]
            inside = shapely.intersection(whole, frame)
            if shapely.is_empty(inside):
                continue
            lines += list(shapely.get_parts(inside))
            sign = _HEMISPHERES[lang][0 if meridian else 1]
            ticks += _ticks(inside, plan, degrees(minutes, sign), meridian)
    return Graticule(np.array(lines, dtype=object), tuple(ticks))


def _ticks(line: object, plan: Plan, text: str, meridian: bool) -> list[Tick]:
    points = shapely.get_coordinates(line)
    frame = plan.frame
    found = []
    for x, y in (points[0], points[-1]):
        if meridian and abs(y - frame.y) < 1e-6:
            found.append(Tick(float(x), float(y), "bottom", text))
        elif meridian and abs(y - frame.top) < 1e-6:
            found.append(Tick(float(x), float(y), "top", text))
        elif not meridian and abs(x - frame.x) < 1e-6:
            found.append(Tick(float(x), float(y), "left", text))
        elif not meridian and abs(x - frame.right) < 1e-6:
            found.append(Tick(float(x), float(y), "right", text))
    return found
