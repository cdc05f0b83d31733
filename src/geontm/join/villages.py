"""Places villages and households in communes, and households in villages; many rows may share one unit here.

The key of a village is its code; without one, or where two communes use the same, the code of its commune stands
before its code or its name (``01324/xóm nà nhùng``): such a village can only be told apart inside its commune.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from geontm.errors import TableError
from geontm.join.match import By, match_units
from geontm.join.names import clean_text, normalise_name
from geontm.join.scopes import Within, texts
from geontm.tables import Issue

__all__ = ["Placed", "VillageName", "find_villages", "key_villages", "normalise_village", "place_rows"]

_IDENTITY = (
    "commune_code", "commune_name", "kind", "district_code", "district_name", "province_code", "province_name",
)  # fmt: skip
_KINDS = (
    "tổ dân phố", "khu dân cư", "khu phố", "tiểu khu", "thôn", "bản", "làng", "buôn", "bon", "plei", "ấp", "xóm", "khu",
    "khóm", "phum", "sóc", "tổ", "đội", "cụm", "tdp", "kdc",
)  # fmt: skip
_ROWS_NAMED = 5


@dataclass(frozen=True)
class Placed:
    """Rows and what they were placed in.

    Attributes
    ----------
    codes : Series of str, index of the rows
        Key of the unit; missing where none was found, each told in ``issues``.
    issues : tuple of Issue
    """

    codes: pd.Series[str]
    issues: tuple[Issue, ...]


@dataclass(frozen=True)
class VillageName:
    """A village's name, ready to be compared: its kind where it has one, the rest, and the whole."""

    kind: str
    base: str
    whole: str


@lru_cache(maxsize=1)
def _kind_keys() -> tuple[tuple[str, str], ...]:
    return tuple((normalise_name(f"{kind} a").base.removesuffix(" a"), kind) for kind in _KINDS)


@lru_cache(maxsize=200_000)
def _village(text: str) -> VillageName:
    first = normalise_name(text)
    whole = f"{normalise_name(first.kind).base} {first.base}".strip() if first.kind else first.base
    for key, kind in _kind_keys():
        if whole.startswith(f"{key} "):
            return VillageName(kind, whole[len(key) + 1 :], whole)
    return VillageName("", whole, whole)


def normalise_village(text: Hashable) -> VillageName:
    """Bring the name of a village to the form in which names are compared.

    Case, spaces, punctuation, list numbers, the place of tone marks and Roman or Arabic figures at the end do not
    count; tones do.

    Examples
    --------
    >>> normalise_village("1. Thôn  Hoà Bình") == normalise_village("THÔN HÒA BÌNH")
    True
    >>> normalise_village("Xóm I").base
    '1'
    """
    return _village(clean_text(text))


def place_rows(
    rows: pd.DataFrame,
    units: pd.DataFrame,
    *,
    within: Within = None,
    accept_suggestions: bool = False,
    file: str = "",
    sheet: str = "",
) -> Placed:
    """Find the commune of every row by code or by name; see :func:`geontm.join.match_units` for the grounds.

    Each different way to name a commune is matched once. Two ways that differ in kind compete for a unit as two rows
    of a table of communes do; two spellings of one name do not.

    Parameters
    ----------
    rows : DataFrame, n rows
        Identity columns of the commune as the file has them.
    units : DataFrame, m rows, index ``commune_code``
    within, accept_suggestions, file, sheet
        As for ``match_units``.

    Raises
    ------
    TableError
        The rows name no commune at all, or ``within`` cannot be kept.
    """
    present = [name for name in _IDENTITY if name in rows]
    if not present or not rows[present].notna().any(axis=None):
        raise TableError("join.needs_auto", where=" / ".join(filter(None, (file, sheet))))
    named = rows[present]
    group = pd.Series(named.fillna("").groupby(present, sort=False, dropna=False).ngroup().to_numpy(), index=rows.index)
    distinct = named[~group.duplicated()].copy()
    numbers = group[~group.duplicated()]
    empty = distinct.isna().all(axis=1) | ~distinct[_naming(present)].notna().any(axis=1)
    asked = distinct[~empty].copy()
    asked["year"] = _rounds(asked)
    by: By = "auto"
    match = match_units(
        asked, units, by=by, within=within, accept_suggestions=accept_suggestions, file=file, sheet=sheet
    )
    known = dict(zip(numbers[~empty], match.codes, strict=True))
    codes = pd.Series([known.get(number) for number in group], index=rows.index, dtype="str", name="commune_code")
    issues = [issue for issue in match.issues if issue.message.id != "join.unit_missing"]
    lost = rows.index[codes.isna()]
    if len(lost):
        issues.insert(
            0,
            Issue.of(
                "error", "lower.rows_unplaced", file=file, sheet=sheet, row=_name(lost), n=len(lost), of=len(rows)
            ),
        )
    return Placed(codes, tuple(issues))


