"""Templates of offices: what they may do, what is refused, and that nothing is written where one is."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document

from geontm.errors import PublishError
from geontm.publish.words.fields import field_paths, specimen
from geontm.publish.words.report import write_report
from geontm.publish.words.template import Limits, open_template, shipped_template
from publish_samples import sample_content

HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "replace-the-report-template.md"


def of_paragraphs(path: Path, *texts: str) -> Path:
    document = Document()
    for text in texts:
        document.add_paragraph(text)
    document.save(str(path))
    return path


def changed(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Take a template apart, change its members, put it together again."""
    with zipfile.ZipFile(io.BytesIO(shipped_template("vi"))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refusal(template: Path, folder: Path) -> PublishError:
    """Try a template over an earlier report; return the refusal, after checking that the report is untouched."""
    target = folder / "report.docx"
    target.write_bytes(b"the last good one")
    with pytest.raises(PublishError) as refused:
        write_report(sample_content(), target, template=template)
    assert target.read_bytes() == b"the last good one"
    assert template.name in refused.value.text("vi")
    assert refused.value.message.fix("vi") and refused.value.message.fix("en")
    return refused.value


def test_a_template_of_ones_own_is_filled(tmp_path: Path) -> None:
    template = of_paragraphs(
        tmp_path / "mau.docx",
        "UBND – {{ title }} ngày {{ day }}",
        "{%p for row in priority %}",
        "{{ loop.index }}. {{ row.name }}: {{ row.score }}{% if not loop.last %};{% endif %}",
        "{%p endfor %}",
    )
    made = write_report(sample_content(), tmp_path / "r.docx", template=template)
    texts = [p.text for p in Document(str(made)).paragraphs]
    assert texts[0] == "UBND – Thử <b>nghiệm</b> 2026 ngày 30/6/2026"
    assert texts[1:3] == ["1. Đặc khu Hòn Lẻ: 0,600;", "2. Xã {{ 7*7 }} {% raw %}: 0,500;"]


@pytest.mark.parametrize(
    ("tag", "field", "nearest"),
    [
        ("{{ titel }}", "titel", "title"),
        ("{% for row in priority %}{{ row.scores }}{% endfor %}", "scores", "priority[].score"),
        # A loop that this run never enters is read all the same.
        ("{% for map in maps %}{{ map.captoin }}{% endfor %}", "captoin", "maps[].caption"),
        ("{% if priority %}{% else %}{{ nowhere }}{% endif %}", "nowhere", ""),
    ],
)
def test_an_unknown_field_is_named_with_the_nearest_one(tmp_path: Path, tag: str, field: str, nearest: str) -> None:
    error = refusal(of_paragraphs(tmp_path / "mau.docx", tag), tmp_path)
    assert error.message.id == "words.template_unknown_field"
    assert error.message.values["field"] == field
    assert nearest in error.message.values["nearest"]


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (("trước", "{% for row in priority %}{{ row.name }}"), "for row in priority"),
        (("{{ title }", "{{ day }}"), "title"),
        (("{% if title %}x{% endfor %}",), "endfor"),
        (("{{ title|nosuchfilter }}",), "title|nosuchfilter"),
    ],
)
def test_a_broken_tag_is_shown(tmp_path: Path, texts: tuple[str, ...], shown: str) -> None:
    error = refusal(of_paragraphs(tmp_path / "mau.docx", *texts), tmp_path)
    assert error.message.id == "words.template_broken_tag"
    assert shown in error.message.values["tag"] + error.message.values["reason"]


def test_a_loop_that_tears_paragraphs_apart_is_refused(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(2, 1)
    table.cell(0, 0).text = "{%tr for row in priority %}"
    table.cell(1, 0).text = "{{ row.name }}"
    document.add_paragraph("{%p endfor %}")
    document.save(str(tmp_path / "mau.docx"))
    error = refusal(tmp_path / "mau.docx", tmp_path)
    assert error.message.id == "words.template_broken_place"


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ title.__class__ }}",
        "{{ title.upper() }}",
        "{{ title.format(title) }}",
        "{{ 'a' * 10000000000 }}",
        "{{ title ~ title }}",
        "{% set x = title %}",
        "{% include 'word/document.xml' %}",
        "{% import 'os' as os %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ [1, 2, 3] }}",
        "{% for a in issues %}{% for b in issues %}{% for c in issues %}{% for d in issues %}x{% endfor %}{% endfor %}"
        "{% endfor %}{% endfor %}",
        "{% for map in maps %}{{ map.picture.__html__ }}{% endfor %}",
    ],
)
def test_a_template_reads_and_loops_and_does_nothing_else(tmp_path: Path, attack: str) -> None:
    error = refusal(of_paragraphs(tmp_path / "mau.docx", attack), tmp_path)
    assert error.message.id in ("words.template_forbidden", "words.template_unknown_field")


def test_a_picture_shows_nothing_behind_it(tmp_path: Path) -> None:
    for inside in ("tpl", "draw", "_Picture__draw", "__draw"):
        tag = f"{{% for map in maps %}}{{{{ map.picture.{inside} }}}}{{% endfor %}}"
        assert refusal(of_paragraphs(tmp_path / "mau.docx", tag), tmp_path).message.id in (
            "words.template_forbidden",
            "words.template_unknown_field",
        )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 nonsense", "not_word"),
        (b"<html>a page</html>", "not_word"),
        (b"\xd0\xcf\x11\xe0old word", "old_word"),
    ],
)
def test_what_is_no_word_document_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    template = tmp_path / "mau.docx"
    template.write_bytes(content)
    assert refusal(template, tmp_path).message.id == f"words.template_{told}"


