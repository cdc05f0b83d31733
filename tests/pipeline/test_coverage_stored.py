from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pandas as pd

from geontm.cover import Measured
from geontm.messages import Label
from geontm.pipeline.coverage.cache import Cache, code_stamp
from geontm.pipeline.coverage.stored import decode, digest, encode
from geontm.tables import Issue


def a_result() -> Measured:
    table = pd.DataFrame(
        {"road_km": pd.array([1.5, None], dtype="Float64"), "is_near": pd.array([True, None], dtype="boolean")},
        index=pd.Index(["00001", "00002"], name="commune_code", dtype="str"),
    )
    long = pd.DataFrame({"commune_code": pd.array(["00001"], dtype="str"), "km": [1.5]})
    issue = Issue.of(
        "warning", "coverage.outside_cover", file="a.gpkg", column="covers", value="00002", n=np.int64(1), layer="a"
    )
    named = Issue.of("info", "coverage.needs", what=Label("nước", "water"), needs="roads")
    return Measured(table, {"road_lengths": long}, (issue, named))


def test_a_result_comes_back_as_it_went():
    before = a_result()
    after = decode(encode(before))
    pd.testing.assert_frame_equal(after.table, before.table)
    pd.testing.assert_frame_equal(after.more["road_lengths"], before.more["road_lengths"])
    for lang in ("vi", "en"):
        assert [i.message.text(lang) for i in after.issues] == [i.message.text(lang) for i in before.issues]
    assert [(i.severity, i.file, i.column, i.value) for i in after.issues] == [
        (i.severity, i.file, i.column, i.value) for i in before.issues
    ]


def test_the_same_result_gives_the_same_bytes():
    assert encode(a_result()) == encode(a_result())
    assert encode(decode(encode(a_result()))) == encode(a_result())


def test_a_digest_tells_one_cell_apart():
    one, other = a_result().table, a_result().table
    assert digest(one) == digest(other)
    other.loc["00001", "road_km"] = 1.5000001
    assert digest(one) != digest(other)


def test_the_cache_gives_back_what_it_holds(tmp_path: Path):
    cache = Cache(tmp_path)
    assert cache.get("ab" * 32) is None
    cache.put("ab" * 32, b"something")
    assert Cache(tmp_path).get("ab" * 32) == b"something"


def test_a_damaged_entry_is_no_entry(tmp_path: Path):
    cache = Cache(tmp_path)
    cache.put("ab" * 32, b"something")
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    for spoilt in (file.read_bytes()[:-1], b"", file.read_bytes()[:-1] + b"X"):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(spoilt)
        assert cache.get("ab" * 32) is None
        assert not file.exists()


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file")
    cache.put("ab" * 32, b"something")
    assert cache.get("ab" * 32) is None
    cache.prune()


def test_the_oldest_entries_go_first(tmp_path: Path):
    cache = Cache(tmp_path)
    keys = [hashlib.sha256(bytes([n])).hexdigest() for n in range(4)]
    for n, key in enumerate(keys):
        cache.put(key, bytes(1_000))
        path = next(path for path in tmp_path.rglob(key[2:]))
        os.utime(path, (n, n))
    assert cache.get(keys[0]) is not None  # used again, so the youngest now
    cache.prune(most_bytes=2_100)
    assert [cache.get(key) is not None for key in keys] == [True, False, False, True]


def test_what_was_just_used_stays_however_full_the_folder(tmp_path: Path):
    cache = Cache(tmp_path)
    slices = tmp_path / "slices" / "key"
    slices.mkdir(parents=True)
    for name in ("04.parquet", "22.parquet"):
        (slices / name).write_bytes(bytes(1_000))
        os.utime(slices / name, (0, 0))
    cache.touch(slices / "04.parquet", slices / "gone.parquet")
    cache.prune(most_bytes=10)
    assert [path.name for path in slices.iterdir()] == ["04.parquet"]
    cache.prune(most_bytes=10, in_use_s=-1)
    assert list(slices.iterdir()) == []


def test_none_keeps_nothing(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("GEONTM_CACHE", "none")
    cache = Cache()
    cache.put("ab" * 32, b"something")
    assert not cache.kept
    assert cache.get("ab" * 32) is None


def test_the_stamp_is_one_of_this_code():
    assert code_stamp() == code_stamp()
    assert len(code_stamp()) == 64
