"""Reasons come back from the page's columns as they were, whatever they are."""

import json

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.publish.reasons import reasons
from geontm.publish.web.verdicts import packed_reasons
from publish_samples import CODES, sample_content

TURN = str.maketrans(",.", ".,")


def sentence(column, unit):
    """The page's reader, once more in Python."""
    words = column["words"]
    numbers = [-1 if w == " " else ord(w) - 93 for w in words]
    if numbers[unit] < 0:
        return None
    template, figures = column["templates"][numbers[unit]], column["figures"][numbers[unit]]
    if not figures:
        return template
    mine = figures.split("\n")[numbers[:unit].count(numbers[unit])].split("|")
    filled = []
    for part in template[1:]:
        for k, figure in enumerate(mine):
            part = part.replace(f"\x01{k}\x01", figure).replace(f"\x02{k}\x02", figure.translate(TURN))
        filled.append(part)
    return [template[0], *filled]


def unpacked(packed, units):
    packed = json.loads(json.dumps(packed, ensure_ascii=False))
    found = []
    for unit in range(units):
        if str(unit) in packed["odd"]:
            rows = packed["odd"][str(unit)]
        else:
            rows = [[k, *row] for k, column in enumerate(packed["columns"]) if (row := sentence(column, unit))]
        found.append([(tuple(packed["tests"][test]), *row) for test, *row in rows])
    return found


def expected(found):
    result = []
    for rows in found["rows"]:
        mine = []
        for test, answer, value, words in rows:
            vi, en = found["texts"][words]
            article = found["tests"][test][2]
            told = article and (article in vi or article in en)
            mine.append((tuple(found["tests"][test]), answer, vi, en, "" if told else value))
        result.append(mine)
    return result


def verdicts(rows):
    names = ["commune_code", "ruleset", "test", "answer", "value", "threshold", "article", "reason_vi", "reason_en"]
    return pd.DataFrame(rows, columns=names)


def test_a_sentence_is_kept_once_and_its_figures_beside_it():
    rows = [
        (code, "r", "poor", "met", v, ">= 20", "Điều 3", f"Hộ nghèo: {v.replace('.', ',')} %; từ 20 % trở lên. Điều 3.",
         f"Poor: {v} %; 20 % or more. Article 3.")
        for code, v in zip(CODES, ["20.5", "31", "1.25", "99", "20.5", "7.0"], strict=True)
    ]  # fmt: skip
    found = reasons(sample_content(verdicts=verdicts(rows)), tuple(CODES))
    (column,) = packed_reasons(found)["columns"]
    assert len(column["templates"]) == 1
    assert column["templates"][0][1].endswith("từ 20 % trở lên. Điều 3.")  # the law's own figures stay in the sentence
    assert column["figures"] == ["20,5\n31\n1,25\n99\n20,5\n7,0"]
    assert column["templates"][0][3] == ""  # the sentence tells the value
    assert unpacked(packed_reasons(found), 6) == expected(found)


def test_units_with_other_tests_and_in_another_order_keep_theirs():
    def row(code, test):
        return (code, "r", test, "met", "1", "", "", f"Phép {test} 1,5.", f"Test {test} 1.5.")

    rows = [row(CODES[0], t) for t in "ac"] + [row(CODES[1], t) for t in "abc"] + [row(CODES[2], t) for t in "bd"]
    packed = packed_reasons(found := reasons(sample_content(verdicts=verdicts(rows)), tuple(CODES)))
    assert packed["odd"] == {}
    assert unpacked(packed, 6) == expected(found)
    rows += [row(CODES[3], t) for t in "ca"] + [row(CODES[4], t) for t in "aa"]
    packed = packed_reasons(found := reasons(sample_content(verdicts=verdicts(rows)), tuple(CODES)))
    assert "3" in packed["odd"] or "0" in packed["odd"]
    assert unpacked(packed, 6) == expected(found)


def test_lines_on_what_would_change_a_verdict_come_back():
    names = ["commune_code", "ruleset", "change_vi", "change_en", "missing_vi", "missing_en"]
    lines = [
        (CODES[1], "border", "Thiếu 2,5 km.", "2.5 km short.", "", ""),
        (CODES[4], "border", "Thiếu 3 km.", "3 km short.", "Chưa có.", "None."),
    ]
    content = sample_content(briefs=pd.DataFrame(lines, columns=names))
    packed = packed_reasons(reasons(content, tuple(CODES)))
    assert [sentence(packed["changes"][0], unit) for unit in (0, 1, 4)] == [
        None,
        [0, "Thiếu 2,5 km.", "2.5 km short.", ""],
        [0, "Thiếu 3 km.", "3 km short.", ""],
    ]
    assert [sentence(packed["missing"][0], unit) for unit in (1, 4)] == [None, [0, "Chưa có.", "None.", ""]]


ROW = st.tuples(
    st.sampled_from(CODES),
    st.sampled_from(["r", "s"]),
    st.sampled_from(["one", "two", "r"]),
    st.sampled_from(["met", "not_met", "unknown"]),
    st.sampled_from(["", "1.5", "2|3", "\n"]),
    st.sampled_from(["", ">= 1"]),
    st.sampled_from(["", "Điều 1"]),
    st.text('1,.|2 aé\n]\\"', max_size=9),
    st.text('1,.|2 aé\n]\\"', max_size=9),
)


@settings(deadline=None)
@given(st.lists(ROW, max_size=20))
def test_any_reasons_come_back(rows):
    found = reasons(sample_content(verdicts=verdicts(rows), rulesets=()), tuple(CODES))
    assert unpacked(packed_reasons(found), 6) == expected(found)
