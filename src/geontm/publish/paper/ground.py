"""What all sheets of a run in one size share: land reduced to the scale, borders, names, furniture, insets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyproj
import shapely
from matplotlib.path import Path
from numpy.typing import NDArray

from geontm.messages import Language
from geontm.publish.paper.apart import set_islands_apart
from geontm.publish.paper.graticule import Graticule, draw_graticule
from geontm.publish.paper.key import KEY_PAD, Entry, KeyPlan, key_shapes, lowest_key
from geontm.publish.paper.lines import borders, line_paths, outer_borders, polygon_path, stand_alone
from geontm.publish.paper.names import Name, Names, bare_name, largest_parts, place_names
from geontm.publish.paper.plan import Format, Plan, nice_denominator, plan_of, to_paper
from geontm.publish.paper.plane import Land
from geontm.publish.paper.scale_bar import ScaleBar, place_scale_bar
from geontm.publish.paper.spots import Box, Spots
from geontm.publish.paper.text import POINT_MM, clean, text_width
from geontm.publish.surroundings import seas

__all__ = ["Ground", "Inset", "ScaleBar", "ground_of"]

_TOLERANCE = 0.1  # mm on the paper
_LEAST_SHOWN = 0.6  # mm: what is smaller is drawn as a dot
_FEW = 12  # communes
_MANY = 10  # numbers: fewer find room beside the map
_MOST_NUMBERS = 36  # in a report: a key of more would leave no room for the map
_OUTLINED_KM2 = 6.0
_INSETS: dict[str, tuple[float, float]] = {"hoang_sa": (44.0, 32.0), "truong_sa": (54.0, 37.0)}
_INSET = (34.0, 26.0)
_WISHED = {"hoang_sa": (1, 0.6)}
_SMALLER = 0.8  # of an inset in a report against A4
_MOST_HIDDEN = 4.0  # mm² of units under a frame of far islands
_BAR, _SHORT_BAR = 44.0, 24.0  # mm, at most; of a nation in a report
_LEGEND, _LEGEND_IN_REPORT = (60.0, 79.0), (54.0, 84.0)  # mm, inside the frame of a national sheet
_EDGE = 1.4  # mm: names keep this far from the frame
_ASIDE = ((0, 0), (0, -8), (0, 8), (8, 0), (-8, 0), (0, -16), (16, 0), (-16, 0), (0, 16))
_PREFIX = re.compile(r"^(?:tỉnh|thành phố)\s+", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Drawn:
    """Units as they are filled: a path or dots for each (mm)."""

    paths: tuple[Path | None, ...]
    dots: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, eq=False)
class Inset:
    """A frame of its own for one archipelago.

    Attributes
    ----------
    name : str
        ``hoang_sa``, ``truong_sa``, or the code of a single unit.
    title : str
        Of a single unit.
    box : Box
        On the paper (mm).
    drawn : Drawn
        Its units; others are empty.
    coasts : Path or None
    denominator : float
    provinces : tuple of str
        Names of the provinces that these units belong to.
    """

    name: str
    title: str
    box: Box
    drawn: Drawn
    coasts: Path | None
    denominator: float
    provinces: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ground:
    """Everything of a sheet but one layer's colours, legend and words.

    Attributes
    ----------
    names : Names
        Of communes; of provinces on a national sheet.
    texts : tuple of str
        What ``names`` numbers refer to: bare names of communes or provinces.
    key : (Box, KeyPlan) or None
        Room inside the frame for names by number, where they find none beside the map.
    unnamed : int
        Communes that a picture for a report neither names nor numbers: so many numbers would need a page of names.
    """

    land: Land
    plan: Plan
    drawn: Drawn
    inner: Path | None
    outer: Path | None
    islets: Path | None
    around: tuple[Path, ...]
    around_names: tuple[Name, ...]
    graticule: Graticule
    names: Names
    texts: tuple[str, ...]
    sea_names: tuple[Name, ...]
    insets: tuple[Inset, ...]
    scale_bar: ScaleBar
    arrow: Box
    legend: Box | None
    key: tuple[Box, KeyPlan] | None
    unnamed: int = 0

    @property
    def entries(self) -> list[Entry]:
        """Numbers on the map and the names that they stand for."""
        return [(each.number, self.texts[each.unit]) for each in self.names.numbers]


def ground_of(land: Land, size: Format, lang: Language) -> Ground:
    """Reduce the land to the scale of a sheet and place everything that does not depend on a layer.

    Parameters
    ----------
    land : Land
    size : {"A4", "A3", "report"}
    lang : {"vi", "en"}
        Of the degrees along the frame.
    """
    land = set_islands_apart(land)
    ground = _on(plan_of(land, size), land, lang)
    beside = size != "report" or land.national or not _insets_hide(ground)
    if not beside:
        ground = _on(plan_of(land, size, beside=False), land, lang)
    if size != "report" or land.national or not ground.names.numbers:
        return ground
    if len(ground.names.numbers) > _MOST_NUMBERS:
        return replace(ground, names=replace(ground.names, numbers=()), unnamed=len(ground.names.numbers))
    key = lowest_key(ground.entries, ground.plan.frame.w, ground.plan.letters)
    lower = plan_of(land, size, less=key.height, beside=beside)
    return _on(lower, land, lang) if lower.frame.h < ground.plan.frame.h else ground


def _insets_hide(ground: Ground) -> bool:
    """Tell whether frames of far islands stand on units of the map, where the frame leaves them too little sea."""
    known = to_paper(shapely.make_valid(ground.land.shapes[ground.land.near]), ground.plan)
    boxes = [shapely.box(each.box.x, each.box.y, each.box.right, each.box.top) for each in ground.insets]
    return any(float(shapely.area(shapely.intersection(known, box)).sum()) > _MOST_HIDDEN for box in boxes)


def _on(plan: Plan, land: Land, lang: Language) -> Ground:
    """Place everything on one plan."""
    simple = to_paper(_reduce(land, plan.denominator), plan)
    drawn = _drawn(simple)
    inner, outer = borders(simple, land.provinces)
    heavy, islets = outer_borders(outer, _OUTLINED_KM2 * (1e6 / plan.denominator) ** 2)
    frame = shapely.box(plan.frame.x, plan.frame.y, plan.frame.right, plan.frame.top)
    context = _visible(to_paper(land.context.geometry.to_numpy(), plan), frame)
    texts, named = _texts(land, simple)
    spots = Spots(plan.frame, list(named), list(context))
    s = plan.letters
    aside = land.national and not plan.alone  # in a report the legend of a nation stands in the east, above the insets
    arrow = spots.find_room(9 * plan.signs, 15 * plan.signs, (0.5 if aside else 1, 1))
    bar = place_scale_bar(land.projection.crs, plan, spots, longest=_SHORT_BAR if aside else _BAR * s)
    wide, high = _LEGEND_IN_REPORT if aside else _LEGEND
    corner = (1, 1) if aside else (0, 0.56)
    legend = spots.find_room(wide * plan.signs, high * plan.signs, corner) if land.national else None
    insets = tuple(_inset(land, name, plan, spots) for name in land.islands)
    spots.take_edge(_EDGE)
    sizes = [k * s for k in _letters(land, len(named), plan)]
    names = place_names(spots, texts, named, sizes, cut="Bold" if land.national else "Regular")
    key = _room_for_key(spots, [(each.number, texts[each.unit]) for each in names.numbers], plan)
    furniture = [arrow, bar.box, legend, *(each.box for each in insets), *([key[0]] if key else [])]
    return Ground(
        land=land,
        plan=plan,
        drawn=drawn,
        inner=line_paths(inner),
        outer=line_paths(heavy),
        islets=line_paths(islets),
        around=tuple(path for path in map(polygon_path, context) if path is not None),
        around_names=_name_around(spots, land, context, furniture, s),
        graticule=draw_graticule(plan, land.projection.crs, lang),
        names=names,
        texts=tuple(texts),
        sea_names=_name_seas(spots, land.projection.crs, plan, lang),
        insets=insets,
        scale_bar=bar,
        arrow=arrow,
        legend=legend,
        key=key,
    )


def _room_for_key(spots: Spots, entries: Sequence[Entry], plan: Plan) -> tuple[Box, KeyPlan] | None:
    """Keep room inside the frame for many numbers, in the shape that hides nothing but land around."""
    s = plan.letters
    if len(entries) < _MANY or not plan.side.w or not plan.alone:
        return None
    heading = 25.0 * s
    for key in key_shapes(entries, s):
        wide, high = max(key.width, heading) + KEY_PAD * s, key.height + 2 * KEY_PAD * s
        box = spots.free_room(wide, high, (0, 0.4), margin=2.0)
        if box is not None:
            return box, key
    return None


def _letters(land: Land, count: int, plan: Plan) -> tuple[float, ...]:
    """Return the sizes of names (points at A4): few communes leave room for larger ones."""
    if not plan.alone:
        return (7.4, 6.8, 6.2) if count <= _FEW and not land.national else (6.6, 6.2)
    if land.national:
        return 7.0, 6.2, 5.4
    return (10.0, 8.6, 7.2, 6.2) if count <= _FEW else (7.6, 6.6, 5.6)


def _reduce(land: Land, denominator: float) -> NDArray[np.object_]:
    """Simplify the units of the main frame together, so that neighbours keep their common edge; others become None."""
    shapes = np.full(len(land.shapes), None, dtype=object)
    near = land.near
    if near.any():
        tolerance = _TOLERANCE / 1000 * denominator
        shapes[near] = shapely.coverage_simplify(land.shapes[near], tolerance)
    return shapes


def _drawn(shapes: NDArray[np.object_], *, every_islet: bool = False) -> Drawn:
    """Turn shapes (mm) into paths; islands too small to see become dots, every islet of them where asked for."""
    bounds = shapely.bounds(largest_parts(shapes))
    small = np.fmax(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]) < _LEAST_SHOWN
    dotted = small & stand_alone(shapes) if small.any() else small
    dots = [np.zeros((0, 2))] * len(shapes)
    for k, shape in enumerate(shapes):
        if shape is not None and (every_islet or dotted[k]):
            parts = shapely.get_parts(shape)
            box = shapely.bounds(parts)
            tiny = np.fmax(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]) < _LEAST_SHOWN
            dots[k] = shapely.get_coordinates(shapely.centroid(parts[tiny]))
    return Drawn(tuple(map(polygon_path, shapes)), tuple(dots))


def _visible(shapes: NDArray[np.object_], frame: shapely.Polygon) -> NDArray[np.object_]:
    if not len(shapes):
        return shapes
    cut = shapely.clip_by_rect(shapes, *frame.bounds)
    return np.asarray(shapely.simplify(cut, _TOLERANCE), dtype=object)


def _inset(land: Land, name: str, plan: Plan, spots: Spots) -> Inset:
    s = plan.signs if plan.alone else _SMALLER
    wide, high = _INSETS.get(name, _INSET)
    above = 4.2 * plan.letters
    room = spots.find_room(wide * s, high * s + above, _wished(name, plan))
    box = Box(room.x, room.y, room.w, room.h - above)
    there = land.islands[name]
    west, south, east, north = shapely.total_bounds(land.shapes[there])
    needed = max((east - west) / (box.w * 0.84), (north - south) / (box.h * 0.84), 1.0) * 1000
    denominator = nice_denominator(needed)
    metres = denominator / 1000
    origin = ((west + east - box.w * metres) / 2, (south + north - box.h * metres) / 2)
    own = replace(plan, frame=box, denominator=denominator, origin=(float(origin[0]), float(origin[1])))
    shapes = np.full(len(land.shapes), None, dtype=object)
    shapes[there] = shapely.coverage_simplify(land.shapes[there], _TOLERANCE / 1000 * denominator)
    shapes = to_paper(shapes, own)
    provinces = sorted({_PREFIX.sub("", land.province_names[k]) for k in np.flatnonzero(there)})
    coasts = line_paths(shapely.get_rings(shapely.get_parts(shapes)))
    unit = int(np.flatnonzero(there)[0])
    title = "" if name in _INSETS else clean(bare_name(land.names[unit], land.kinds[unit])) or land.codes[unit]
    return Inset(name, title, box, _drawn(shapes, every_islet=True), coasts, denominator, tuple(provinces))


def _wished(name: str, plan: Plan) -> tuple[float, float]:
    if not plan.alone:
        return (1, 0.3) if name == "hoang_sa" else (1, 0)
    return _WISHED.get(name, (1, 0.22))


def _texts(land: Land, shapes: NDArray[np.object_]) -> tuple[list[str], NDArray[np.object_]]:
    """Return what is named on the map: communes, or provinces where there are too many communes."""
    if not land.national:
        communes = zip(land.names, land.kinds, land.codes, strict=True)
        return [clean(bare_name(name, kind)) or code for name, kind, code in communes], shapes
    codes = np.asarray(land.provinces, dtype=str)
    found, texts = [], []
    for code in sorted(set(land.provinces)):
        members = np.flatnonzero(codes == code)
        known = [shapes[k] for k in members if shapes[k] is not None]
        found.append(shapely.coverage_union_all(known) if known else None)
        texts.append(clean(_PREFIX.sub("", land.province_names[members[0]])))
    return texts, np.array(found, dtype=object)


def _name_seas(spots: Spots, crs: pyproj.CRS, plan: Plan, lang: Language) -> tuple[Name, ...]:
    """Name the seas whose place lies in the frame, where nothing else stands."""
    if not spots.has_land_around:
        return ()
    forth = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    size = 9.0 * plan.letters
    found: list[Name] = []
    for label, places in seas():
        lines = (clean(label[lang]).upper(),)
        width, height = text_width(lines[0], size, "Italic"), size * POINT_MM
        points = to_paper(np.array([shapely.Point(forth.transform(*place)) for place in places], dtype=object), plan)
        for x, y in ((point.x + dx, point.y + dy) for point in points for dx, dy in _ASIDE):
            room = Box(x - width / 2, y - height / 2, width, height).grow(1.0)
            if spots.is_free(room) and spots.is_sea(room):
                spots.take(room)
                found.append(Name(-1, lines, float(x), float(y), size, "Italic"))
                break
    return tuple(found)


def _name_around(
    spots: Spots, land: Land, context: NDArray[np.object_], furniture: Sequence[Box | None], s: float
) -> tuple[Name, ...]:
    """Name the land around where there is room; what shows too little of itself stays without."""
    if not len(context):
        return ()
    hidden = shapely.union_all([shapely.box(b.x, b.y, b.right, b.top) for b in furniture if b is not None])
    seen = np.asarray(shapely.difference(shapely.buffer(context, 0), hidden), dtype=object)
    other = Spots(spots.frame, list(seen))
    other.taken = spots.taken | (spots.owner > 0)
    other.take_edge(_EDGE * s)
    texts: Sequence[str] = [clean(name).upper() for name in land.context["name"]]
    return place_names(other, texts, seen, [8.0 * s, 7.0 * s, 6.2 * s], cut="Bold").names
