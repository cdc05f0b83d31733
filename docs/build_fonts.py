"""Makes the fonts of paper, ``src/geontm/publish/paper/fonts``, from Noto Sans as Debian packs it.

Run it with ``python docs/build_fonts.py`` where ``fonts-noto-core`` is installed (built with 20201225-1). Each font is
cut down to what Vietnamese and English need; outlines stay as they are. The licence text comes from the same package.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

SOURCE = Path("/usr/share/fonts/truetype/noto")
COPYRIGHT = Path("/usr/share/doc/fonts-noto-core/copyright")
TARGET = Path(__file__).resolve().parents[1] / "src" / "geontm" / "publish" / "paper" / "fonts"
CUTS = ("Regular", "Bold", "Italic")
RANGES = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x1CD, 0x1DC), (0x2B9, 0x2DA),
    (0x300, 0x304), (0x306, 0x309), (0x30C, 0x30C), (0x31B, 0x31B), (0x323, 0x323), (0x1E80, 0x1E85), (0x1EA0, 0x1EF9),
    (0x2010, 0x2027), (0x2030, 0x2033), (0x2039, 0x203A), (0x2044, 0x2044), (0x2070, 0x208E), (0x20A0, 0x20BF),
    (0x2116, 0x2116), (0x2122, 0x2122), (0x2190, 0x2193), (0x2212, 0x2212), (0x221E, 0x221E), (0x2248, 0x2248),
    (0x2260, 0x2260), (0x2264, 0x2265), (0x25A1, 0x25A1), (0x25CC, 0x25CC), (0xFFFD, 0xFFFD),
)  # fmt: skip
# Signs that Noto Sans lacks and labels use, taken from Noto Sans Math (the same licence): arrows, minus, ≈ ≠ ≤ ≥ ∞.
SIGNS = (0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x221E, 0x2248, 0x2260, 0x2264, 0x2265)
CREDIT = (
    "Noto Sans, with ten signs of Noto Sans Math, copyright 2010, 2012-2020 Google Inc., 2015-2020 Google LLC. "
    "Cut down to Vietnamese and Latin."
)


def cut_down(source: Path, target: Path) -> None:
    """Write the part of a font that paper needs."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl"]
    options.name_IDs = ["*"]
    options.recalc_timestamp = False
    font = TTFont(source, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    cutter.subset(font)
    add_signs(font)
    font.save(target, reorderTables=True)


def add_signs(font: TTFont) -> None:
    """Copy the outlines of ``SIGNS`` into a font."""
    other = TTFont(SOURCE / "NotoSansMath-Regular.ttf")
    scale = font["head"].unitsPerEm / other["head"].unitsPerEm
    if scale != 1:
        raise ValueError("the two fonts have other units")
    names, glyphs = other.getBestCmap(), other.getGlyphSet()
    order = font.getGlyphOrder()
    for code in SIGNS:
        if code in font.getBestCmap():
            continue
        name, pen = f"uni{code:04X}", TTGlyphPen(None)
        glyphs[names[code]].draw(pen)
        order = [*order, name]
        font.setGlyphOrder(order)
        font["glyf"].glyphs[name] = pen.glyph()
        font["hmtx"].metrics[name] = other["hmtx"].metrics[names[code]]
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name
    font["glyf"].glyphOrder = order


def licence() -> str:
    """Return the text of the Open Font License as Debian gives it, in paragraphs again."""
    lines = COPYRIGHT.read_text(encoding="utf-8").split("License: OFL-1.1\n PREAMBLE\n", 1)[1].splitlines()
    paragraphs: list[list[str]] = [["PREAMBLE"]]
    for line in lines:
        if not line.startswith(" "):
            break
        if line.strip() == ".":
            paragraphs.append([])
        else:
            paragraphs[-1].append(line.strip())
    body = "\n\n".join(textwrap.fill(" ".join(words), 78) for words in paragraphs if words)
    head = f"{textwrap.fill(CREDIT, 78)}\n\nSIL OPEN FONT LICENSE Version 1.1 - 26 February 2007"
    return f"{head}\n\n{body}\n"


def main() -> None:
    """Write fonts and licence."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for cut in CUTS:
        path = TARGET / f"NotoSans-{cut}.ttf"
        cut_down(SOURCE / path.name, path)
        print(path.name, path.stat().st_size)
    (TARGET / "OFL.txt").write_text(licence(), encoding="utf-8")


if __name__ == "__main__":
    main()
