"""The scale bar of a map: a round length that fits, true at the middle of the frame, and where it stands."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pyproj

from geontm.publish.paper.plan import Plan
from geontm.publish.paper.spots import Box, Spots

__all__ = ["ScaleBar", "place_scale_bar"]

_STEPS = (1, 2, 4, 5)  # a bar in four pieces has round numbers at its middle and its end


@dataclass(frozen=True)
class ScaleBar:
    """A bar of ``km`` kilometres, ``length`` mm long at the middle of the map."""

    box: Box
    km: float
    length: float


def place_scale_bar(
    crs: pyproj.CRS, plan: Plan, spots: Spots, *, longest: float, least: float = 0.0, margin: float = 2.5
) -> ScaleBar:
    """Choose the longest round bar that fits and put it where it hides the least of the map.

    Parameters
    ----------
    crs : CRS
        Of the plane; its scale at the middle of the frame makes the bar true there.
    plan : Plan
    spots : Spots
        Of the frame; the place of the bar is taken from it.
    longest : float
        Most that the bar measures (mm).
    least : float
        Width of the room for bar and words, at least (mm).
    margin : float
        Distance kept to the frame (mm).
    """
    s = plan.letters
    west, south, east, north = plan.extent
    back = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    middle = back.transform((west + east) / 2, (south + north) / 2)
    per_km = 1e6 / plan.denominator * float(pyproj.Proj(crs).get_factors(*middle).parallel_scale)
    most = longest / per_km
    power = 10.0 ** math.floor(math.log10(most))
    km = max(step * power for step in _STEPS if step * power <= most * (1 + 1e-9))
    length = km * per_km
    box = spots.find_room(max(length + 14 * s, least), 12 * s, (0, 0), margin=margin)
    return ScaleBar(box, km, length)
