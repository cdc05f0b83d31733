"""How large a picture stands in a report: as large as it says it is, else as large as the page has room for."""

from __future__ import annotations

import struct
from collections.abc import Collection

__all__ = ["UPRIGHT", "room_of", "size_mm"]

# Width and height (mm) that a page with a heading and a caption has room for, upright and turned.
UPRIGHT, TURNED = (160.0, 205.0), (250.0, 138.0)
_HAIR = 0.2  # mm: dots are whole, and so are dots in a metre
_SIGNATURE = 8  # bytes before the first chunk of a PNG
Size = tuple[float, float]


def room_of(pictures: Collection[bytes]) -> Size:
    """Return the room for maps (mm): pages are turned where every map is wider than high and none is of upright size.

    Parameters
    ----------
    pictures : collection of bytes
        PNG.
    """
    wide = [width > height for width, height in map(_dots, pictures)]
    return TURNED if wide and all(wide) and not any(map(_own_size, pictures)) else UPRIGHT


def size_mm(png: bytes, room: Size) -> Size:
    """Return width and height (mm): a picture made for upright pages keeps its size, another fills what room there is.

    Parameters
    ----------
    room : (float, float)
        Of the page (mm).
    """
    own = _own_size(png)
    if own is not None and room == UPRIGHT:
        return own
    width, height = _dots(png)
    scale = min(room[0] / width, room[1] / height)
    return width * scale, height * scale


def _dots(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def _own_size(png: bytes) -> Size | None:
    """Return the size that a picture says it has, by its dots in a metre, where it fills the width of an upright page.

    The size of others is chance: screens write it, and sheets of A4 are larger than the room.
    """
    place = _SIGNATURE
    while place + 12 <= len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        if kind == b"pHYs":
            across, along, unit = struct.unpack(">IIB", png[place + 8 : place + 17])
            if unit != 1 or not across or not along:
                return None
            width, height = _dots(png)
            size = width / across * 1000, height / along * 1000
            fits = abs(size[0] - UPRIGHT[0]) <= _HAIR and size[1] <= UPRIGHT[1] + _HAIR
            return size if fits else None
        if kind == b"IDAT":
            return None
        place += 12 + length
    return None
