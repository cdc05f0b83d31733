"""Bookmarks of a PDF: appended to the finished file as an update, which the format provides for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geontm.errors import PublishError

__all__ = ["Mark", "add_marks"]

_ROOT = re.compile(
    rb"trailer\s*<<\s*/Size (\d+)\s*/Root (\d+) 0 R\s*/Info (\d+) 0 R\s*>>\s*startxref\s*(\d+)\s*%%EOF\s*$"
)
_PAGES = re.compile(rb"/Pages (\d+) 0 R")


@dataclass(frozen=True)
class Mark:
    """A bookmark: its words, its page counted from 0, and the bookmarks below it, which open with a click."""

    text: str
    page: int
    below: tuple[Mark, ...] = ()


def add_marks(path: Path, marks: Sequence[Mark]) -> None:
    """Add bookmarks to a PDF that matplotlib wrote.

    Parameters
    ----------
    path : Path
        Changed in place; the same bytes each time.
    marks : sequence of Mark
        At least one.

    Raises
    ------
    PublishError
        The file is built in another way than known (``paper.pdf_not_known``).
    """
    data = path.read_bytes()
    found = _ROOT.search(data, max(0, len(data) - 300))
    catalog = re.search(rb"\n%s 0 obj\s*<<(.*?)>>\s*endobj" % found[2], data, re.S) if found else None
    pages = _PAGES.search(catalog[1]) if catalog else None
    kids = re.search(rb"\n%s 0 obj\s*<<.*?/Kids \[(.*?)\]" % pages[1], data, re.S) if pages else None
    if found is None or catalog is None or kids is None:
        raise PublishError("paper.pdf_not_known", where=path.name)
    page_objects = [int(number) for number in re.findall(rb"(\d+) 0 R", kids[1])]
    size, root = int(found[1]), int(found[2])
    objects: dict[int, bytes] = {}
    count = _write(marks, size, size + 1, page_objects, objects)
    first, last = _ends(marks, size + 1)
    objects[size] = b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>" % (first, last, len(marks))
    outlines = b" /Outlines %d 0 R /PageMode /UseOutlines " % size
    objects[root] = b"<<" + catalog[1].rstrip() + outlines + b">>"
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Info %s 0 R /Prev %s >>\n" % (
        size + 1 + count,
        root,
        found[3],
        found[4],
    )
    path.write_bytes(data + _update(objects, len(data), trailer))


def _ends(marks: Sequence[Mark], start: int) -> tuple[int, int]:
    """Return the numbers of the first and the last of some bookmarks that stand side by side."""
    return start, start + sum(_size(mark) for mark in marks[:-1])


def _size(mark: Mark) -> int:
    return 1 + sum(map(_size, mark.below))


def _write(marks: Sequence[Mark], parent: int, start: int, pages: Sequence[int], objects: dict[int, bytes]) -> int:
    """Write bookmarks and those below them; return how many."""
    number, before = start, 0
    for place, mark in enumerate(marks):
        text = (b"\xfe\xff" + mark.text.encode("utf-16-be")).hex().upper().encode()
        parts = [b"/Title <%s>" % text, b"/Parent %d 0 R" % parent, b"/Dest [%d 0 R /Fit]" % pages[mark.page]]
        if before:
            parts.append(b"/Prev %d 0 R" % before)
        if place + 1 < len(marks):
            parts.append(b"/Next %d 0 R" % (number + _size(mark)))
        if mark.below:
            first, last = _ends(mark.below, number + 1)
            parts.append(b"/First %d 0 R /Last %d 0 R /Count -%d" % (first, last, len(mark.below)))
            _write(mark.below, number, number + 1, pages, objects)
        objects[number] = b"<< " + b" ".join(parts) + b" >>"
        before, number = number, number + _size(mark)
    return number - start


def _update(objects: dict[int, bytes], begin: int, trailer: bytes) -> bytes:
    """Return objects with a table of where they begin, as it stands behind what a PDF holds already."""
    body, table = b"\n", [b"xref\n"]
    for number in sorted(objects):
        table.append(b"%d 1\n%010d 00000 n \n" % (number, begin + len(body)))
        body += b"%d 0 obj\n" % number + objects[number] + b"\nendobj\n"
    return body + b"".join(table) + trailer + b"startxref\n%d\n%%%%EOF\n" % (begin + len(body))
