"""Text on paper: the shipped fonts, how wide words are, and what of a name can be printed."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, get_font

__all__ = ["MM", "POINT_MM", "Cut", "clean", "drawing", "font", "font_file", "shorten", "text_width", "wrap"]

Cut = Literal["Regular", "Bold", "Italic"]
MM = 1 / 25.4  # inches
POINT_MM = 25.4 / 72
FAMILY = "Noto Sans"
_MEASURED = 100.0  # points: widths are measured once, large, and scaled
_SPELT = str.maketrans({"\u2009": " ", "\u202f": " ", "\u200b": "", "\ufeff": ""})
_SETTINGS: Any = {
    "font.family": FAMILY,
    "text.hinting": "none",
    "text.parse_math": False,
    "pdf.fonttype": 42,
    "pdf.compression": 6,
    "svg.fonttype": "none",
    "svg.hashsalt": "geontm",
    "path.simplify": False,
    "hatch.linewidth": 0.5,
    "figure.dpi": 100,
    "savefig.dpi": 100,
}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with settings of our own, whatever the user's are; theirs come back afterwards."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


@lru_cache(maxsize=8)
def font_file(cut: Cut = "Regular") -> Path:
    """Return the path of a shipped font."""
    return Path(str(files("geontm.publish.paper").joinpath("fonts", f"NotoSans-{cut}.ttf")))


def font(size: float, cut: Cut = "Regular") -> FontProperties:
    """Return a shipped font, by file and never by what the system calls Noto Sans.

    Parameters
    ----------
    size : float
        In points.
    cut : {"Regular", "Bold", "Italic"}
    """
    return FontProperties(
        family=FAMILY,
        size=size,
        weight="bold" if cut == "Bold" else "normal",
        style="italic" if cut == "Italic" else "normal",
        fname=str(font_file(cut)),
    )


@lru_cache(maxsize=4)
def _letters(cut: Cut) -> frozenset[int]:
    return frozenset(get_font(str(font_file(cut))).get_charmap())


@lru_cache(maxsize=20_000)
def _width(text: str, cut: Cut) -> float:
    face = get_font(str(font_file(cut)))
    face.set_size(_MEASURED, 72)
    face.set_text(text, 0.0)
    return float(face.get_width_height()[0]) / 64


def text_width(text: str, size: float, cut: Cut = "Regular") -> float:
    """Return how wide a line of text is printed (mm) at ``size`` points."""
    return _width(text, cut) * size / _MEASURED * POINT_MM if text else 0.0


def clean(text: object) -> str:
    """Return one line of text that the shipped fonts can print.

    Texts come from files: control characters, line breaks and marks that turn the direction of writing become a
    blank or nothing; a letter that the fonts lack is shown as ``?`` rather than left out.
    """
    composed = unicodedata.normalize("NFC", str(text)).translate(_SPELT)
    kept = [letter for letter in composed if unicodedata.category(letter) != "Cf"]
    plain = [" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Cs") else letter for letter in kept]
    known = _letters("Regular") & _letters("Bold") & _letters("Italic")
    shown = "".join(letter if ord(letter) in known else "?" for letter in plain)
    return re.sub(r"\s+", " ", shown).strip()


def shorten(text: str, width: float, size: float, cut: Cut = "Regular") -> str:
    """Cut a line to ``width`` mm, with three dots at its end where something is missing."""
    if text_width(text, size, cut) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = math.ceil((low + high) / 2)
        if text_width(text[:middle].rstrip() + "…", size, cut) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def wrap(text: str, width: float, size: float, cut: Cut = "Regular", *, lines: int = 99) -> list[str]:
    """Break text into lines of at most ``width`` mm; what exceeds ``lines`` lines ends in three dots."""
    found: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and text_width(longer, size, cut) > width:
            found.append(line)
            line = word
        else:
            line = longer
    found += [line] if line else []
    if len(found) > lines:
        found = [*found[: lines - 1], " ".join(found[lines - 1 :])]
    return [shorten(each, width, size, cut) for each in found]
