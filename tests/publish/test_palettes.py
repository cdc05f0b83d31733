"""Every palette can be told apart by people who see colours differently, and none of them sets red against green."""

import itertools
from importlib.resources import files

import numpy as np
import pytest
import yaml

from geontm.project.styles import read_styles

PALETTES = yaml.safe_load(files("geontm").joinpath("data/styles/palettes.yaml").read_text(encoding="utf-8"))
ENOUGH = 10  # CIE76: four times what is just noticed

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB; the first is usual sight.
SIGHT = {
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def lab(colours, sight):
    """Return CIE L*a*b* of colours as ``#rrggbb`` (n × 3), seen with a matrix."""
    plain = np.array([[int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)] for colour in colours])
    linear = np.where(plain <= 0.04045, plain / 12.92, ((plain + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.asarray(sight).T, 0, 1) @ TO_XYZ.T / WHITE
    root = np.where(seen > 0.008856, np.cbrt(seen), 7.787 * seen + 16 / 116)
    return np.column_stack([116 * root[:, 1] - 16, 500 * (root[:, 0] - root[:, 1]), 200 * (root[:, 1] - root[:, 2])])


def nearest(colours):
    """Return the least distance (CIE76) of any two colours to any sight."""
    pairs = list(itertools.combinations(range(len(colours)), 2))
    seen = [lab(colours, sight) for sight in SIGHT.values()]
    return min(float(np.linalg.norm(each[a] - each[b])) for each in seen for a, b in pairs)


@pytest.mark.parametrize("name", sorted(PALETTES))
def test_the_colours_of_a_palette_are_told_apart_by_any_sight(name):
    assert nearest(PALETTES[name]) > ENOUGH


def test_the_categories_of_every_map_are_told_apart_by_any_sight():
    close = {
        (style, layer.column): nearest([category.colour for category in layer.categories])
        for style, each in read_styles().items()
        for layer in each.layers
        if len(layer.categories) > 1
    }
    assert len(close) >= 8
    assert {key: gap for key, gap in close.items() if gap <= ENOUGH} == {}


@pytest.mark.parametrize(
    "colours",
    [["#b22222", "#228b22"], ["#d7191c", "#fdae61", "#ffffbf", "#a6d96a", "#1a9641"], ["#fee0d2", "#fee0d3"]],
)
def test_red_against_green_would_be_found(colours):
    assert nearest(colours) < ENOUGH


@pytest.mark.parametrize("name", ["YlOrBr", "YlOrRd", "YlGnBu", "PuBuGn", "BuPu", "YlGn"])
def test_a_ramp_darkens_from_low_to_high(name):
    for sight in SIGHT.values():
        assert (np.diff(lab(PALETTES[name], sight)[:, 0]) < -5).all()
