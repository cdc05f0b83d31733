"""Power diagrams (weighted Voronoi diagrams) whose cells have given areas inside a given outline.

A cell holds the places for which ``distance² - weight`` to its site is smallest. Weights exist for any positive areas
that add up to the outline's, and a damped Newton method finds them [1]_.

References
----------
.. [1] Kitagawa, Mérigot, Thibert (2019), Convergence of a Newton algorithm for semi-discrete optimal transport,
   J. Eur. Math. Soc. 21.
"""

from __future__ import annotations

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import ConvexHull

__all__ = ["fit_power_diagram", "power_diagram"]

Array = np.ndarray


def power_diagram(sites: Array, weights: Array, outline: shapely.Geometry) -> Array:
    """Return the power cells of ``sites`` inside ``outline``.

    Parameters
    ----------
    sites : array, shape (n, 2), metres
        No two alike.
    weights : array, shape (n,), m²
        All equal gives the ordinary Voronoi diagram.
    outline : Polygon or MultiPolygon, metres

    Returns
    -------
    array of n geometries, in the order of ``sites``; a cell may be empty, and may have several parts
    """
    cells, _, _ = _cells_and_edges(sites, weights, outline)
    return cells


def fit_power_diagram(
    sites: Array,
    areas: Array,
    outline: shapely.Geometry,
    *,
    owner: Array | None = None,
    slack: float = 0.0,
    tolerance: float = 1e-6,
    rounds: int = 80,
) -> tuple[Array, float]:
    """Fit weights so that each unit's area is its share of the outline's area.

    Parameters
    ----------
    sites : array, shape (n, 2), metres
        No two alike. Each unit needs one inside the outline or on its edge: its Voronoi cell must start with some area.
    areas : array, shape (m,)
        Wanted areas, positive, in any unit; they are scaled so that their sum is the outline's area.
    outline : Polygon or MultiPolygon, metres
    owner : array of int, shape (n,), optional
        Number of the unit (0 to m - 1) to which a site belongs. All sites of a unit share one weight, and its cell is
        the union of theirs. Default: one site each, m = n.
    slack : float
        How far an area may give way: a unit of weight w (m²) may miss its area by ``slack * w``. With 0 areas are
        followed exactly, and one wrong area pushes all cells between it and the place that has too much; with more,
        a wrong area is felt by its neighbours only.
    tolerance : float
        Stop when no unit is farther from its balance than this share of its area.
    rounds : int
        Stop after so many steps in any case.

    Returns
    -------
    cells : array of m geometries
    error : float
        Largest distance from balance, as a share of the unit's wanted area.
    """
    owner = np.arange(len(sites)) if owner is None else np.asarray(owner)
    wanted = np.asarray(areas, float) / np.sum(areas) * outline.area
    units = len(wanted)
    weights = np.zeros(units)
    cells, pairs, lengths = _cells_and_edges(sites, weights[owner], outline)
    got = _sums(cells, owner, units)
    # A step that would let a unit vanish is halved: with an empty one the system has no solution.
    floor = (0.01 if slack else 0.5) * min(got.min(), wanted.min())
    for _ in range(rounds):
        miss = wanted - got - slack * weights
        if np.abs(miss / wanted).max() < tolerance:
            break
        step = _newton_step(sites, owner, pairs, lengths, miss, slack)
        for size in 0.5 ** np.arange(20):
            trial = weights + size * step
            new = _cells_and_edges(sites, trial[owner], outline)
            new_got = _sums(new[0], owner, units)
            left = np.linalg.norm(wanted - new_got - slack * trial)
            if new_got.min() >= floor and left <= (1 - size / 2) * np.linalg.norm(miss):
                break
        else:
            break
        weights, (cells, pairs, lengths), got = trial, new, new_got
    merged = [shapely.union_all(cells[owner == unit]) for unit in range(units)]
    return np.array(merged, dtype=object), float(np.abs((wanted - got - slack * weights) / wanted).max())


def _sums(cells: Array, owner: Array, units: int) -> Array:
    return np.bincount(owner, weights=shapely.area(cells), minlength=units)


