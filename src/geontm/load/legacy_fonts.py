"""Text typed in the 8-bit fonts TCVN3 (ABC: .VnTime, .VnArialH …) and VNI (VNI-Times …), turned into Unicode.

Such text is stored as Latin-1 letters that only look right in their font. A `.xls` file names the font of every cell
and of every stretch inside a cell; elsewhere the words themselves must tell, and only do where one reading is
Vietnamese and the other is not.

Sources: TCVN 5712:1993 (VN3); VNI-Windows character set.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from geontm.load.syllables import count_words, has_vietnamese_letters

__all__ = ["ENCODINGS", "Encoding", "Font", "Reading", "font_of", "judge", "judge_unmarked", "to_unicode"]

Encoding = Literal["TCVN3", "VNI"]
ENCODINGS: tuple[Encoding, ...] = ("TCVN3", "VNI")
Reading = Literal["legacy", "unicode", "either", "mixed", "neither", "plain"]

_TCVN3 = str.maketrans(
    "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
    "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
)
_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
_VNI_TONE = dict(zip("ùøûõï", (_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT), strict=True))
_VNI_CIRCUMFLEX = {"â": _CIRCUMFLEX} | {
    letter: _CIRCUMFLEX + tone for letter, tone in zip("áàåãä", _VNI_TONE.values(), strict=True)
}
_VNI_BREVE = {"ê": _BREVE} | {letter: _BREVE + tone for letter, tone in zip("éèúüë", _VNI_TONE.values(), strict=True)}
_VNI_MARKS: dict[str, dict[str, str]] = {
    "a": _VNI_TONE | _VNI_CIRCUMFLEX | _VNI_BREVE,
    "e": _VNI_TONE | _VNI_CIRCUMFLEX,
    "o": _VNI_TONE | _VNI_CIRCUMFLEX,
    "u": _VNI_TONE,
    "y": _VNI_TONE,
    "ô": _VNI_TONE,
    "ö": _VNI_TONE,
}
_VNI_SINGLE = {"ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI_PAIR = re.compile(r"([aeouyôö])([ùøûõïâáàåãäêéèúüë])|([ñôöæóòî])", re.IGNORECASE)


@dataclass(frozen=True)
class Font:
    """What the name of a font says about the text in it."""

    encoding: Encoding | None = None
    capitals: bool = False


def font_of(name: str) -> Font:
    """Tell what a font name stands for; TCVN3 fonts whose names end in H draw small letters as capitals."""
    folded = name.strip().casefold()
    if folded.startswith(".vn"):
        return Font("TCVN3", capitals=folded.endswith("h") and not folded.endswith("ish"))
    if folded.startswith(("vni-", "vni ")):
        return Font("VNI")
    return Font()


def to_unicode(text: str, encoding: Encoding) -> str:
    """Read 8-bit text in the given encoding; letters that Latin-1 does not have stay as they are."""
    if encoding == "TCVN3":
        return text.translate(_TCVN3)
    return unicodedata.normalize("NFC", _VNI_PAIR.sub(_vni_letter, text))


def judge(text: str, encoding: Encoding) -> Reading:
    """Tell whether a text under a legacy font really is legacy text, by its words.

    Returns
    -------
    str
        ``plain``: nothing to convert; ``legacy``: only the converted words are Vietnamese; ``unicode``: only the
        words as they stand are; ``either``: both are; ``mixed``: Unicode letters stand among 8-bit ones and
        conversion makes the words right; ``neither``: no reading is wholly Vietnamese.
    """
    if text.isascii():
        return "plain"
    raw, converted = count_words(text), count_words(to_unicode(text, encoding))
    if has_vietnamese_letters(text):
        if not raw.wrong:
            return "unicode"
        return "mixed" if not converted.wrong else "neither"
    if raw.wrong and not converted.wrong:
        return "legacy" if converted.right else "plain"
    if converted.wrong and not raw.wrong:
        return "unicode" if raw.right else "plain"
    if raw.wrong:
        # Foreign names and abbreviations are no syllables in any reading; the better reading still shows.
        return "legacy" if converted.right > raw.right else "unicode" if raw.right > converted.right else "neither"
    return "either" if raw.right else "plain"


def judge_unmarked(text: str) -> Encoding | Literal["unicode", "either", "neither", "plain"]:
    """Tell the encoding of a text whose font is unknown; an encoding is named only where it is the one good reading."""
    if text.isascii():
        return "plain"
    if has_vietnamese_letters(text):
        return "unicode"
    raw = count_words(text)
    good = [
        encoding
        for encoding in ENCODINGS
        if (read := count_words(to_unicode(text, encoding))).right
        and not read.wrong
        and to_unicode(text, encoding) != text
    ]
    if raw.wrong:
        return good[0] if len(good) == 1 else "neither"
    if not raw.right:
        return "plain"
    return "either" if good else "unicode"


def _vni_letter(found: re.Match[str]) -> str:
    base, mark, single = found.groups()
    if single:
        return _cased(_VNI_SINGLE[single.lower()], single)
    marks = _VNI_MARKS[base.lower()]
    letter = _VNI_SINGLE.get(base.lower(), base.lower())
    if mark.lower() not in marks:  # two letters side by side, not a letter and its mark
        return _cased(letter, base) + _cased(_VNI_SINGLE.get(mark.lower(), mark.lower()), mark)
    return _cased(unicodedata.normalize("NFC", letter + marks[mark.lower()]), base)


def _cased(letter: str, like: str) -> str:
    return letter.upper() if like.isupper() else letter