def test_a_template_that_another_program_holds_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = of_paragraphs(tmp_path / "mau.docx", "{{ title }}")
    read = Path.read_bytes

    def held(path: Path) -> bytes:
        if path == template:
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", held)
    error = refusal(template, tmp_path)
    assert error.message.id == "words.template_locked"
    assert "Permission denied" in error.text("en")


def test_a_dotx_is_taken_as_the_document_that_it_makes(tmp_path: Path) -> None:
    def as_dotx(members: dict[str, bytes]) -> None:
        kinds = members["[Content_Types].xml"]
        members["[Content_Types].xml"] = kinds.replace(b"document.main+xml", b"template.main+xml")

    template = changed(tmp_path / "mau.dotx", as_dotx)
    made = write_report(sample_content(), tmp_path / "r.docx", template=template)
    plain = write_report(sample_content(), tmp_path / "s.docx")
    assert made.read_bytes() == plain.read_bytes()


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "khong-co.docx", tmp_path).message.id == "words.template_missing"


def test_macros_and_entities_are_refused(tmp_path: Path) -> None:
    with_macro = changed(tmp_path / "a.docx", lambda members: members.update({"word/vbaProject.bin": b"x"}))
    assert refusal(with_macro, tmp_path).message.id == "words.template_macro"
    object_inside = changed(tmp_path / "o.docx", lambda members: members.update({"word/embeddings/a.bin": b"x"}))
    assert "word/embeddings/a.bin" in refusal(object_inside, tmp_path).text("vi")

    def name_macros(members: dict[str, bytes]) -> None:
        kinds, plain = (
            members["[Content_Types].xml"],
            b"application/vnd.openxmlformats-officedocument.wordprocessingml.",
        )
        macros = b"application/vnd.ms-word.document.macroEnabled.main+xml"
        members["[Content_Types].xml"] = kinds.replace(plain + b"document.main+xml", macros)

    assert refusal(changed(tmp_path / "m.docm", name_macros), tmp_path).message.id == "words.template_macro"

    def add_entity(members: dict[str, bytes]) -> None:
        body = members["word/document.xml"]
        start = body.index(b"<w:document")
        members["word/document.xml"] = body[:start] + b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + body[start:]

    assert refusal(changed(tmp_path / "b.docx", add_entity), tmp_path).message.id == "words.template_not_word"


def test_what_would_be_loaded_from_elsewhere_is_named(tmp_path: Path) -> None:
    link = (
        b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
        b'Target="http://example.org/logo.png" TargetMode="External"/></Relationships>'
    )

    def add_link(members: dict[str, bytes]) -> None:
        name = "word/_rels/document.xml.rels"
        members[name] = members[name].replace(b"</Relationships>", link)

    error = refusal(changed(tmp_path / "mau.docx", add_link), tmp_path)
    assert error.message.id == "words.template_elsewhere"
    assert error.message.values["target"] == "http://example.org/logo.png"


def test_the_link_to_the_template_of_an_office_is_cut(tmp_path: Path) -> None:
    origin = (
        b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        b'attachedTemplate" Target="file:///S:/mau.dotx" TargetMode="External"/></Relationships>'
    )

    def attach(members: dict[str, bytes]) -> None:
        members["word/_rels/settings.xml.rels"] = origin
        settings = members["word/settings.xml"]
        end = settings.index(b">", settings.index(b"<w:settings")) + 1
        relation = b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"'
        members["word/settings.xml"] = settings[:end] + b"<w:attachedTemplate " + relation + b"/>" + settings[end:]

    made = write_report(sample_content(), tmp_path / "r.docx", template=changed(tmp_path / "mau.docx", attach))
    with zipfile.ZipFile(made) as archive:
        assert not any(b"mau.dotx" in archive.read(name) for name in archive.namelist())
        assert b"attachedTemplate" not in archive.read("word/settings.xml")


def test_a_bomb_is_refused_by_what_it_unpacks_to(tmp_path: Path) -> None:
    bomb = changed(tmp_path / "mau.docx", lambda members: members.update({"word/media/x.png": bytes(5_000_000)}))
    with pytest.raises(PublishError) as refused:
        open_template(bomb, limits=Limits(unpacked_bytes=4_000_000))
    assert refused.value.message.id == "words.template_too_large"
    with pytest.raises(PublishError) as refused:
        open_template(bomb, limits=Limits(file_bytes=1_000))
    assert refused.value.message.id == "words.template_too_large"


def test_the_how_to_page_lists_every_field_and_no_other() -> None:
    listed = set(re.findall(r"^\| `([a-z_.\[\]]+)` \|", HOW_TO.read_text(encoding="utf-8"), re.MULTILINE))
    assert listed == set(field_paths())


def test_the_specimen_has_an_entry_in_every_list() -> None:
    record = specimen()
    assert record.maps[0].caption and record.rulesets[0].conditions[0].article and record.areas.rows[0].cells
