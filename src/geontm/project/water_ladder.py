"""Reads the ladder of drinking water, ``data/water_ladder.yaml``, into frozen values."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import yaml

from geontm.cover.ladder import Rung, WaterLadder
from geontm.tables import Label

__all__ = ["read_water_ladder"]


@lru_cache(maxsize=1)
def read_water_ladder() -> WaterLadder:
    """Read the ladder that ships with geontm."""
    said = yaml.safe_load(files("geontm").joinpath("data", "water_ladder.yaml").read_text(encoding="utf-8"))
    classes = {word: (kind,) for kind in ("improved", "unimproved", "surface") for word in said["sources"][kind]} | {
        word: tuple(kinds) for word, kinds in said["sources"]["open"].items()
    }
    rungs = tuple(Rung(each["id"], Label(**each["label"]), tuple(each["needs"])) for each in said["rungs"])
    return WaterLadder(rungs, classes, float(said["round_trip_min"]["at_most"]))
