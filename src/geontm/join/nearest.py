"""How far two spellings of a name are apart, as typing, tone marks and scanning go wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from geontm.join.names import NameKey, without_diacritics

__all__ = ["FAR", "longest_slip", "slips", "slips_with_tones"]

Costs = npt.NDArray[np.int32]
FAR = 99
_KIND_WORDS = ("xa", "phuong", "thitran", "dackhu")
_SEEN_ALIKE = (("rn", "m"), ("vv", "w"), ("ii", "u"))
_SIGNS_ALIKE = str.maketrans({"1": "l", "i": "l", "y": "l", "|": "l", "0": "o", "5": "s"})


def longest_slip(key: NameKey) -> int:
    """Return how many slips a name may have and still be taken for another: the shorter, the fewer."""
    return 2 if len(key.plain) >= 12 else 1


def slips_with_tones(rows: Sequence[tuple[NameKey, ...]], units: Sequence[NameKey]) -> Costs:
    """Count the slips between names when every tone mark counts, and one more where the kinds differ.

    Parameters
    ----------
    rows : sequence of tuple of NameKey
        The readings of each row's name; the nearest counts.
    units : sequence of NameKey

    Returns
    -------
    array of int, rows × units
        Insertions, deletions, exchanges of a sign and swaps of neighbours.
    """
    return _over_readings(rows, units, lambda keys: _distances([k.base for k in keys], [u.base for u in units]))


def slips(rows: Sequence[tuple[NameKey, ...]], units: Sequence[NameKey]) -> Costs:
    """Count the slips between names along the easiest way: with tones, without, as a scanner sees them, abbreviated.

    One slip more where the kinds differ, or where the kind itself had to be read through a typing error. Each single
    slip of hand or scanner, wherever it falls, leaves a name within one of its own; :func:`geontm.join.match_units`
    leans on that.

    Returns
    -------
    array of int, rows × units
    """

    def nearest(keys: Sequence[NameKey]) -> Costs:
        ways = (
            _distances([k.base for k in keys], [u.base for u in units]),
            _distances([k.plain for k in keys], [u.plain for u in units]),
            _distances([_as_seen(k.plain) for k in keys], [_as_seen(u.plain) for u in units]),
            _abbreviated(keys, units),
        )
        best: Costs = np.minimum.reduce(ways)
        return best

    costs = _over_readings(rows, units, nearest)
    misread = [_without_garbled_kind(readings) for readings in rows]
    if any(misread):
        without = np.full(costs.shape, FAR, dtype=np.int32)
        places = [i for i, key in enumerate(misread) if key]
        without[places] = nearest([key for key in misread if key]) + 1
        costs = np.minimum(costs, without)
    return costs


def _over_readings(
    rows: Sequence[tuple[NameKey, ...]],
    units: Sequence[NameKey],
    measure: Callable[[Sequence[NameKey]], Costs],
) -> Costs:
    best = np.full((len(rows), len(units)), FAR, dtype=np.int32)
    if not units:
        return best
    for reading in range(2):
        places = [i for i, keys in enumerate(rows) if len(keys) > reading and keys[reading]]
        if places:
            keys = [rows[i][reading] for i in places]
            costs = measure(keys) + _kind_slips(keys, units)
            best[places] = np.minimum(best[places], costs)
    return best


def _distances(rows: Sequence[str], units: Sequence[str]) -> Costs:
    return np.asarray(cdist(rows, units, scorer=OSA.distance, dtype=np.int32, workers=1), dtype=np.int32)


def _kind_slips(rows: Sequence[NameKey], units: Sequence[NameKey]) -> Costs:
    given = np.array([key.kind for key in rows], dtype=object)[:, None]
    known = np.array([key.kind for key in units], dtype=object)[None, :]
    differ: Costs = ((given != known) & (given != "") & (known != "")).astype(np.int32)
    return differ


def _as_seen(plain: str) -> str:
    for pair, sign in _SEEN_ALIKE:
        plain = plain.replace(pair, sign)
    return plain.translate(_SIGNS_ALIKE)


def _abbreviated(rows: Sequence[NameKey], units: Sequence[NameKey]) -> Costs:
    """Return 0 where a row's first word is the first letter of the unit's and the rest is equal; else far."""
    costs = np.full((len(rows), len(units)), FAR, dtype=np.int32)
    short: dict[tuple[str, str], list[int]] = {}
    for j, unit in enumerate(units):
        first, _, rest = unit.base.partition(" ")
        if rest:
            short.setdefault((first[0], rest), []).append(j)
    for i, row in enumerate(rows):
        first, _, rest = row.base.partition(" ")
        if rest and len(first) == 1:
            costs[i, short.get((first, rest), [])] = 0
    return costs


def _without_garbled_kind(readings: tuple[NameKey, ...]) -> NameKey | None:
    """Return the name behind a first word that a slip has made of a kind (``Xả``, ``Phuòng``, ``Đặc khy``)."""
    whole = readings[-1]
    if whole.kind:
        return None
    words = whole.base.split(" ")
    for n in (1, 2):
        head, tail = without_diacritics("".join(words[:n])), words[n:]
        if tail and any(OSA.distance(head, kind, score_cutoff=1) <= 1 for kind in _KIND_WORDS):
            return NameKey("", " ".join(tail), without_diacritics("".join(tail)))
    glued = next((kind for kind in _KIND_WORDS if whole.plain.startswith(kind)), "")
    rest = whole.plain.removeprefix(glued)
    return NameKey("", rest, rest) if glued and rest else None
