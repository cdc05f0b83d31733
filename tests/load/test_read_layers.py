"""One pass over all files of a project: official lists, border facts, and what each came from."""

from __future__ import annotations

import hashlib

import pytest

from geontm.errors import GeontmError, SourceError
from geontm.load import BoundarySource, ListSource, Sources, TableSource, Words, read_layers, shipped_path
from geontm.project import read_dictionary

WORDS = Words(*(read_dictionary(name) for name in ("communes", "indicators", "lists")))
DRAWN = BoundarySource(shipped_path("schematic-communes-2025.parquet"), provinces=("04",), schematic=True)
FACTS = "commune_code,border_km,border_neighbours\n01273,12.5,China\n"


@pytest.fixture
def read(tmp_path):
    def reader(*, facts=None, listed=None):
        paths = {}
        for name, text in (("facts.csv", facts), ("list.csv", listed)):
            if text is not None:
                paths[name] = tmp_path / name
                paths[name].write_text(text, encoding="utf-8")
        lists = [ListSource("region-2026", TableSource(paths["list.csv"]))] if listed else []
        return read_layers(Sources(DRAWN, border_facts=paths.get("facts.csv"), lists=tuple(lists)), WORDS)

    return reader


def test_lists_and_facts_come_with_the_fingerprint_of_their_files(read, tmp_path):
    layers = read(facts=FACTS, listed="Mã xã,Khu vực\n01273,III\n01290,I\n")
    assert layers.boundaries.schematic and set(layers.boundaries.units["province_code"]) == {"04"}
    (listed,) = layers.lists
    assert listed.answer == "development_region"
    assert listed.table.rows.set_index("commune_code")["development_region"].to_dict() == {"01273": "III", "01290": "I"}
    assert layers.border_facts["border_km"].to_dict() == {"01273": 12.5}
    assert set(layers.files) == {"schematic-communes-2025.parquet", "facts.csv", "list.csv"}
    assert layers.files["facts.csv"] == hashlib.sha256(FACTS.encode()).hexdigest()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"listed": "Mã xã,Tên xã\n01273,Xã A\n"}, "read.list_answer"),
        ({"listed": "Mã xã,Khu vực,Xã biên giới\n01273,III,x\n"}, "read.list_answer"),
        ({"facts": "commune_code,km\n01273,1\n"}, "read.facts_columns"),
        ({"facts": FACTS + "01273,3,Laos\n"}, "read.facts_twice"),
        ({"facts": ""}, "read.facts_unreadable"),
    ],
)
def test_what_does_not_answer_is_refused_in_both_languages(read, files, message):
    with pytest.raises(GeontmError) as refused:
        read(**files)
    assert refused.value.message.id == message
    assert refused.value.text("vi") != refused.value.text("en")
    if message == "read.list_answer":
        assert "Biên giới" not in refused.value.text("en") and "Border commune" in refused.value.text("en")


def test_a_missing_file_is_named_before_anything_is_read(tmp_path):
    with pytest.raises(SourceError) as refused:
        read_layers(Sources(DRAWN, land_border=tmp_path / "none.geojson"), WORDS)
    assert refused.value.where == str(tmp_path / "none.geojson")
