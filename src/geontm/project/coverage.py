"""Types the section ``coverage:`` of a project: which files are measured on the units, and with what settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import yaml

from geontm.cover import SERVICE_KINDS, Speeds
from geontm.errors import ProjectError
from geontm.load import BridgeSource, RoadSource, SiteSource
from geontm.project.coverage_model import CoverageEntry, LinesEntry, RoadsEntry, SitesEntry
from geontm.project.model import ProjectFile
from geontm.project.yaml_files import Document, nearest

__all__ = ["CoverageSources", "Travel", "read_coverage_sources"]

Inside = Callable[[str, tuple[str | int, ...], Document], Path]
Place = tuple[str | int, ...]

NETWORK_HALO_M = 2_000.0


@dataclass(frozen=True)
class Travel:
    """What the section ``travel:`` asks for: kinds of destination, how fast, how far around ways may lead (m)."""

    to: tuple[str, ...]
    speeds: Speeds
    halo_m: float = 5_000.0


@dataclass(frozen=True)
class CoverageSources:
    """Every file under ``coverage:`` and the settings beside it; nothing has been read.

    Attributes
    ----------
    population, elevation, landcover : tuple of Path
        Rasters; several files are tiles of one.
    scale_to_known : bool
        Scale the population raster to the communes' known populations.
    roads : RoadSource or None
    access_m, gap_m, reach_m : float
        Distance (m) of rural access, widest gap in a road that is closed, farthest village from a road it uses.
    cross : bool or None
        Whether roads that cross without a common vertex are joined; None where that is not known.
    bridges, barriers : BridgeSource or None
    water : SiteSource or None
    facilities : tuple of SiteSource
    travel : Travel or None
    candidates : bool
        Whether to look for what could be built: sites, links, upgrades.
    illustrative : bool
        One of the files is constructed.
    places : mapping of str to str
        Where in the project file each raster is named, for messages.
    """

    population: tuple[Path, ...] = ()
    elevation: tuple[Path, ...] = ()
    landcover: tuple[Path, ...] = ()
    scale_to_known: bool = False
    roads: RoadSource | None = None
    access_m: float = 2_000.0
    gap_m: float = 20.0
    reach_m: float = 500.0
    cross: bool | None = None
    bridges: BridgeSource | None = None
    barriers: BridgeSource | None = None
    water: SiteSource | None = None
    facilities: tuple[SiteSource, ...] = ()
    travel: Travel | None = None
    candidates: bool = False
    illustrative: bool = False
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def halo_m(self) -> float:
        """How far around a province roads count (m)."""
        return max(self.access_m, NETWORK_HALO_M, self.travel.halo_m if self.travel else 0.0)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file named."""
        layers = (self.roads, self.bridges, self.barriers, self.water, *self.facilities)
        rasters = (*self.population, *self.elevation, *self.landcover)
        return (*rasters, *(layer.path for layer in layers if layer is not None))


def read_coverage_sources(entry: ProjectFile, document: Document, inside: Inside) -> CoverageSources | None:
    """Type the section; None where the project has none.

    Raises
    ------
    ProjectError
        A path leaves the project's folder, a facility has no kind that is known, or the way is asked for to a kind of
        which there is no file.
    """
    given = entry.coverage
    if given is None:
        return None

    def paths(names: tuple[str, ...], *place: str | int) -> tuple[Path, ...]:
        return tuple(inside(name, ("coverage", *place), document) for name in names)

    facilities = tuple(
        _sites(item, ("coverage", "facilities", at), document, inside) for at, item in enumerate(given.facilities)
    )
    roads, landcover = given.roads, given.landcover
    layers = (roads, given.bridges, given.barriers, given.water, *given.facilities)
    return CoverageSources(
        population=paths(given.population.file, "population") if given.population else (),
        scale_to_known=bool(given.population and given.population.scale_to_known),
        elevation=paths(given.elevation, "elevation"),
        landcover=paths(landcover.file, "landcover") if landcover else (),
        roads=_roads(roads, document, inside) if roads else None,
        access_m=roads.within if roads else 2_000.0,
        gap_m=roads.gap if roads else 20.0,
        reach_m=roads.reach if roads else 500.0,
        cross=roads.cross if roads else None,
        bridges=_lines(given.bridges, "bridges", document, inside),
        barriers=_lines(given.barriers, "barriers", document, inside),
        water=_sites(given.water, ("coverage", "water"), document, inside, kind="water") if given.water else None,
        facilities=facilities,
        travel=_travel(given, {site.kind for site in facilities}, document),
        candidates=given.candidates,
        illustrative=any(layer is not None and layer.illustrative for layer in layers),
        places={name: document.where(("coverage", name)) for name in ("population", "elevation", "landcover")},
    )


