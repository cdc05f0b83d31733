"""Codes for misspelt names, beside a loop over a fuzzy matcher."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geontm.bench.job import Job, Peer, Tolerance
from geontm.bench.make import Inputs
from geontm.bench.make.noise import scatter
from geontm.join import match_units
from geontm.load import read_register

__all__ = ["JOB"]

LEAST_SCORE = 80
WITHOUT_TONES, LOWER, SLIP = 0.06, 0.10, 0.04  # shares of rows that are spelt so


@dataclass(frozen=True)
class _Names:
    """Rows as offices send them, and the units they are about."""

    rows: pd.DataFrame
    units: pd.DataFrame


def _load(_: Inputs) -> _Names:
    """Take all communes of the country, whatever the size: a table of names is small."""
    units = read_register("2025")[["commune_name", "kind", "province_code", "province_name"]]
    random = scatter(11, 0)
    spelt = [
        _spell(name, draw) for name, draw in zip(units["commune_name"], random.random((len(units), 2)), strict=True)
    ]
    rows = units.assign(commune_name=spelt, truth=units.index).sample(frac=1.0, random_state=5).reset_index(drop=True)
    return _Names(rows, units)


def _spell(name: str, draw: np.ndarray) -> str:
    """Write a name as it comes in tables: bare of its tones, in capitals, or with a letter lost."""
    share, where = float(draw[0]), float(draw[1])
    if share < WITHOUT_TONES:
        bare = unicodedata.normalize("NFD", name).replace("Đ", "D").replace("đ", "d")
        return "".join(letter for letter in bare if not unicodedata.combining(letter))
    if share < WITHOUT_TONES + LOWER:
        return name.upper()
    if share < WITHOUT_TONES + LOWER + SLIP and len(name) > 12:
        at = 6 + int(where * (len(name) - 7))
        return name[:at] + name[at + 1 :]
    return name


def _ours(names: _Names) -> pd.Series:
    rows = names.rows.drop(columns="truth")
    found = match_units(rows, names.units, by="name", within="province", accept_suggestions=True)
    return found.codes


def _loop(names: _Names) -> pd.Series:
    """Take the likeliest name of the province, as scripts do."""
    from thefuzz import process

    choices = {code: group["commune_name"].to_dict() for code, group in names.units.groupby("province_code")}
    codes = []
    for name, province in zip(names.rows["commune_name"], names.rows["province_code"], strict=True):
        _, score, code = process.extractOne(name, choices[province])
        codes.append(code if score >= LEAST_SCORE else None)
    return pd.Series(codes, index=names.rows.index, dtype="str")


def _loop_over_all(names: _Names) -> pd.Series:
    """Take the likeliest name of the country, as scripts do that know nothing of provinces."""
    from thefuzz import process

    choices = names.units["commune_name"].to_dict()
    codes = [process.extractOne(name, choices)[2] for name in names.rows["commune_name"]]
    return pd.Series(codes, index=names.rows.index, dtype="str")


def _scored(names: _Names, found: pd.Series) -> pd.DataFrame:
    """Say of each unit's row: 1 where it found its unit, 0 where it found none, and -1 where another's."""
    codes = found.reindex(names.rows.index)
    right = (codes == names.rows["truth"]).fillna(False).to_numpy(dtype=bool)
    score = np.where(right, 1.0, np.where(codes.isna(), 0.0, -1.0))
    return pd.DataFrame({"found": score}, index=pd.Index(names.rows["truth"], name="commune_code"))


JOB = Job(
    name="names",
    load=_load,
    ours=_ours,
    peers=(
        Peer(
            "thefuzz loop",
            _loop_over_all,
            {"found": Tolerance(outliers=0.25, reason="one name in ten stands in several provinces")},
            target=20.0,
            packages=("thefuzz",),
            once=True,
        ),
        Peer(
            "thefuzz loop by province",
            _loop,
            {"found": Tolerance(outliers=0.05, reason="the loop takes the likeliest name where two are alike")},
            packages=("thefuzz",),
        ),
    ),
    peak_mb=400,
    grows=False,
    table=_scored,
)
