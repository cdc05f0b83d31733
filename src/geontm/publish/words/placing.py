"""How large a picture stands in a report: as large as it says it is, else as large as the page has room for."""

from __future__ import annotations

from collections.abc import Collection

from docx.image.image import Image

__all__ = ["UPRIGHT", "room_of", "size_mm"]

# Width and height (mm) that a page with a heading and a caption has room for, upright and turned.
UPRIGHT, TURNED = (160.0, 205.0), (250.0, 138.0)
_HAIR = 0.5  # mm: dots are whole, and so are dots in an inch
_INCH = 25.4  # mm
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
    image = Image.from_blob(png)
    return image.px_width, image.px_height


def _own_size(png: bytes) -> Size | None:
    """Return the size that a picture says it has, by its dots in an inch, where it fills the width of an upright page.

    The size of others is chance: screens write it, and sheets of A4 are larger than the room.
    """
    image = Image.from_blob(png)
    size = image.px_width / image.horz_dpi * _INCH, image.px_height / image.vert_dpi * _INCH
    fits = abs(size[0] - UPRIGHT[0]) <= _HAIR and size[1] <= UPRIGHT[1] + _HAIR
    return size if fits else None
