"""The small map in the corner of a page: Vietnam with both archipelagos, packed in a few kilobytes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import shapely

from geontm.publish.surroundings import locator
from geontm.publish.web.arcs import arcs_of, pack_arcs

__all__ = ["LOCATOR_GRID", "locator_codes", "pack_locator"]

LOCATOR_GRID = 100
"""Cells in a degree: a kilometre, a seventh of a pixel."""

_TOLERANCE = 0.05  # degrees: a third of a pixel


def locator_codes() -> list[str]:
    """Return what each outline of the small map is: codes of provinces, then of the two archipelagos."""
    return [str(code) for code in locator()["code"]]


@lru_cache(maxsize=1)
def pack_locator() -> bytes:
    """Pack the outlines of the small map (:func:`geontm.publish.web.arcs.pack_arcs`)."""
    frame = locator()
    provinces = (frame["use"] == "province").to_numpy()
    shapes = frame.geometry.to_numpy().copy()
    shapes[provinces] = shapely.coverage_simplify(shapes[provinces], _TOLERANCE)
    return pack_arcs(arcs_of(shapely.transform(shapes, lambda xy: np.round(xy * LOCATOR_GRID))))