def _naming(present: list[str]) -> list[str]:
    return [name for name in ("commune_code", "commune_name") if name in present]


def _rounds(rows: pd.DataFrame) -> list[str]:
    """Part the ways to name communes into rounds: spellings of one name do not compete, kinds of one name do."""
    counts: Counter[tuple[str, ...]] = Counter()
    rounds = []
    places = zip(
        *(texts(rows, n) for n in ("province_code", "province_name", "district_code", "district_name")), strict=True
    )
    for code, name, place in zip(texts(rows, "commune_code"), texts(rows, "commune_name"), places, strict=True):
        key = normalise_name(name)
        way = (*place, code, key.kind, key.base)
        rounds.append(f"{2 * counts[way] + (0 if key.kind or not name else 1)}")
        counts[way] += 1
    return rounds


def key_villages(rows: pd.DataFrame, *, file: str = "", sheet: str = "") -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Give every village its key and put it on one row.

    Parameters
    ----------
    rows : DataFrame, n rows, index: row of the file
        ``commune_code`` (matched; missing where none was found), ``village_code``, ``village_name``, figures.

    Returns
    -------
    DataFrame, index ``village_key``, sorted
        One row per village that has a commune. Where two rows have one key, equal cells stand and others are unknown.
    tuple of Issue
        An error for villages that stand twice, and for rows without a name or a code inside their commune.
    """
    placed = rows[rows["commune_code"].notna()]
    keys = _keys(placed["commune_code"].tolist(), texts(placed, "village_code"), texts(placed, "village_name"))
    index = pd.Index(_readable(keys, texts(placed, "village_name")), name="village_key", dtype="str")
    issues = []
    twice = index.duplicated(keep=False)
    frame = placed.set_index(index)
    if twice.any():
        doubled = frame[twice]
        merged = doubled.groupby(level=0, sort=True).agg(_agreed)
        same = not doubled.reset_index().drop_duplicates()["village_key"].duplicated().any()
        severity: Any = "warning" if same else "error"
        place = {"file": file, "sheet": sheet, "column": "village_name", "row": _name(placed.index[twice])}
        value = "; ".join(sorted(set(index[twice]))[:_ROWS_NAMED])
        issues.append(
            Issue.of(severity, "lower.village_twice", **place, value=value, n=int(twice.sum()), keys=len(merged))
        )
        frame = pd.concat([frame[~twice], merged.astype(frame.dtypes.to_dict())])
        frame.index.name = "village_key"
    return frame.sort_index(), tuple(issues)


def _readable(keys: Sequence[str], names: Sequence[str]) -> list[str]:
    """Write keys made of names with the name as it is spelt; of several spellings the first in the alphabet."""
    spelt: dict[str, str] = {}
    for key, name in zip(keys, names, strict=True):
        if name and key.partition("/")[2] == normalise_village(name).whole:
            plain = f"{key.partition('/')[0]}/{' '.join(unicodedata.normalize('NFC', name).casefold().split())}"
            spelt[key] = min(spelt.get(key, plain), plain)
    return [spelt.get(key, key) for key in keys]


def _agreed(column: pd.Series[Any]) -> Any:
    """Return the one value that all rows have, or a gap."""
    values = column.dropna().unique()
    return values[0] if len(values) == 1 else pd.NA


def _keys(communes: Sequence[str], codes: Sequence[str], names: Sequence[str]) -> list[str]:
    """Make the keys of villages; a code that several communes use is no key by itself."""
    users: dict[str, set[str]] = {}
    for commune, code in zip(communes, codes, strict=True):
        users.setdefault(code, set()).add(commune)
    return [
        (code if len(users[code]) == 1 else f"{commune}/{code}")
        if code
        else f"{commune}/{normalise_village(name).whole}"
        for commune, code, name in zip(communes, codes, names, strict=True)
    ]


def find_villages(
    rows: pd.DataFrame, villages: pd.DataFrame, *, file: str = "", sheet: str = ""
) -> tuple[Placed, pd.DataFrame]:
    """Find the village of every household.

    By code; else by name inside the commune: kind and name, or the name alone where one side gives no kind and just
    one village of the commune fits. A household without commune is placed by a village code that stands once.

    Parameters
    ----------
    rows : DataFrame, n rows
        ``commune_code`` (matched), ``village_code``, ``village_name``.
    villages : DataFrame, index ``village_key``
        ``commune_code``, ``village_code``, ``village_name``. Empty: no list of villages was given, and the villages
        are those that the households name.

    Returns
    -------
    Placed
        ``codes`` holds village keys.
    DataFrame, index ``village_key``
        The villages: those given, or those that the households name.
    """
    commune = rows["commune_code"].fillna("").astype(object)
    code = pd.Series(texts(rows, "village_code"), index=rows.index, dtype=object)
    name = pd.Series(texts(rows, "village_name"), index=rows.index, dtype=object)
    ways = pd.DataFrame({"commune_code": commune, "village_code": code, "village_name": name})
    group = ways.groupby(list(ways), sort=False).ngroup().to_numpy()
    distinct = ways[~pd.Series(group, index=rows.index).duplicated()]
    if villages.empty:
        found, made = _own_villages(distinct)
    else:
        found, made = _known_villages(distinct, villages), villages
    keys = pd.Series(pd.Series(found, dtype="str").array.take(group), index=rows.index, name="village_key")
    issues = []
    lost = keys.isna() & ((code != "") | (name != "")) & (commune != "")
    if lost.any():
        for (where, what), part in ways[lost].groupby(["commune_code", "village_name"], sort=True):
            place = {"file": file, "sheet": sheet, "row": _name(part.index), "column": "village_name", "value": what}
            issues.append(Issue.of("error", "lower.village_unknown", **place, n=len(part), name=what, code=where))
    nowhere = (code == "") & (name == "") & (commune != "")
    if nowhere.any():
        place = {"file": file, "sheet": sheet, "row": _name(rows.index[nowhere]), "column": "village_name"}
        issues.append(Issue.of("warning", "lower.no_village", **place, n=int(nowhere.sum())))
    return Placed(keys, tuple(issues)), made


def _own_villages(distinct: pd.DataFrame) -> tuple[list[str | None], pd.DataFrame]:
    """Make the villages out of the households that name them."""
    named = distinct[
        (distinct["commune_code"] != "") & ((distinct["village_code"] != "") | (distinct["village_name"] != ""))
    ]
    ways = [named[name].tolist() for name in ("commune_code", "village_code", "village_name")]
    keys = _readable(_keys(*ways), ways[2])
    made = named.replace("", None).astype("str").set_index(pd.Index(keys, name="village_key", dtype="str"))
    # Of several spellings the first in the alphabet stands, whatever the order of rows.
    made = made.sort_values("village_name", kind="stable").groupby(level=0, sort=True).first()
    known = dict(zip(named.index, keys, strict=True))
    return [known.get(row) for row in distinct.index], made


@dataclass(frozen=True)
class _Index:
    """The villages of a list, found by code and by name."""

    by_code: Mapping[tuple[str, str], set[str]]
    by_name: Mapping[tuple[str, str, str], list[str]]
    by_base: Mapping[tuple[str, str], list[tuple[str, VillageName]]]

    def find(self, commune: str, code: str, name: str) -> str | None:
        """Return the key of the village that is meant, or None where none or several may be."""
        if code and len(found := self.by_code.get((commune, code), set())) == 1:
            return next(iter(found))
        if not name or not commune:
            return None
        own = normalise_village(name)
        same = self.by_name.get((commune, own.kind, own.base), [])
        if same:
            return same[0] if len(same) == 1 else None
        # Xóm Pác Bó and Pác Bó; or Bản Cuốn, where the list has Thôn Bản Cuốn.
        alike = {
            key
            for form in {own.base, own.whole}
            for key, other in self.by_base.get((commune, form), [])
            if (form == own.whole and form == other.base) or (form == own.base and form == other.whole)
        }
        return alike.pop() if len(alike) == 1 else None


def _known_villages(distinct: pd.DataFrame, villages: pd.DataFrame) -> list[str | None]:
    """Find each way to name a village in the list of villages."""
    by_code: dict[tuple[str, str], set[str]] = {}
    by_name: dict[tuple[str, str, str], list[str]] = {}
    by_base: dict[tuple[str, str], list[tuple[str, VillageName]]] = {}
    identity = (texts(villages, name) for name in ("commune_code", "village_code", "village_name"))
    lines = zip(villages.index, *identity, strict=True)
    for key, commune, code, name in lines:
        if code:
            for where in (commune, ""):
                by_code.setdefault((where, code), set()).add(key)
        if name:
            own = normalise_village(name)
            by_name.setdefault((commune, own.kind, own.base), []).append(key)
            for form in {own.base, own.whole}:
                by_base.setdefault((commune, form), []).append((key, own))
    index = _Index(by_code, by_name, by_base)
    return [index.find(commune, code, name) for commune, code, name in distinct.itertuples(index=False)]


def _name(rows: pd.Index) -> str:
    more = f" (+{len(rows) - _ROWS_NAMED})" if len(rows) > _ROWS_NAMED else ""
    return ", ".join(str(row) for row in rows[:_ROWS_NAMED]) + more
