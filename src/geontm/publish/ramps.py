"""Colours of classes: the ramps that are shipped, and a ramp spread over as many classes as there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

import yaml

__all__ = ["palettes", "spread", "two_sided"]


@lru_cache(maxsize=1)
def palettes() -> Mapping[str, tuple[str, ...]]:
    """Read the shipped ramps (``data/styles/palettes.yaml``) by name, each from low to high; squares are by rows."""
    text = files("geontm").joinpath("data", "styles", "palettes.yaml").read_text(encoding="utf-8")
    return MappingProxyType({name: tuple(colours) for name, colours in yaml.safe_load(text).items()})


def spread(palette: Sequence[str], classes: int) -> list[str]:
    """Take as many colours as there are classes, from one end of the ramp to the other; mix them where it has fewer.

    One class alone is neither the best nor the worst: it takes the middle.
    """
    if classes == 1:
        return [palette[len(palette) // 2]]
    if classes <= len(palette):
        return [palette[round(k * (len(palette) - 1) / max(1, classes - 1))] for k in range(classes)]
    return [_mixed(palette, k * (len(palette) - 1) / (classes - 1)) for k in range(classes)]


def two_sided(palette: Sequence[str], low: int, high: int) -> list[str]:
    """Take the colours of so many classes on each side of the middle, the outermost always among them."""
    half = len(palette) // 2
    return [*spread(palette[:half], low), *spread(palette[half:][::-1], high)[::-1]]


def _mixed(palette: Sequence[str], place: float) -> str:
    low = min(int(place), len(palette) - 2)
    part = place - low
    pairs = zip(*([int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in palette[low : low + 2]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)
