"""What can be measured with the inputs that a project gives, and what each result depends on."""

from __future__ import annotations

from dataclasses import dataclass

from geontm.project.coverage import CoverageSources
from geontm.tables import Issue, Label

__all__ = ["LINKS", "SEATS", "UPGRADES", "Topic", "lacking", "topics_of"]

SEATS = ("commune_centre", "district_seat", "province_seat")
# Kinds of candidates besides new sites.
UPGRADES, LINKS = "upgrades", "links"
_CENTRES = "facilities (kind: commune_centre)"


@dataclass(frozen=True)
class Topic:
    """One thing to measure.

    Attributes
    ----------
    name : str
    needs : tuple of str
        Inputs that the result depends on, besides the units: keys of the cache are made of their digests.
    settings : tuple of str
        Attributes of :class:`CoverageSources` that it depends on.
    """

    name: str
    needs: tuple[str, ...]
    settings: tuple[str, ...] = ()


def topics_of(sources: CoverageSources, kinds: tuple[str, ...], *, villages: bool) -> tuple[Topic, ...]:
    """Name what can be measured with the inputs that a project gives.

    Parameters
    ----------
    sources : CoverageSources
    kinds : tuple of str
        Kinds of facility that there are.
    villages : bool
        Whether there are villages with coordinates.
    """
    people = ("population", "known_population") if sources.population else ("villages",) if villages else ()
    scaled = ("scale_to_known",) if sources.population else ()
    lines = ("roads", "bridges", "barriers")
    found = []
    if sources.elevation:
        found.append(Topic("terrain", ("elevation",)))
    if sources.population:
        found.append(Topic("population", (*people, "around"), scaled))
    if sources.roads:
        found.append(Topic("roads", ("roads", "around")))
        if people:
            found.append(Topic("access", ("roads", *people), ("access_m", *scaled)))
        if "commune_centre" in kinds:
            seats = tuple(f"sites:{kind}" for kind in SEATS)
            found.append(Topic("connection", (*lines, *seats, "around", "villages"), ("gap_m", "reach_m", "cross")))
    if sources.water and people:
        found.append(Topic("water", ("sites:water", *people, "villages", "rivals", "persons_per_household"), scaled))
    if people:
        found += [Topic(f"services:{kind}", (f"sites:{kind}", *people), scaled) for kind in kinds]
    if sources.travel and sources.population:
        grounds = (*lines, "elevation", "landcover", *people, "around")
        asked = ("travel", *scaled)
        found += [Topic(f"travel:{kind}", (f"sites:{kind}", *grounds), asked) for kind in sources.travel.to]
    if sources.candidates:
        found += _candidates_of(sources, kinds, people, villages=villages)
    return tuple(found)


def _candidates_of(
    sources: CoverageSources, kinds: tuple[str, ...], people: tuple[str, ...], *, villages: bool
) -> list[Topic]:
    """Name the candidates that can be found: new sites of facilities only where a distance says who is served."""
    found = []
    lines = ("roads", "bridges", "barriers")
    if sources.roads and people:
        asked = ("access_m", "gap_m", *(("scale_to_known",) if sources.population else ()))
        found.append(Topic(f"candidates:{UPGRADES}", tuple(dict.fromkeys(("roads", *people, "villages"))), asked))
    if sources.roads and villages and "commune_centre" in kinds:
        needs = (*lines, *(f"sites:{kind}" for kind in SEATS), "around", "villages")
        found.append(Topic(f"candidates:{LINKS}", needs, ("gap_m", "reach_m", "cross")))
    if villages:
        within = sorted({each.kind for each in sources.facilities if each.within_m is not None})
        served = [*(["water"] if sources.water else []), *(kind for kind in within if kind in kinds)]
        found += [Topic(f"candidates:{kind}", (f"sites:{kind}", "villages")) for kind in served]
    return found


def lacking(sources: CoverageSources, kinds: tuple[str, ...], *, villages: bool) -> tuple[Issue, ...]:
    """Tell what the project asks for by what it gives, and which other input that would need."""
    wanted: list[tuple[Label, str]] = []
    people = bool(sources.population) or villages
    if sources.roads and not people:
        wanted.append((Label("tỷ lệ dân tiếp cận đường bốn mùa", "rural access"), "population"))
    if sources.roads and "commune_centre" not in kinds:
        wanted.append((Label("kết nối của thôn với trung tâm xã", "connection to the commune centre"), _CENTRES))
    if sources.water and not people:
        wanted.append((Label("tỷ lệ dân được công trình nước phục vụ", "people served by waterworks"), "population"))
    if sources.travel and not sources.population:
        wanted.append((Label("thời gian đi lại", "travel time"), "population"))
    wanted += [(Label(f"khoảng cách đến {kind}", f"distance to {kind}"), "population") for kind in kinds if not people]
    return tuple(
        Issue.of("warning", "coverage.needs", column="coverage", what=what, needs=need) for what, need in wanted
    )
