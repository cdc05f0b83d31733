"""A road network that can be routed: villages joined to villages, centres to centres, lanes that end in the fields."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay, QhullError

from geontm.bench.make.ground import DEGREE_M, Ground, cells_of
from geontm.bench.make.noise import scatter
from geontm.bench.make.people import Villages, share_out

__all__ = ["CLASSES", "make_roads"]

# Shares of asphalt, concrete, gravel, earth and of what the layer does not say, by class.
CLASSES: dict[str, tuple[float, float, float, float, float]] = {
    "national_road": (0.97, 0.03, 0.0, 0.0, 0.0),
    "provincial_road": (0.85, 0.09, 0.05, 0.0, 0.01),
    "district_road": (0.55, 0.29, 0.11, 0.03, 0.02),
    "commune_road": (0.20, 0.54, 0.13, 0.10, 0.03),
    "village_road": (0.05, 0.59, 0.13, 0.19, 0.04),
    "lane": (0.0, 0.60, 0.10, 0.26, 0.04),
    "field_road": (0.0, 0.24, 0.19, 0.52, 0.05),
}
SURFACES = np.array(["asphalt", "concrete", "gravel", "earth", ""])
ALL_SEASON = np.array([0.995, 0.985, 0.55, 0.06, 0.0])
NOT_SAID = 0.03  # share of roads without a word on the season, beyond those without a surface
PIECE_M = 450.0
BENDS = 3  # pieces of line in one segment
AT_SEA = 0.25  # edges with more than this share of their length outside every commune are not built
LONGEST_M = 40_000.0


@dataclass(frozen=True)
class _Edges:
    """Pairs of villages joined by a road, with its class as a position in ``CLASSES``."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    length: NDArray[np.float64]
    kind: NDArray[np.int64]

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> _Edges:
        return _Edges(self.start[chosen], self.end[chosen], self.length[chosen], self.kind[chosen])


def make_roads(ground: Ground, villages: Villages, *, segments: int, seed: int) -> gpd.GeoDataFrame:
    """Draw exactly ``segments`` road segments that meet at shared ends.

    Returns
    -------
    GeoDataFrame of LineString, EPSG:4326
        ``road_id``, ``road_class``, ``surface``, ``hardened``, ``all_season``, ``bridge``; unknown is missing.
    """
    random = scatter(seed, 5)
    middle = float(np.cos(np.deg2rad(np.median(villages.lat))))
    plane = np.column_stack([villages.lon * DEGREE_M * middle, villages.lat * DEGREE_M])
    edges = _joined(plane, villages, random)
    edges = edges.take(_on_land(ground, villages, edges))
    if len(edges.start) > segments:
        edges = edges.take(np.sort(np.lexsort((edges.length, edges.kind))[:segments]))
    pieces = _pieces(edges.length, max(int(0.6 * segments), len(edges.start)))
    lines = _bent(plane, edges, pieces, random)
    kind = np.repeat(edges.kind, pieces)
    if (lanes := segments - len(lines)) > 0:
        root = lines[random.integers(0, len(lines), lanes), np.where(random.random(lanes) < 0.5, 0, -1)]
        lane_kind = np.where(random.random(lanes) < 0.7, 5, 6)
        lines = np.concatenate([lines, _lanes(root, lane_kind == 5, random)])
        kind = np.append(kind, lane_kind)
    points = lines / [DEGREE_M * middle, DEGREE_M]
    return _frame(points, kind, random)


def _joined(plane: NDArray[np.float64], villages: Villages, random: np.random.Generator) -> _Edges:
    """Join villages to near villages and centres to near centres; each network hangs together."""
    near = _near(plane)
    tree = _spanning(near, len(plane))
    keep = tree | (near.length < 2_200) | ((random.random(len(tree)) < 0.4) & (near.length < 9_000))
    same = villages.commune[near.start] == villages.commune[near.end]
    local = _Edges(near.start, near.end, near.length, np.where(same, 4, 3)).take(keep)

    centre = villages.centre
    trunk = _near(plane[centre])
    in_tree = _spanning(trunk, len(centre))
    big = villages.persons[centre][trunk.start] + villages.persons[centre][trunk.end]
    kind = np.where(in_tree, np.where(big > np.median(big), 0, 1), 2)
    upper = _Edges(centre[trunk.start], centre[trunk.end], trunk.length, kind).take(in_tree | (trunk.length < 25_000))
    both = _Edges(
        *(np.concatenate([getattr(upper, name), getattr(local, name)]) for name in ("start", "end", "length", "kind"))
    )
    return both.take((both.length < LONGEST_M) & (both.length > 1.0))


def _near(plane: NDArray[np.float64]) -> _Edges:
    """Return the edges of the Delaunay triangulation that are not the longest of both their triangles."""
    try:
        corners = Delaunay(plane).simplices.astype(np.int64)
    except (QhullError, ValueError):  # too few points for a triangle: all pairs in a row
        order = np.lexsort(plane.T)
        corners = np.empty((0, 3), dtype=np.int64)
        pairs = np.sort(np.column_stack([order[:-1], order[1:]]), axis=1)
        count = np.zeros(len(pairs), dtype=np.int64)
    if len(corners):
        sides = np.sort(corners[:, [[0, 1], [1, 2], [2, 0]]], axis=2)
        length = np.hypot(*np.moveaxis(plane[sides[..., 0]] - plane[sides[..., 1]], -1, 0))
        longest = (np.arange(3)[None, :] == length.argmax(axis=1)[:, None]).ravel()
        pairs, inverse = np.unique(sides.reshape(-1, 2), axis=0, return_inverse=True)
        count = np.bincount(inverse.ravel(), weights=longest, minlength=len(pairs)).astype(np.int64)
    length = np.hypot(*(plane[pairs[:, 0]] - plane[pairs[:, 1]]).T)
    # A Delaunay side that is longest in both triangles crosses ground that shorter ways reach as well; the spanning
    # tree never uses it.
    chosen = count < 2
    return _Edges(pairs[chosen, 0], pairs[chosen, 1], length[chosen], np.zeros(int(chosen.sum()), dtype=np.int64))


