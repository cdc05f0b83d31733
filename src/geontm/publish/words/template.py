"""Opens a Word template that came from anywhere and fills it, without giving it anything to do harm with.

A template reads fields and loops over them. It calls nothing, reaches nothing hidden, loads nothing from elsewhere;
limits hold for what it unpacks to. It is tried out on a record in which every list has an entry before the figures
of a run go in, so that a wrong name is told whatever the run holds.
"""

from __future__ import annotations

import difflib
import io
import re
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import jinja2.sandbox
from defusedxml import DefusedXmlException, ElementTree
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docxtpl import DocxTemplate  # type: ignore[import-untyped]
from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.meta import find_undeclared_variables

from geontm.errors import PublishError
from geontm.messages import Language

__all__ = ["Limits", "Template", "open_template", "shipped_template"]

_MB = 1_000_000
_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_DOTX = b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
_OLE = b"\xd0\xcf\x11\xe0"  # what Word wrote before 2007, and what it wraps around a file with a password
_SETTINGS = ("word/settings.xml", "word/_rels/settings.xml.rels")
_FILTERS = ("default", "d", "e", "escape", "first", "join", "last", "length", "lower", "trim", "upper")
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem,
    nodes.For, nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
    nodes.Filter, nodes.Test,
)  # fmt: skip
_LOOPS = 3  # loops inside each other
# Twips: what a letter of 11 points takes at most, what a cell keeps free; letters of the narrowest column.
_LETTER, _CELL_MARGIN, _SHORTEST = 125, 190, 3


@dataclass(frozen=True)
class Limits:
    """What a template may cost at most."""

    file_bytes: int = 20 * _MB
    unpacked_bytes: int = 100 * _MB
    members: int = 2_000


class _Sandbox(jinja2.sandbox.ImmutableSandboxedEnvironment):
    """Reads fields, tests them and loops over them; every other word of Jinja is refused."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__(autoescape=True, undefined=jinja2.StrictUndefined)
        self.names = frozenset(names)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS}

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> jinja2.Template:
        """Read a template after its tags were looked through, also those that no loop would reach."""
        tree = self.parse(source)
        for node in tree.find_all(nodes.Node):
            if not isinstance(node, _ALLOWED):
                raise SecurityError(type(node).__name__.lower())
        if _depth(tree) > _LOOPS:
            raise SecurityError(f"for, for, for … > {_LOOPS}")
        if unknown := sorted(find_undeclared_variables(tree) - self.names):
            raise jinja2.UndefinedError(f"'{unknown[0]}'")
        return super().from_string(source, *args, **kwargs)


def _depth(node: nodes.Node) -> int:
    inside = max((_depth(child) for child in node.iter_child_nodes()), default=0)
    return inside + isinstance(node, nodes.For)


class Template(DocxTemplate):  # type: ignore[misc]
    """A template whose faults are told instead of mended: a document that Word would refuse is not written."""

    def __init__(self, data: bytes, file: str) -> None:
        super().__init__(io.BytesIO(data))
        self.file = file

    def fill(self, fields: Mapping[str, Any]) -> None:
        """Put the fields in.

        Raises
        ------
        PublishError
            An unknown field, a broken tag, something a template may not do, or tags that break the document.
        """
        try:
            self.render(dict(fields), _Sandbox(fields))
        except SecurityError as reached:
            raise self._refusal("forbidden", reason=str(reached.message)) from reached
        except jinja2.UndefinedError as unknown:
            raise self._unknown(_quoted(str(unknown.message)), fields) from unknown
        except jinja2.TemplateError as broken:
            context = list(getattr(broken, "docx_context", []))
            tag = next(filter(None, (_tags_of(line) for line in reversed(context[:4]))), "")
            raise self._refusal("broken_tag", tag=tag, reason=str(broken.message)) from broken
        except (SyntaxError, TypeError, ValueError, AttributeError) as broken:
            raise self._refusal("broken_place", reason=str(broken)[:200]) from broken

    def fix_tables(self, xml: str) -> Any:
        """Parse the filled body strictly; spread the columns of tables that loop over cells."""
        body = parse_xml(xml)
        for table in body.iter(qn("w:tbl")):
            _spread_columns(table)
        return body

    def fix_docpr_ids(self, tree: Any) -> None:
        """Give drawings new numbers: with two of one number Word offers to mend the document."""
        for number, drawing in enumerate(tree.iter(qn("wp:docPr")), start=1):
            drawing.set("id", str(number))

    def _unknown(self, field: str, fields: Mapping[str, Any]) -> PublishError:
        from geontm.publish.words.fields import field_paths

        known: dict[str, str] = {}  # by the last part; of several fields the outermost is meant
        for path in sorted(field_paths(), key=lambda path: (path.count("."), path)):
            known.setdefault(path.replace("[]", "").rpartition(".")[2], path)
        near = difflib.get_close_matches(field, [*known, *fields], n=1, cutoff=0.3)
        return self._refusal("unknown_field", field=field, nearest=known.get(near[0], near[0]) if near else "–")

    def _refusal(self, key: str, **values: Any) -> PublishError:
        return PublishError(f"words.template_{key}", where=self.file, file=Path(self.file).name, **values)


def shipped_template(lang: Language) -> bytes:
    """Return the template that geontm carries; the start of an office's own."""
    return files("geontm.publish.words").joinpath("templates", f"report.{lang}.docx").read_bytes()


