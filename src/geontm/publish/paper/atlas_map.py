"""The small map of an atlas page: a unit among its neighbours, and where it lies in its province and in Vietnam."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyproj
import shapely
from matplotlib.path import Path
from numpy.typing import NDArray

from geontm.messages import Language
from geontm.publish.paper import furniture
from geontm.publish.paper.atlas_pen import PagePen, Shape, Words
from geontm.publish.paper.lines import borders, line_paths, outer_borders, polygon_path
from geontm.publish.paper.names import Name, Number, bare_name, place_names
from geontm.publish.paper.pen import INK, MUTED, PAPER
from geontm.publish.paper.plan import Plan, nice_denominator, to_paper
from geontm.publish.paper.plane import Land
from geontm.publish.paper.scale_bar import place_scale_bar
from geontm.publish.paper.sheet import frame_degrees
from geontm.publish.paper.spots import Box, Spots
from geontm.publish.paper.text import clean, shorten, text_width
from geontm.publish.surroundings import foreign_lands, locator

__all__ = ["PAGE", "AtlasMaps"]

Shapes = NDArray[np.object_]
PAGE = (210.0, 297.0)  # mm: A4, upright
OWN, NEAR, EDGE, FINE = "#f7d9a0", "#f8f6f1", furniture.MARK, "#8d8678"
_TOLERANCE = 0.2  # mm on the paper; the steps of reduction lie between half of it and all
_LEAST, _LEAST_OWN = 0.12, 0.02  # mm²: what is smaller of others, and of the unit itself, is not drawn
_DOTTED = 4.0  # mm²: a unit smaller than this shows every islet as a dot
_SHARE, _SHARE_MANY = 0.62, 0.84  # of the frame, for a commune itself, and for a district
_LEAST_SCALE = 20_000.0
_SMALL = 6.0  # mm²: the coast of what is smaller is drawn finer
_OWN_SIZES, _SIZES = (9.5, 8.5, 7.5, 6.5), (7.0, 6.2, 5.5)
_AROUND_SIZES = (7.0, 6.2)
_BAR = 34.0  # mm
_SEEN = 400_000.0  # from this scale on a map's frame is more than a dot on the map of the country
_EDGE = 1.0  # mm: a name keeps this far from the frame
_DOT = 1.3  # mm: a unit smaller than this in its province is a dot


@dataclass(frozen=True, eq=False)
class AtlasMaps:
    """The land of a run, reduced once for each scale and kept.

    Attributes
    ----------
    land : Land
        With all its units in one plane; far islands too have pages.
    lang : {"vi", "en"}
    """

    land: Land
    lang: Language
    _reduced: dict[int, Shapes] = field(default_factory=dict)
    _provinces: dict[tuple[str, bool, Box], tuple[Shapes, Path | None, list[Path]]] = field(default_factory=dict)
    _countries: dict[tuple[str, Box], list[Shape | Words]] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)
    _trees: list[shapely.STRtree] = field(default_factory=list)

    def has_outline(self, members: Sequence[str]) -> bool:
        """Tell whether any of the communes can be drawn."""
        return bool(len(self._drawn(members)))

    def _drawn(self, members: Sequence[str]) -> NDArray[np.int64]:
        """Return the places of those communes that have an outline."""
        if not self._places:
            self._places.update({code: k for k, code in enumerate(self.land.codes)})
        found = [self._places[code] for code in members]
        return np.array([k for k in found if self.land.shapes[k] is not None], dtype=np.int64)

    def draw(self, pen: PagePen, box: Box, members: Sequence[str]) -> tuple[tuple[int, str], ...]:
        """Draw a unit among its neighbours.

        Parameters
        ----------
        box : Box
            Frame of the map (mm).
        members : sequence of str
            The communes of the unit; one of them has an outline.

        Returns
        -------
        tuple of (int, str)
            Numbers that stand on the map for names of neighbours, with these names.
        """
        plan = self._plan(box, members)
        near, shapes, beyond, around = self._cut(plan)
        own = np.isin(near, self._drawn(members))
        least = _LEAST_OWN if shapely.area(shapes[own]).sum() >= _DOTTED else 0.0
        shapes = np.where(own, _without_specks(shapes, least), _without_specks(shapes, _LEAST))
        self._paint(pen, box, shapes, around, np.where(own, 0, -1))
        return self._letter(pen, plan, (near, beyond), own, shapes, around)

    def locate(self, pen: PagePen, box: Box, province: str, members: Sequence[str]) -> None:
        """Draw the province small, with the unit filled in it."""
        frame = box.grow(-2.0)
        pen.box(box, fill=furniture.SEA, order=5)
        mine = self._drawn(members)
        far = not self.land.near[mine].any()
        shapes, coast, around = self._province(province, frame, far)
        own = [shapes[k] for k in mine if shapes[k] is not None]
        pen.areas(around, fill=furniture.LAND, seam=0.2, order=5.5, clip=box)
        pen.box(box, edge=INK, width=0.6, order=8.5)
        own = list(_without_specks(np.array(own, dtype=object), _LEAST / 2))
        if coast is not None:
            pen.areas([coast], fill=PAPER, seam=0, order=6, clip=box)
            pen.stroke(coast, colour=FINE, width=0.3, order=6.1, clip=box)
        paths = [path for path in map(polygon_path, own) if path is not None]
        pen.areas(paths, fill=EDGE, seam=0.3, order=6.3, clip=box)
        if own:
            west, south, east, north = shapely.total_bounds(np.array(own, dtype=object))
            if max(east - west, north - south) < _DOT:
                pen.dots(np.array([[(west + east) / 2, (south + north) / 2]]), fill=EDGE, size=_DOT, order=6.4)

    def locate_in_country(self, pen: PagePen, box: Box, province: str, members: Sequence[str]) -> None:
        """Draw Vietnam with a province marked, both archipelagos named; the frame of the map, where it can be seen."""
        here = shapely.Polygon()
        if self.has_outline(members):
            plan = self._plan(Box(0.0, 0.0, 100.0, 100.0), members)
            if plan.denominator > _SEEN:
                here = frame_degrees(self.land, plan)
        key = province, box
        if not here.is_empty or key not in self._countries:
            own = PagePen(*PAGE)
            furniture.draw_locator(own, box, locator(self.lang), [province], here, self.lang, 0.8)
            pen.marks += own.marks
            if here.is_empty:
                self._countries[key] = own.marks
        else:
            pen.marks += self._countries[key]

    def overview(self, pen: PagePen, box: Box, groups: Sequence[tuple[str, Sequence[str]]]) -> list[int]:
        """Draw groups of communes with a short text on each, such as its page.

        Parameters
        ----------
        groups : sequence of (str, sequence of str)
            The text of a group and the codes of its communes.

        Returns
        -------
        list of int
            The groups that the map does not show: far islands, and units without an outline.
        """
        group_of = {int(k): g for g, (_, codes) in enumerate(groups) for k in self._drawn(codes) if self.land.near[k]}
        if group_of:
            plan = self._plan(box, [self.land.codes[k] for k in group_of], share=0.94)
            near, shapes, _, around = self._cut(plan)
            owner = np.array([group_of.get(int(k), -1) for k in near])
            one_each = len(set(group_of.values())) == len(group_of)
            self._paint(pen, box, shapes, around, owner if not one_each else np.minimum(owner, 0))
            united = [shapely.coverage_union_all(shapes[owner == g]) for g in range(len(groups))]
            united = [None if shapely.is_empty(each) else each for each in united]
            self._tell(pen, plan, [text for text, _ in groups], np.array(united, dtype=object), around)
        shown = set(group_of.values())
        return [g for g in range(len(groups)) if g not in shown]

    def _tell(self, pen: PagePen, plan: Plan, texts: Sequence[str], shapes: Shapes, around: Shapes) -> None:
        """Write a text on each shape, or beside it where it has no room; and the furniture."""
        spots = Spots(plan.frame, list(shapes), list(around))
        arrow = spots.find_room(7.0, 11.0, (1, 1), margin=1.5)
        bar = place_scale_bar(self.land.projection.crs, plan, spots, longest=_BAR, least=40.0, margin=1.5)
        placed = place_names(spots, texts, shapes, _SIZES, cut="Bold")
        for name in placed.names:
            pen.centred(name.x, name.y, name.lines, name.size, cut="Bold", halo=PAPER)
        for number in placed.numbers:
            if number.leads_to is not None:
                pen.line([number.leads_to, (number.x, number.y)], colour=INK, width=0.35, order=7.5)
            pen.centred(number.x, number.y, [texts[number.unit]], number.size, cut="Bold", halo=PAPER)
        furniture.draw_arrow(pen, arrow, self.lang)
        furniture.draw_scale_bar(pen, plan, bar, self.lang)

    def _cut(self, plan: Plan) -> tuple[NDArray[np.int64], Shapes, NDArray[np.int64], Shapes]:
        """Return the units in a frame by place, as they are drawn there, and the land around by place, as drawn."""
        tolerance = math.floor(math.log2(_TOLERANCE / 1000 * plan.denominator))
        box = plan.frame
        frame = (box.x - 2, box.y - 2, box.right + 2, box.top + 2)
        near = np.sort(self._search(0).query(shapely.box(*plan.extent)))
        shapes = shapely.clip_by_rect(to_paper(self._at(tolerance)[near], plan), *frame)
        beyond = np.sort(self._search(1).query(shapely.box(*plan.extent)))
        around = self.land.context.geometry.to_numpy()[beyond]
        return near, shapes, beyond, shapely.simplify(shapely.clip_by_rect(to_paper(around, plan), *frame), _TOLERANCE)

    def _plan(self, box: Box, members: Sequence[str], *, share: float = 0.0) -> Plan:
        west, south, east, north = shapely.total_bounds(self.land.shapes[self._drawn(members)])
        needed = (
            max((east - west) / box.w, (north - south) / box.h)
            * 1000
            / (share or (_SHARE if len(members) == 1 else _SHARE_MANY))
        )
        denominator = nice_denominator(max(needed, _LEAST_SCALE))
        metres = denominator / 1000
        origin = ((west + east - box.w * metres) / 2, (south + north - box.h * metres) / 2)
        nothing = Box(box.x, box.y, 0.0, 0.0)
        return Plan("A4", *PAGE, 0.86, 0.0, box, nothing, denominator, (float(origin[0]), float(origin[1])))

    def _at(self, level: int) -> Shapes:
        """Return all units simplified together to a tolerance of 2 ** ``level`` metres."""
        if level not in self._reduced:
            known = ~shapely.is_missing(self.land.shapes)
            shapes = np.full(len(known), None, dtype=object)
            shapes[known] = shapely.coverage_simplify(self.land.shapes[known], 2.0**level)
            self._reduced[level] = shapes
        return self._reduced[level]

    def _search(self, which: int) -> shapely.STRtree:
        """Return what finds units (0) or land around (1) by place."""
        if not self._trees:
            self._trees.extend(map(shapely.STRtree, (self.land.shapes, self.land.context.geometry.to_numpy())))
        return self._trees[which]

    def _paint(self, pen: PagePen, box: Box, shapes: Shapes, around: Shapes, owner: NDArray[np.int64]) -> None:
        """Fill units and the land around, with a strong line around each owner; -1 owns what is only near."""
        own = owner >= 0
        paths = [path for path in map(polygon_path, around) if path is not None]
        pen.box(box, fill=furniture.SEA if len(around) else PAPER, order=1)
        pen.areas(paths, fill=furniture.LAND, seam=0, order=1.5, clip=box)
        for path in paths:
            pen.stroke(path, colour=furniture.COAST, width=0.35, order=1.6, clip=box)
        for chosen, fill in ((~own, NEAR), (own, OWN)):
            areas = [path for path in map(polygon_path, shapes[chosen]) if path is not None]
            pen.areas(areas, fill=fill, seam=0.2, order=3, clip=box)
        inner, outer = borders(shapes, [str(each) for each in owner])
        pen.stroke(line_paths(np.concatenate([inner, outer])), colour=FINE, width=0.35, order=3.5, clip=box)
        alone = shapes.copy()
        alone[~own] = None
        _, edge = borders(alone, [str(each) for each in owner])
        heavy, fine = outer_borders(edge, _SMALL)
        pen.stroke(line_paths(heavy), colour=EDGE, width=1.3, order=3.8, clip=box)
        pen.stroke(line_paths(fine), colour=EDGE, width=0.4, order=3.8, clip=box)
        if shapely.area(shapes[own]).sum() < _DOTTED:
            points = shapely.get_coordinates(shapely.centroid(shapely.get_parts(shapes[own])))
            pen.dots(points, fill=OWN, size=_DOT, edge=EDGE, order=3.9)
        pen.box(box, edge=INK, width=0.9, order=10)

    def _letter(
        self,
        pen: PagePen,
        plan: Plan,
        places: tuple[NDArray[np.int64], NDArray[np.int64]],
        own: NDArray[np.bool_],
        shapes: Shapes,
        around: Shapes,
    ) -> tuple[tuple[int, str], ...]:
        """Write names and furniture; return what stands for names that had no room."""
        land, frame = self.land, plan.frame
        near, beyond = places
        spots = Spots(frame, list(shapes), list(around))
        arrow = spots.find_room(7.0, 11.0, (1, 1), margin=1.5)
        bar = place_scale_bar(land.projection.crs, plan, spots, longest=_BAR, least=40.0, margin=1.5)
        texts = [clean(bare_name(land.names[k], land.kinds[k])) or land.codes[k] for k in near]
        visible = shapely.clip_by_rect(shapes, frame.x, frame.y, frame.right, frame.top)
        beside = _beside(shapes, own)
        alone = int(own.sum()) == 1
        names: list[Name] = []
        numbers: list[Number] = []
        for chosen, sizes, bold in ((own, _OWN_SIZES if alone else _SIZES, True), (beside, _SIZES, False),
                                    (~own & ~beside, _SIZES[1:], False)):  # fmt: skip
            mine = [text if each else "" for text, each in zip(texts, chosen, strict=True)]
            placed = place_names(spots, mine, visible, sizes, cut="Bold" if bold else "Regular")
            names += placed.names
            if bold or chosen is beside:
                start = sum(not (alone and own[each.unit]) for each in numbers)
                numbers += [_renumbered(each, start) for each in placed.numbers]
        names += _names_around(spots, [clean(name).upper() for name in land.context["name"].iloc[beyond]], around)
        for name in names:
            mine_too = name.unit >= 0 and bool(own[name.unit])
            pen.centred(
                name.x, name.y, name.lines, name.size, cut=name.cut, colour=INK if mine_too else MUTED, halo=PAPER
            )
        for number in numbers:
            if alone and own[number.unit]:  # islets too small for a name; it is the one that the page is about
                _write_within(pen, frame.grow(-_EDGE), number, texts[number.unit])
                continue
            if number.leads_to is not None:
                pen.line([number.leads_to, (number.x, number.y)], colour=INK, width=0.35, order=7.5)
            pen.centred(number.x, number.y, [str(number.number)], number.size, cut="Bold", halo=PAPER)
        furniture.draw_arrow(pen, arrow, self.lang)
        furniture.draw_scale_bar(pen, plan, bar, self.lang)
        return tuple((each.number, texts[each.unit]) for each in numbers if not (alone and own[each.unit]))

    def _province(self, province: str, frame: Box, far: bool) -> tuple[Shapes, Path | None, list[Path]]:
        """Return the units of a province in a frame, the province in one piece, and the land around it.

        Far islands are shown only for their own.
        """
        key = province, far, frame
        if key not in self._provinces:
            of = np.asarray(self.land.provinces, dtype=object) == province
            known = of & ~shapely.is_missing(self.land.shapes)
            shown = known if far else known & self.land.near
            west, south, east, north = shapely.total_bounds(self.land.shapes[shown]) if shown.any() else (0, 0, 1, 1)
            metres = max((east - west) / frame.w, (north - south) / frame.h, 1.0)
            level = math.floor(math.log2(_TOLERANCE * metres))
            x, y = (west + east - frame.w * metres) / 2, (south + north - frame.h * metres) / 2
            shapes = np.full(len(of), None, dtype=object)

            def place(xy: NDArray[np.float64]) -> NDArray[np.float64]:
                moved: NDArray[np.float64] = (xy - (x, y)) / metres + (frame.x, frame.y)
                return moved

            shapes[shown] = shapely.transform(self._at(level)[shown], place)
            edge = frame.grow(3.0)
            around = shapely.transform(_land_beyond(self.land.projection.crs, self.lang), place)
            around = shapely.clip_by_rect(around, edge.x, edge.y, edge.right, edge.top)
            whole = None
            if shown.any():
                united = np.array([shapely.coverage_union_all(shapes[shown])], dtype=object)
                whole = polygon_path(_without_specks(united, _LEAST / 2)[0])
            self._provinces[key] = shapes, whole, [path for path in map(polygon_path, around) if path is not None]
        return self._provinces[key]


def _land_beyond(crs: pyproj.CRS, lang: Language) -> Shapes:
    """Return Vietnam and its neighbours, roughly, in a plane."""
    lands = [locator(lang).geometry, foreign_lands()]
    return np.concatenate([each.to_crs(crs).to_numpy() for each in lands])


def _without_specks(shapes: Shapes, least: float) -> Shapes:
    """Leave out the parts of shapes that are smaller than ``least``; the largest part of each always stays."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, of = parts[areal], of[areal]
    area = shapely.area(parts)
    largest = np.zeros(len(shapes))
    np.maximum.at(largest, of, area)
    kept = (area >= least) | (area == largest[of])
    found = np.full(len(shapes), None, dtype=object)
    if kept.any():
        numbers = np.unique(of[kept])
        found[numbers] = shapely.multipolygons(parts[kept], indices=np.searchsorted(numbers, of[kept]))
    return found


