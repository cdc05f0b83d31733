from __future__ import annotations

import inspect
import io
import re
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sheet_makers import messages, ods, ods_row, read, xls, xlsx

from geontm.errors import GeontmError, SourceError
from geontm.load.books import Limits, read_book
from geontm.messages import catalogue

ROWS = [["ma_xa", "ten_xa", "Tỷ lệ hộ nghèo"], ["01267", "Xã Cô Ba", 12.5], ["01270", "Xã Hồng Trị", 7]]


def refused(path, **limits):
    with pytest.raises(SourceError) as error:
        read_book(path, limits=Limits(**limits) if limits else None)
    assert path.name in error.value.text("vi")
    assert str(path) in error.value.text("en")
    return error.value.message.id


@pytest.mark.parametrize("make", [xlsx, xls])
def test_a_workbook_gives_its_cells(tmp_path, make):
    (sheet,) = read_book(make(tmp_path / "a.bin", ROWS)).sheets
    assert [list(row) for row in sheet.rows] == ROWS


def test_an_ods_file_gives_its_cells(tmp_path):
    path = ods(tmp_path / "a.ods", "".join(ods_row(*row) for row in ROWS) + ods_row(None, repeat=1_048_573))
    book = read_book(path)
    assert book.kind == "ods"
    assert [list(row) for row in book.sheets[0].rows][:3] == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_of_any_encoding_and_delimiter(tmp_path, encoding, delimiter):
    path = tmp_path / "a.csv"
    path.write_bytes("\r\n".join(delimiter.join(map(str, row)) for row in ROWS).encode(encoding))
    table = read(path)
    assert list(table.rows["commune_name"]) == ["Xã Cô Ba", "Xã Hồng Trị"]
    assert list(table.rows["poor_household_pct"]) == [12.5, 7]


def test_decimal_commas_do_not_cut_a_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("ma_xa;ten_xa;Tỷ lệ hộ nghèo\n01267;Xã Cô Ba;12,5\n01270;Xã Hồng Trị;7,25\n", encoding="utf-8")
    assert list(read(path).rows["poor_household_pct"]) == [12.5, 7.25]


def test_windows_1258_with_combining_tones_becomes_nfc(tmp_path):
    path = tmp_path / "a.csv"
    # In Windows-1258 "ế" is ê and a combining acute; "ộ" is ô and a combining dot below.
    text = "ma_xa,ten_xa,Ty\u0309 lê\u0323 hô\u0323 nghe\u0300o\n01267,Xa\u0303 Qua\u0309ng Lâm Đươ\u0300ng,12\n"
    path.write_bytes(text.encode("cp1258"))
    table = read(path)
    assert table.rows["commune_name"].iloc[0] == "Xã Quảng Lâm Đường"
    assert table.rows["poor_household_pct"].iloc[0] == 12
    assert "sheets.encoding" in messages(table, "info")


def test_rows_count_as_the_spreadsheet_counts(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('\n\nma_xa,ten_xa\n\n01267,"Xã Cô\nBa"\n', encoding="utf-8")
    assert read(path).rows.index.tolist() == [5]


def test_the_content_decides_not_the_extension(tmp_path):
    assert read_book(xlsx(tmp_path / "a.xls", ROWS)).kind == "xlsx"
    assert read_book(xls(tmp_path / "a.xlsx", ROWS)).kind == "xls"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "sheets.empty"),
        (b"\xef\xbb\xbf \r\n", "sheets.empty"),
        (b"<html><table><tr><td>ma_xa</td></tr></table></html>", "sheets.web_page"),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>", "sheets.web_page"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "sheets.web_page"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "sheets.markup"),
        (b"%PDF-1.7 ...", "sheets.other_kind"),
        (b"SQLite format 3\0 " + bytes(100), "sheets.other_kind"),
        (b"ma_xa,ten_xa\n01267,\0\0\0\0", "sheets.other_kind"),
        (b"PK\x03\x04 broken", "sheets.damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "sheets.damaged"),
    ],
)
def test_other_files_are_refused_by_what_they_are(tmp_path, content, message):
    path = tmp_path / "so-lieu.xls"
    path.write_bytes(content)
    assert refused(path) == message


def test_a_missing_file_and_a_folder(tmp_path):
    assert refused(tmp_path / "none.csv") == "sheets.missing"
    assert refused(tmp_path) == "sheets.not_a_file"


@pytest.mark.parametrize("make", [xlsx, xls])
def test_a_cut_file_is_refused(tmp_path, make):
    path = make(tmp_path / "a", [[f"Xã {i}", i] for i in range(500)])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert refused(path) == "sheets.damaged"


def test_limits(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", ROWS)
    assert refused(path, file_bytes=100) == "sheets.too_large"
    assert refused(path, unpacked_bytes=1000) == "sheets.bomb"
    assert refused(path, cells=8) == "sheets.too_many_cells"
    assert refused(xls(tmp_path / "a.xls", ROWS), cells=8) == "sheets.too_many_cells"
    assert len(read_book(path, limits=Limits(cells=9)).sheets) == 1


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", ROWS)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/zeros.xml", bytes(30_000_000))
    assert refused(path) == "sheets.bomb"


def replace_part(path, name, change):
    """Rewrite one member of a zip."""
    with zipfile.ZipFile(path) as packed:
        parts = {part: packed.read(part) for part in packed.namelist()}
    parts[name] = change(parts[name])
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as packed:
        for part, content in parts.items():
            packed.writestr(part, content)
    path.write_bytes(memory.getvalue())


@pytest.mark.parametrize("utf16", [False, True])
def test_entities_are_refused(tmp_path, utf16):
    path = xlsx(tmp_path / "a.xlsx", ROWS)

    def add(part):
        text = part.decode().replace("?>", '?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', 1)
        return text.encode("utf-16") if utf16 else text.encode()

    replace_part(path, "xl/sharedStrings.xml", add)
    assert refused(path) == "sheets.entities"


def test_two_far_cells_do_not_fill_the_memory(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", ROWS)
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    replace_part(path, "xl/worksheets/sheet1.xml", lambda part: part.replace(b"</sheetData>", far))
    assert refused(path) == "sheets.too_many_cells"
    repeated = ods(tmp_path / "a.ods", ods_row("Xã Cô Ba", *range(40), repeat=900_000))
    assert refused(repeated) == "sheets.too_many_cells"


@settings(deadline=None, max_examples=60)
@given(data=st.data(), make=st.sampled_from([xlsx, xls]))
def test_whatever_is_damaged_is_read_or_refused_in_words(tmp_path_factory, data, make):
    path = tmp_path_factory.mktemp("damaged") / "a"
    content = bytearray(make(path, ROWS).read_bytes())
    for part, byte in data.draw(
        st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6)
    ):
        content[8 + part % (len(content) - 8)] = byte
    path.write_bytes(bytes(content))
    try:
        read(path)
    except GeontmError as refusal:
        assert refusal.text("vi")


def test_every_message_is_there_in_both_languages():
    source = Path(inspect.getfile(read_book)).parent
    used = set(re.findall(r'"(sheets\.[a-z_]+)"', "".join(p.read_text(encoding="utf-8") for p in source.glob("*.py"))))
    texts = {key: text for key, text in catalogue().items() if key.startswith("sheets.")}
    assert used | {"sheets.protected", "sheets.damaged"} == set(texts)
    for text in texts.values():
        fields = [set(re.findall(r"{(\w+)}", text[lang])) for lang in ("vi", "en")]
        assert fields[0] == fields[1]
        assert unicodedata.is_normalized("NFC", text["vi"] + text.get("fix", {}).get("vi", ""))
