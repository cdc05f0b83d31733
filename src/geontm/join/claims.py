"""What each row of a table lays claim to, on which ground, and who gets a unit that several rows want."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from geontm.join.names import NameKey, normalise_name, readings
from geontm.join.nearest import FAR, longest_slip, slips, slips_with_tones
from geontm.join.scopes import Scope, Within, place, texts

__all__ = ["Claim", "Names", "award", "claim_by_name", "drop_lone_moves", "name_keys", "suggest"]

CODE, EXACT, NO_KIND, ELSEWHERE, OTHER_KIND, NO_TONES, SUGGESTION = range(7)
MOVED_TOGETHER = 2
MARGIN = 2  # a suggestion is joined only where every other unit is this many slips further

_NAMED_ROWS = 10  # as many rows as a message names; a file of a million equal rows must not name each in each


@dataclass(frozen=True)
class Claim:
    """What one row wants.

    Attributes
    ----------
    row : int
        Position in the table.
    units : tuple of int
        Positions in the units: one is a claim, several an ambiguity, none says that nothing was found.
    ground : int
        The smaller, the better.
    how : str
        As in the result.
    message : str
        Message id of what a planner must know, empty for nothing.
    details : mapping
        What fills the message beside the name of the row and the units.
    """

    row: int
    units: tuple[int, ...] = ()
    ground: int = SUGGESTION
    how: str = ""
    message: str = ""
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def unit(self) -> int:
        """The one unit claimed."""
        return self.units[0]


@dataclass(frozen=True)
class _Pool:
    """The units and the rows of one province or district, found by name."""

    units: tuple[int, ...]
    by_base: Mapping[str, tuple[int, ...]]
    by_plain: Mapping[str, tuple[int, ...]]
    rows_by_base: Mapping[str, tuple[int, ...]]
    rows_by_plain: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Names:
    """Rows and units of one join as name keys, in their places."""

    rows: tuple[tuple[NameKey, ...], ...]
    units: tuple[NameKey, ...]
    scopes: tuple[Scope, ...]
    pools: Mapping[object, _Pool]
    leaves_district: bool
    toneless: bool

    @classmethod
    def read(cls, rows: pd.DataFrame, units: pd.DataFrame, within: Within, *, where: str = "") -> Names:
        """Read the names of a table and of the units, and sort them by province and district."""
        row_scopes, unit_scopes = place(rows, units, within, where=where)
        row_keys = tuple(name_keys(rows))
        unit_keys = tuple(_unit_key(*keys) for keys in name_keys(units))
        members: dict[object, tuple[list[int], list[int]]] = {}
        for side, scopes in enumerate((row_scopes, unit_scopes)):
            for i, scope in enumerate(scopes):
                if not scope.problem:
                    for name in _pool_names(scope):
                        members.setdefault(name, ([], []))[side].append(i)
        pools = {name: _pool(rows_in, units_in, row_keys, unit_keys) for name, (rows_in, units_in) in members.items()}
        toneless = _is_toneless(texts(rows, "commune_name"))
        return cls(row_keys, unit_keys, tuple(row_scopes), pools, within != "district", toneless)

    def province(self, row: int) -> _Pool:
        """Return the province of a row; the whole of the units where it names none."""
        return self.pools[self.scopes[row].province]

    def home(self, row: int) -> _Pool:
        """Return the district of a row, or its province where no district is known on both sides."""
        scope = self.scopes[row]
        return self.pools[(scope.province, scope.district)] if scope.district else self.province(row)


def _is_toneless(names: Sequence[str]) -> bool:
    """Tell whether a whole table was typed without diacritics: in some ten names there would be one by nature."""
    given = [name for name in names if name]
    return len(given) >= 10 and all(name.isascii() for name in given)


def name_keys(frame: pd.DataFrame) -> list[tuple[NameKey, ...]]:
    """Read the names of a table, with the kind from its own column where the name has none."""
    pairs = zip(texts(frame, "commune_name"), texts(frame, "kind"), strict=True)
    return [_with_kind(readings(name), kind) for name, kind in pairs]


def _with_kind(keys: tuple[NameKey, ...], kind: str) -> tuple[NameKey, ...]:
    given = normalise_name(f"{kind} a").kind if kind else ""
    return tuple(key if key.kind else replace(key, kind=given) for key in keys) if given else keys


def _unit_key(first: NameKey, whole: NameKey | None = None) -> NameKey:
    """Choose the reading of a unit's name: its kind decides whether the first word is one."""
    return first if whole is None or (first.sure and whole.kind in ("", first.kind)) else whole


def _pool_names(scope: Scope) -> Iterable[object]:
    yield None  # the whole
    if scope.province:
        yield scope.province
        if scope.district:
            yield (scope.province, scope.district)