def _roads(entry: RoadsEntry, document: Document, inside: Inside) -> RoadSource:
    return RoadSource(
        inside(entry.file, ("coverage", "roads", "file"), document),
        layer=entry.layer,
        columns=entry.columns,
        covers=entry.covers,
        all_season=entry.all_season,
        date=entry.date,
        where=document.where(("coverage", "roads")),
    )


def _lines(entry: LinesEntry | None, key: str, document: Document, inside: Inside) -> BridgeSource | None:
    if entry is None:
        return None
    path = inside(entry.file, ("coverage", key), document)
    return BridgeSource(path, layer=entry.layer, columns=entry.columns, where=document.where(("coverage", key)))


def _sites(entry: SitesEntry, place: Place, document: Document, inside: Inside, kind: str = "") -> SiteSource:
    kind = kind or entry.kind or ""
    if kind != "water" and kind not in SERVICE_KINDS:
        raise ProjectError(
            "coverage.unknown_kind",
            where=document.where(place),
            file=entry.file,
            kind=kind or "–",
            names=nearest(kind, SERVICE_KINDS) or ", ".join(SERVICE_KINDS),
        )
    return SiteSource(
        inside(entry.file, (*place, "file"), document),
        kind=kind,
        layer=entry.layer,
        sheet=entry.sheet,
        columns=entry.columns,
        radius=entry.radius,
        capacity=entry.capacity,
        litres_per_person_day=entry.litres_per_person_day,
        crs=entry.crs,
        working={name: tuple(map(str, values)) for name, values in entry.working.items()},
        covers=entry.covers,
        lon=entry.lon,
        lat=entry.lat,
        within_m=entry.within,
        date=entry.date,
        where=document.where(place),
    )


def _travel(entry: CoverageEntry, kinds: set[str], document: Document) -> Travel | None:
    if entry.travel is None:
        return None
    for kind in entry.travel.to:
        if kind not in kinds or kind == "electricity":
            raise ProjectError("coverage.travel_unknown_kind", where=document.where(("coverage", "travel")), kind=kind)
    return Travel(entry.travel.to, _speeds(entry, document), entry.travel.halo)


def _speeds(entry: CoverageEntry, document: Document) -> Speeds:
    """Put the project's speeds in the place of the conventions that are shipped."""
    shipped = yaml.safe_load(files("geontm").joinpath("data", "travel.yaml").read_text(encoding="utf-8"))
    roads = {name: float(told["value"]) for name, told in shipped["roads"].items()}
    given = entry.roads.speeds if entry.roads else {}
    for name in given:
        if name not in roads:
            raise ProjectError(
                "coverage.unknown_road_class",
                where=document.where(("coverage", "roads", "speeds", name)),
                name=name,
                names=nearest(name, roads) or ", ".join(roads),
            )
    landcover = entry.landcover
    assert entry.travel is not None
    return Speeds(
        walking_kmh=entry.travel.walking_kmh or float(shipped["walking_kmh"]["value"]),
        roads={**roads, **given},
        landcover={} if landcover is None else {**landcover.speeds, **dict.fromkeys(landcover.barriers, 0.0)},
        unhardened_share=float(shipped["unhardened_share"]["value"]),
    )
