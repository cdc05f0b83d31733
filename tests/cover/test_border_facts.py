"""The border taken from a table: what it names, what it leaves out, and what cannot be read in it."""

import pandas as pd

from geontm.cover import border_from_facts

UNITS = pd.DataFrame({"commune_name": ["A", "B", "C", "D", "E"]}, index=["00001", "00002", "00003", "00004", "00005"])


def facts(*rows):
    return pd.DataFrame(rows, columns=["commune_code", "border_km", "border_neighbours"]).set_index("commune_code")


def test_a_named_commune_has_a_border_and_one_left_out_has_none():
    table, issues = border_from_facts(facts(("00002", 3.5, "China")), UNITS, known=UNITS.index)
    assert table["is_border"].tolist() == [False, True, False, False, False]
    assert table["border_km"].tolist() == [0, 3.5, 0, 0, 0]
    assert table["border_neighbours"].tolist() == ["", "China", "", "", ""]
    assert str(table["is_border"].dtype) == "boolean"
    assert issues == ()


def test_a_length_that_is_missing_or_unreadable_is_unknown_and_never_no_border():
    given = facts(("00001", None, "Lào"), ("00002", "12,x", "Lào"), ("00003", -1, "Lào"), ("00004", 0, ""))
    table, issues = border_from_facts(given, UNITS, known=UNITS.index, file="f.csv")
    assert table["is_border"].tolist() == [True, True, True, False, False]
    assert table["border_km"].isna().tolist() == [True, True, True, False, False]
    assert [(i.severity, i.message.id, i.file, i.value) for i in issues] == [
        ("error", "cover.facts_length", "f.csv", "00002: 12,x"),
        ("error", "cover.facts_length", "f.csv", "00003: -1"),
    ]


def test_a_code_that_no_commune_has_is_reported_and_one_of_another_province_is_not():
    given = facts(("99999", 3, "Lào"), ("88888", 4, "Lào"))
    table, issues = border_from_facts(given, UNITS, known=["88888"])
    assert not table["is_border"].any()
    assert [(i.message.id, i.value) for i in issues] == [("cover.facts_unknown_code", "99999")]
