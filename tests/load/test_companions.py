from __future__ import annotations

from pathlib import Path

import pytest

from geontm.load.companions import companions_of, content_sha256, file_sha256


def test_a_file_alone_is_its_own_bytes(tmp_path: Path):
    file = tmp_path / "duong.gpkg"
    file.write_bytes(b"roads")
    (tmp_path / "duong.csv").write_bytes(b"another table")
    (tmp_path / "duong.gpkg-wal").write_bytes(b"")
    assert companions_of(file) == ()
    assert content_sha256(file) == file_sha256(file)


@pytest.mark.parametrize(
    ("main", "beside"),
    [
        ("duong.shp", "duong.dbf"),
        ("duong.shp", "duong.PRJ"),
        ("duong.tab", "duong.dat"),
        ("dem.asc", "dem.prj"),
        ("dem.tif", "dem.tfw"),
        ("dem.tif", "dem.tif.aux.xml"),
        ("dem.tif", "dem.tif.msk"),
        ("duong.gpkg", "duong.gpkg-wal"),
    ],
)
def test_what_is_read_with_a_file_counts(tmp_path: Path, main: str, beside: str):
    file, other = tmp_path / main, tmp_path / beside
    file.write_bytes(b"main")
    other.write_bytes(b"one")
    assert companions_of(file) == (other,)
    before = content_sha256(file)
    other.write_bytes(b"two")
    assert content_sha256(file) != before != file_sha256(file)