def _pool(
    rows: Sequence[int], units: Sequence[int], row_keys: Sequence[tuple[NameKey, ...]], unit_keys: Sequence[NameKey]
) -> _Pool:
    def index(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for text, i in sorted(set(pairs)):
            if text:
                found[text] = (*found.get(text, ()), i)
        return found

    return _Pool(
        tuple(i for i in units if unit_keys[i]),
        index((unit_keys[i].base, i) for i in units),
        index((unit_keys[i].plain, i) for i in units),
        index((key.base, i) for i in rows for key in row_keys[i]),
        index((key.plain, i) for i in rows for key in row_keys[i]),
    )


def claim_by_name(row: int, names: Names) -> Claim:
    """Return what the name of one row claims, on the best ground it has (see ``match_units``)."""
    keys, scope = names.rows[row], names.scopes[row]
    if not keys[0]:
        return Claim(row, message="join.no_name")
    home = names.home(row)
    same, hits = _hits(keys, home, names)
    moved = scope.district and names.leaves_district and not hits and not _near_home(keys, home, names)
    if scope.strayed or moved:
        return _claim_elsewhere(row, names)
    if len(same) == 1 or (len(hits) == 1 and not same):
        unit = (same or hits)[0]
        if same:
            return Claim(row, (unit,), EXACT, "name")
        if not (names.units[unit].kind and keys[0].kind):
            return Claim(row, (unit,), NO_KIND, "name")
        alone = len(home.by_plain[names.units[unit].plain]) == 1 and home.rows_by_base[names.units[unit].base] == (row,)
        if alone and not _rivals(keys, unit, home, names):
            return Claim(row, (unit,), OTHER_KIND, "name", "join.kind_differs")
        return Claim(row, (unit,), message="join.not_found_near")
    if hits:
        return Claim(row, tuple(same or hits), message="join.ambiguous")
    return _claim_without_tones(row, names)


def _hits(keys: tuple[NameKey, ...], pool: _Pool, names: Names) -> tuple[list[int], list[int]]:
    """Return the units of the row's name: those whose kind agrees, and all.

    Where the first word may be a kind or part of the name, both readings count, and a kind alone decides nothing.
    """
    found = [(unit, key) for key in keys for unit in pool.by_base.get(key.base, ())]
    same = [unit for unit, key in found if key.kind and key.kind == names.units[unit].kind]
    hits = list(dict.fromkeys(unit for unit, _ in found))
    if keys[0].sure:
        first = [unit for unit in same if names.units[unit].base == keys[0].base]
        return first or same, hits
    return (same if len(hits) == 1 else []), hits


def _near_home(keys: tuple[NameKey, ...], home: _Pool, names: Names) -> bool:
    """Tell whether the district has a name that may be meant, so that the province must not be asked."""
    if any(key.plain in home.by_plain for key in keys):
        return True
    return bool(home.units) and int(slips_with_tones([keys], [names.units[u] for u in home.units]).min()) <= 1


def _claim_elsewhere(row: int, names: Names) -> Claim:
    keys, province = names.rows[row], names.province(row)
    same, _ = _hits(keys, province, names)
    if len(same) != 1:
        return Claim(row, tuple(same), message="join.ambiguous" if same else "")
    key = names.units[same[0]]
    others = [i for i in province.rows_by_base[key.base] if i != row and any(k.kind == key.kind for k in names.rows[i])]
    if others:
        return Claim(row, tuple(same), message="join.not_found_near")
    return Claim(row, tuple(same), ELSEWHERE, "name", "join.other_district", {"district": names.scopes[row].says})


def _claim_without_tones(row: int, names: Names) -> Claim:
    keys, home = names.rows[row], names.home(row)
    found = {u: key for key in keys for u in home.by_plain.get(key.plain, ()) if _kinds_agree(key, names.units[u])}
    if len(found) > 1:
        return Claim(row, tuple(sorted(found)), message="join.ambiguous")
    if not found:
        return Claim(row)
    unit, key = next(iter(found.items()))
    others = [i for i in home.rows_by_plain[key.plain] if i != row and any(_kinds_agree(k, key) for k in names.rows[i])]
    if others or _rivals(keys, unit, home, names):
        return Claim(row, (unit,), message="join.not_found_near")
    return Claim(row, (unit,), NO_TONES, "name_without_tones", "join.without_tones")


def _kinds_agree(key: NameKey, other: NameKey) -> bool:
    return key.kind == other.kind or not key.kind or not other.kind


def _rivals(keys: tuple[NameKey, ...], unit: int, pool: _Pool, names: Names) -> bool:
    """Tell whether another unit is, tones counted, as near to the row as the one it would be joined to.

    *Hòa Vình* has the letters of *Hòa Vinh*, but it is just as near to *Hòa Bình*. In a table typed without any
    diacritics, tones tell nothing.
    """
    if names.toneless:
        return False
    costs = slips_with_tones([keys], [names.units[u] for u in pool.units])[0]
    mine = pool.units.index(unit)
    others = np.delete(costs, mine)
    return bool(others.size) and bool(others.min() <= min(max(costs[mine], 1), 2))


def drop_lone_moves(claims: Sequence[Claim], districts: Sequence[str], names: Names) -> list[Claim]:
    """Withdraw a claim to another district that stands alone.

    Districts are split and cities take in their surroundings, so communes change district in groups. A single one that
    seems to have moved is as often another commune of the same name.
    """

    def way(claim: Claim) -> tuple[str | None, str, str]:
        scope = names.scopes[claim.row]
        return scope.province, scope.says, districts[claim.unit]

    moves = Counter(way(claim) for claim in claims if claim.ground == ELSEWHERE)
    return [
        replace(claim, ground=SUGGESTION, how="", message="join.not_found_near", details={})
        if claim.ground == ELSEWHERE and moves[way(claim)] < MOVED_TOGETHER
        else claim
        for claim in claims
    ]


def suggest(claims: Sequence[Claim], names: Names, taken: Mapping[int, object], *, accept: bool) -> list[Claim]:
    """Name for each row without unit the units it may mean; join one where it is allowed and no other is near.

    Parameters
    ----------
    claims : sequence of Claim
        Those that failed to get a unit.
    taken : mapping
        Units that are given already, or wanted by several rows.
    accept : bool
        Whether a suggestion may be joined at all.
    """
    answered = []
    by_pool: dict[object, list[Claim]] = {}
    for claim in claims:
        if names.rows[claim.row][0]:
            by_pool.setdefault(names.scopes[claim.row].province, []).append(claim)
        else:
            answered.append(claim)
    for province, members in by_pool.items():
        pool = names.pools[province]
        costs = slips([names.rows[claim.row] for claim in members], [names.units[u] for u in pool.units])
        for claim, line in zip(members, costs, strict=True):
            answered.append(_suggest_one(claim, line, pool, names, taken if accept else None))
    return answered


def _suggest_one(
    claim: Claim, costs: np.ndarray, pool: _Pool, names: Names, taken: Mapping[int, object] | None
) -> Claim:
    key, home = names.rows[claim.row][0], set(names.home(claim.row).units)
    order = sorted(range(len(pool.units)), key=lambda j: (int(costs[j]), pool.units[j] not in home))
    limit = max(2, len(key.plain) // 3)
    near = [j for j in order if costs[j] <= limit and costs[j] < FAR]
    if taken is not None and near:
        unit = pool.units[near[0]]
        fits = _may_join(claim, [int(c) for c in costs], near[0], names.units[unit], names)
        if fits and unit not in taken and unit in home:
            return replace(claim, units=(unit,), ground=SUGGESTION, how="suggestion", message="join.suggestion_joined")
    if claim.message in ("join.ambiguous", "join.duplicate", "join.taken"):
        return claim
    units = (*claim.units, *(pool.units[j] for j in near if pool.units[j] not in claim.units))[:3]
    return replace(claim, units=units, message="join.not_found_near" if units else "join.not_found")


def _may_join(claim: Claim, costs: Sequence[int], best: int, unit: NameKey, names: Names) -> bool:
    """Tell whether the nearest unit is near and alone. A number is never taken for another number."""
    numbered = any(word.isdigit() for word in names.rows[claim.row][-1].base.split(" "))
    runner_up = min((cost for j, cost in enumerate(costs) if j != best), default=FAR)
    settled = claim.message in ("join.duplicate", "join.taken")
    return not numbered and not settled and costs[best] <= longest_slip(unit) and runner_up >= costs[best] + MARGIN


def award(claims: Iterable[Claim], index: Callable[[int], object]) -> tuple[list[Claim], dict[int, tuple[Claim, ...]]]:
    """Give each unit to the row with the best ground; to none where two rows share it.

    Returns
    -------
    claims : list of Claim
        Those that lost say so in their message and have no ``how``.
    given : dict
        Unit to the claims that share the best ground.
    """
    claims = list(claims)
    wanted: dict[int, list[Claim]] = {}
    for claim in claims:
        if claim.how:
            wanted.setdefault(claim.unit, []).append(claim)
    given = {unit: _best(rivals) for unit, rivals in wanted.items()}
    settled = []
    for claim in claims:
        best = given.get(claim.unit, ()) if claim.how else ()
        if not claim.how or (len(best) == 1 and best[0] is claim):
            settled.append(claim)
            continue
        others = [other for other in best[: _NAMED_ROWS + 2] if other is not claim]
        rows = ", ".join(str(index(other.row)) for other in others[:_NAMED_ROWS])
        rows += ", …" if len(others) > _NAMED_ROWS else ""
        message = "join.duplicate" if claim.ground == best[0].ground else "join.taken"
        settled.append(replace(claim, how="", message=message, details={"rows": rows}))
    return settled, given


def _best(rivals: Sequence[Claim]) -> tuple[Claim, ...]:
    ground = min(claim.ground for claim in rivals)
    return tuple(claim for claim in rivals if claim.ground == ground)