def _names_around(spots: Spots, texts: Sequence[str], around: Shapes) -> list[Name]:
    """Place the names of the land around where nothing else stands; what shows too little of itself has none."""
    if not any(texts):
        return []
    other = Spots(spots.frame, list(around))
    other.taken = spots.taken | (spots.owner > 0)
    found = place_names(other, texts, around, _AROUND_SIZES, cut="Bold").names
    return [replace(name, unit=-1) for name in found]


def _renumbered(number: Number, start: int) -> Number:
    return Number(number.unit, number.number + start, number.x, number.y, number.size, number.leads_to)


def _write_within(pen: PagePen, frame: Box, number: Number, text: str) -> None:
    """Write a name where its number would stand, moved and cut so that it stays on the map."""
    line = shorten(text, frame.w, _OWN_SIZES[0], "Bold")
    half = text_width(line, _OWN_SIZES[0], "Bold") / 2
    x = min(max(number.x, frame.x + half), frame.right - half)
    pen.centred(x, number.y, [line], _OWN_SIZES[0], cut="Bold", halo=PAPER)


def _beside(shapes: Shapes, own: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which units touch one's own."""
    mine = shapes[own]
    mine = mine[~shapely.is_missing(mine)]
    touching = np.zeros(len(shapes), dtype=np.bool_)
    if len(mine):
        tree = shapely.STRtree(shapes)
        touching[tree.query(mine, predicate="dwithin", distance=0.05)[1]] = True
    return touching & ~own