def _cells_and_edges(sites: Array, weights: Array, outline: shapely.Geometry) -> tuple[Array, Array, Array]:
    """Return cells, pairs of neighbours, and the length of the edge between each pair, all inside the outline."""
    points, lift, scale, centre = _lifted(sites, weights, outline)
    hull = ConvexHull(np.column_stack([points, lift]))
    normals = hull.equations
    lower = normals[:, 2] < -1e-14
    # The plane z = ax + by + c through a lower facet is the power vertex (a/2, b/2).
    with np.errstate(divide="ignore", invalid="ignore"):
        vertices = -normals[:, :2] / normals[:, 2:3] / 2 * scale + centre
    n = len(sites)
    facets = np.flatnonzero(lower)
    owner = hull.simplices[facets].ravel()
    at = np.repeat(facets, 3)
    cells = np.full(n, shapely.Polygon(), dtype=object)
    order = np.lexsort((at, owner))
    owner, at = owner[order], at[order]
    for site, where in zip(*_groups(owner), strict=True):
        if site < n:
            cells[site] = shapely.MultiPoint(vertices[at[where]]).convex_hull
    cells = shapely.intersection(cells, outline)
    pairs, ends = _dual_edges(hull, lower, vertices, n)
    return cells, pairs, shapely.length(shapely.intersection(shapely.linestrings(ends), outline))


def _lifted(sites: Array, weights: Array, outline: shapely.Geometry) -> tuple[Array, Array, float, Array]:
    """Lift sites to the paraboloid, scaled to the outline; far guards close the cells that would be open."""
    west, south, east, north = outline.bounds
    centre = np.array([(west + east) / 2, (south + north) / 2])
    scale = max(east - west, north - south)
    points = (sites - centre) / scale
    guards = 40 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]], float)
    both = np.vstack([points, guards])
    lift = (both**2).sum(axis=1)
    lift[: len(sites)] -= (weights - weights.mean()) / scale**2
    return both, lift, scale, centre


def _groups(keys: Array) -> tuple[Array, list[Array]]:
    values, starts = np.unique(keys, return_index=True)
    return values, np.split(np.arange(len(keys)), starts[1:])


def _dual_edges(hull: ConvexHull, lower: Array, vertices: Array, n: int) -> tuple[Array, Array]:
    """Return pairs of neighbouring sites and the two ends of the edge between them."""
    pairs, ends = [], []
    for corner in range(3):
        others = [c for c in range(3) if c != corner]
        facet = np.flatnonzero(lower)
        neighbour = hull.neighbors[facet, corner]
        keep = lower[neighbour] & (facet < neighbour)
        pair = hull.simplices[facet[keep]][:, others]
        inside = (pair < n).all(axis=1)
        pairs.append(pair[inside])
        ends.append(np.stack([vertices[facet[keep]][inside], vertices[neighbour[keep]][inside]], axis=1))
    return np.vstack(pairs), np.concatenate(ends)


def _newton_step(sites: Array, owner: Array, pairs: Array, lengths: Array, miss: Array, slack: float) -> Array:
    """Solve for the change of weights that would mend the areas if edges only moved sideways."""
    moves = (lengths > 0) & (owner[pairs[:, 0]] != owner[pairs[:, 1]])
    pairs, lengths = pairs[moves], lengths[moves]
    slope = lengths / (2 * np.linalg.norm(sites[pairs[:, 0]] - sites[pairs[:, 1]], axis=1))
    i, j = owner[pairs].T
    dense = np.zeros((len(miss), len(miss)))
    np.add.at(dense, (i, j), -slope)
    np.add.at(dense, (j, i), -slope)
    np.fill_diagonal(dense, slack - dense.sum(axis=1))
    if slack:
        return np.linalg.solve(dense, miss)
    count, part = connected_components(csr_array(dense), directed=False)
    # Only differences of weights matter: one per connected part stays, by the least-norm solution.
    for each in range(count):
        member = (part == each).astype(float)
        dense += np.outer(member, member) * (slope.mean() if len(slope) else 1.0) / member.sum()
        miss = miss - member * (miss @ member) / member.sum()
    return np.linalg.solve(dense, miss)