def open_template(path: Path, *, limits: Limits | None = None) -> bytes:
    """Read a template and refuse what is none, or what would do more than hold text.

    Returns
    -------
    bytes
        The template as it is, but for its link to the Word template that it was made from, which is cut. A ``.dotx``
        is taken as the document that it would make.

    Raises
    ------
    PublishError
        The file is missing, empty, held by another program, no ``.docx``, too large, holds macros or XML entities, or
        loads something from elsewhere.
    """
    limits = limits or Limits()
    place: dict[str, Any] = {"where": path, "file": path.name}
    data = _read(path, limits, place)
    try:
        members = _members(data, limits, place)
        _check_members(members, place)
        cut = _as_document(data, members)
        Template(cut, str(path)).init_docx()
    except (
        zipfile.BadZipFile,
        PackageNotFoundError,
        KeyError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as broken:
        raise PublishError("words.template_not_word", **place, reason=str(broken)[:200]) from broken
    except (SyntaxError, DefusedXmlException) as broken:
        raise PublishError("words.template_not_word", **place, reason=f"XML: {broken}"[:200]) from broken
    return cut


def _read(path: Path, limits: Limits, place: Mapping[str, Any]) -> bytes:
    if not path.is_file():
        raise PublishError("words.template_missing", **place)
    if path.stat().st_size > limits.file_bytes:
        size, limit = path.stat().st_size / _MB, limits.file_bytes / _MB
        raise PublishError("words.template_too_large", **place, size=size, limit=limit)
    try:
        data = path.read_bytes()
    except OSError as held:  # Word on Windows keeps what it has open to itself
        raise PublishError("words.template_locked", **place, reason=held.strerror or str(held)) from held
    if not data:
        raise PublishError("words.template_empty", **place)
    if data.startswith(_OLE):
        raise PublishError("words.template_old_word", **place)
    return data


def _members(data: bytes, limits: Limits, place: Mapping[str, Any]) -> dict[str, bytes]:
    """Unpack a template as far as the limits allow; declared sizes are not believed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > limits.members:
            raise zipfile.BadZipFile(f"{len(entries)} members")
        members, left = {}, limits.unpacked_bytes
        for entry in entries:
            with archive.open(entry) as stream:
                content = stream.read(left + 1)
            left -= len(content)
            if left < 0:
                limit = limits.unpacked_bytes / _MB
                size = max(limit, sum(each.file_size for each in entries) / _MB)
                raise PublishError("words.template_too_large", **place, size=size, limit=limit)
            members[entry.filename] = content
    return members


def _check_members(members: Mapping[str, bytes], place: Mapping[str, Any]) -> None:
    if "word/document.xml" not in members and not any(name.endswith("document.xml") for name in members):
        raise KeyError("word/document.xml")
    kinds = members.get("[Content_Types].xml", b"")
    inside = [name for name in sorted(members) if name.lower().endswith((".bin", ".ole")) or "vba" in name.lower()]
    if inside or b"macroEnabled" in kinds:
        raise PublishError("words.template_macro", **place, inside=", ".join(inside[:3]) or ".docm")
    for name, content in members.items():
        if name.endswith((".xml", ".rels")):
            root = ElementTree.fromstring(content, forbid_dtd=True)
            if name.endswith(".rels"):
                _check_links(root, place)
    if _MAIN not in kinds and _DOTX not in kinds:
        raise ValueError("[Content_Types].xml")


def _check_links(root: Any, place: Mapping[str, Any]) -> None:
    for link in root:
        kind = link.get("Type", "").rpartition("/")[2]
        if link.get("TargetMode") == "External" and kind not in ("hyperlink", "attachedTemplate"):
            raise PublishError("words.template_elsewhere", **place, target=link.get("Target", "")[:200])


def _as_document(data: bytes, members: Mapping[str, bytes]) -> bytes:
    """Make a document of a ``.dotx``; cut the link to the one that it was made from: Word would look for it."""
    changed = {}
    if _DOTX in members["[Content_Types].xml"]:
        changed["[Content_Types].xml"] = members["[Content_Types].xml"].replace(_DOTX, _MAIN)
    if any(b"attachedTemplate" in members.get(name, b"") for name in _SETTINGS):
        for name in filter(members.__contains__, _SETTINGS):
            cut = re.sub(rb"<w:attachedTemplate\b[^>]*/>", b"", members[name])
            changed[name] = re.sub(rb"<Relationship\b[^>]*/attachedTemplate\"[^>]*/>", b"", cut)
    if not changed:
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, changed.get(name, content))
    return out.getvalue()


def _spread_columns(table: Any) -> None:
    """Give a table as many columns as its widest row has; each as wide as its words need."""
    grid = table.find(qn("w:tblGrid"))
    if grid is None:
        return
    widths = [int(float(column.get(qn("w:w")) or 0)) for column in grid]
    rows = [_cells(row) for row in table.iterchildren(qn("w:tr"))]
    wide = max((sum(span for _, span in row) for row in rows), default=len(widths))
    if wide == len(widths) or not wide:
        return
    widths = _by_words(table, wide, sum(widths))
    for column in list(grid):
        grid.remove(column)
    for width in widths:
        column = OxmlElement("w:gridCol")
        column.set(qn("w:w"), str(width))
        grid.append(column)
    for row in rows:
        place = 0
        for cell, span in row:
            size = cell.find(f"{qn('w:tcPr')}/{qn('w:tcW')}")
            if size is not None:
                size.set(qn("w:w"), str(sum(widths[place : place + span])))
                size.set(qn("w:type"), "dxa")
            place += span


def _by_words(table: Any, wide: int, whole: int) -> list[int]:
    """Share a width so that the longest word of each column fits; what is left goes to the first column, then all."""
    words, first = [_SHORTEST] * wide, _SHORTEST
    for row in table.iterchildren(qn("w:tr")):
        place = 0
        for cell, span in _cells(row):
            text = "".join(part.text or "" for part in cell.iter(qn("w:t")))
            if span == 1:
                words[place] = max([words[place], *map(len, text.split())])
            first = max(first, len(text)) if place == 0 else first
            place += span
    needed = [_CELL_MARGIN + _LETTER * letters for letters in words]
    if sum(needed) >= whole:
        return [whole * width // sum(needed) for width in needed]
    wished = min(_CELL_MARGIN + _LETTER * first, whole // 3) - needed[0]
    needed[0] += max(0, min(wished, whole - sum(needed)))
    rest = (whole - sum(needed)) // wide
    return [width + rest for width in needed]


def _cells(row: Any) -> list[tuple[Any, int]]:
    cells = []
    for cell in row.iterchildren(qn("w:tc")):
        span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
        cells.append((cell, 1 if span is None else int(span.get(qn("w:val")))))
    return cells


def _tags_of(line: str) -> str:
    return " ".join(re.findall(r"\{[{%#].*?(?:[}%#]\}|$)", line))[:120] or (
        "" if "{" not in line else line.strip()[:120]
    )


def _quoted(message: str) -> str:
    found = re.findall(r"'([^']*)'", message)
    return found[-1] if found else message
