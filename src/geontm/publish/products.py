"""What a project asks to be made of its result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["PaperSize", "Products"]

PaperSize = Literal["A4", "A3"]


@dataclass(frozen=True)
class Products:
    """The section ``publish:`` of a project.

    Attributes
    ----------
    maps : tuple of str
        Map styles: each becomes an interactive page and, where paper is asked for, sheets.
    print : tuple of {"A4", "A3"}
        Paper sizes of the print maps (PDF, PNG and SVG); none draws nothing on paper.
    atlas : {"commune", "district"} or None
        One page per unit, as one PDF.
    report : bool
        ``report.docx``.
    report_template : Path or None
        The Word template of an office instead of the shipped one.
    annex : bool
        The list in the form that decisions use, ``phu-luc.docx`` and ``phu-luc.xlsx``.
    site : bool
        Thumbnails and downloads on the start page; without it the start page is a plain list of files.
    """

    maps: tuple[str, ...] = ()
    print: tuple[PaperSize, ...] = ()
    atlas: Literal["commune", "district"] | None = None
    report: bool = False
    report_template: Path | None = None
    annex: bool = False
    site: bool = True