def _spanning(edges: _Edges, n: int) -> NDArray[np.bool_]:
    """Tell which edges are of the shortest tree that joins all."""
    graph = coo_array((edges.length + 1.0, (edges.start, edges.end)), shape=(n, n))
    tree = minimum_spanning_tree(graph.tocsr()).tocoo()
    return np.isin(edges.start * n + edges.end, tree.row.astype(np.int64) * n + tree.col)


def _on_land(ground: Ground, villages: Villages, edges: _Edges) -> NDArray[np.bool_]:
    outside = np.zeros(len(edges.start))
    for share in np.linspace(0.1, 0.9, 7):
        lon = villages.lon[edges.start] * (1 - share) + villages.lon[edges.end] * share
        lat = villages.lat[edges.start] * (1 - share) + villages.lat[edges.end] * share
        outside += ground.owners_at(cells_of(ground.grid, lon, lat)) < 0
    return outside <= AT_SEA * 7


def _pieces(length: NDArray[np.float64], budget: int) -> NDArray[np.int64]:
    """Give each edge one piece and more by its length, ``budget`` at most."""
    wanted = np.maximum(np.rint(length / PIECE_M), 1).astype(np.int64)
    spare = budget - len(length)
    if wanted.sum() <= budget or spare <= 0:
        return wanted if wanted.sum() <= budget else np.ones(len(length), dtype=np.int64)
    more = share_out(np.array([spare]), np.maximum(wanted - 1, 0) * 1_000 + 1, np.zeros(len(length), dtype=np.int64))
    return 1 + more


def _bent(
    plane: NDArray[np.float64], edges: _Edges, pieces: NDArray[np.int64], random: np.random.Generator
) -> NDArray[np.float64]:
    """Return segments of ``BENDS`` straight pieces along waves that end with the edge; shape (n, BENDS + 1, 2)."""
    waves = random.uniform(-0.07, 0.07, (len(edges.start), 3)) / np.array([1.0, 2.1, 3.9])
    of = np.repeat(np.arange(len(pieces)), pieces)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    # Whole numbers over whole numbers: the end of one segment is the start of the next, to the bit.
    t = (nth[:, None] * BENDS + np.arange(BENDS + 1)) / (pieces[of] * BENDS)[:, None]
    run = plane[edges.end] - plane[edges.start]
    aside = sum(waves[of, k, None] * np.sin(np.pi * (k + 1) * t) for k in range(3))
    aside = np.where((t == 0) | (t == 1), 0.0, aside)
    x = np.where(t == 1, plane[edges.end, 0][of, None], plane[edges.start, 0][of, None] + t * run[of, 0, None])
    y = np.where(t == 1, plane[edges.end, 1][of, None], plane[edges.start, 1][of, None] + t * run[of, 1, None])
    return np.stack([x - aside * run[of, 1, None], y + aside * run[of, 0, None]], axis=-1)


def _lanes(root: NDArray[np.float64], lane: NDArray[np.bool_], random: np.random.Generator) -> NDArray[np.float64]:
    """Return lanes and field roads that leave the network at the points given."""
    length = random.gamma(2.0, np.where(lane, 70.0, 190.0)) + 15
    heading = random.uniform(0, 2 * np.pi, len(root))[:, None] + np.cumsum(
        random.normal(0, 0.3, (len(root), BENDS)), axis=1
    )
    steps = (length / BENDS)[:, None, None] * np.stack([np.cos(heading), np.sin(heading)], axis=-1)
    return np.concatenate([root[:, None], root[:, None] + np.cumsum(steps, axis=1)], axis=1)


def _frame(points: NDArray[np.float64], kind: NDArray[np.int64], random: np.random.Generator) -> gpd.GeoDataFrame:
    """Say of each segment what a road layer says."""
    names = np.array(list(CLASSES))
    bounds = np.cumsum(np.array(list(CLASSES.values())), axis=1)[kind, :4]
    surface = (random.random(len(kind))[:, None] > bounds).sum(axis=1)
    season = random.random(len(kind)) < ALL_SEASON[surface]
    unknown = (surface == 4) | (random.random(len(kind)) < NOT_SAID)
    bridge = random.random(len(kind)) < np.where(kind < 5, 0.012, 0.002)
    said = surface < 4
    lines = shapely.linestrings(points)
    return gpd.GeoDataFrame(
        {
            "road_id": pd.array([f"r{n:07d}" for n in range(len(kind))], dtype="str"),
            "road_class": pd.array(names[kind], dtype="str"),
            "surface": pd.Series(SURFACES[surface]).mask(~said).astype("str"),
            "hardened": pd.Series(surface < 2, dtype="boolean").mask(~said),
            "all_season": pd.Series(season, dtype="boolean").mask(unknown),
            "bridge": pd.array(bridge, dtype="boolean"),
        },
        geometry=lines,
        crs=4326,
    )
