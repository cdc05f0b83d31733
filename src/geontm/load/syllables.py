"""Tells Vietnamese words from the noise that a wrongly read 8-bit font leaves.

A Vietnamese syllable is an onset, a rime and a tone, all from short closed lists, so most misread words are no
syllable at all. The lists are the spelling rules of the language, with the final k of highland names (Đắk, Lắk).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["WordCount", "count_words", "has_vietnamese_letters"]

_TONES = {"\u0300": "huyền", "\u0301": "sắc", "\u0303": "ngã", "\u0309": "hỏi", "\u0323": "nặng"}
_ONSET = "ngh|nh|ng|ch|gh|gi|kh|ph|qu|th|tr|b|c|d|đ|g|h|k|l|m|n|p|r|s|t|v|x|"
_OPEN = (
    "a ai ao au ay âu ây e eo ê êu i ia iu iêu yêu o oa oai oao oay oe oeo oi oo ô ôi ơ ơi "
    "u ua uây uê ui uôi uơ uy uya uyu ư ưa ưi ươi ươu ưu y"
)
_NASAL = (
    "am an ang anh ăm ăn ăng âm ân âng em en eng êm ên ênh im in inh iêm iên iêng yêm yên yêng oam oan oang oanh "
    "oăm oăn oăng oen oeng om on ong oong ôm ôn ông ôông ơm ơn uân uâng um un ung uôm uôn uông uyên uynh uyn "
    "ưm ưn ưng ươm ươn ương ynh"
)
_STOP = (
    "ac ach ak ap at ăc ăk ăp ăt âc âk âp ât ec ek ep et êch êk êp êt ich ik ip it iêc iêk iêp iêt yêt oac oach oap "
    "oat oăc oăt oet oc ok op ot ooc ôc ôk ôp ôt ơp ơt uât uc uk up ut uôc uôk uôt uych uyt uyêt "
    "ưc ưk ưt ươc ươk ươp ươt"
)
_SYLLABLE = re.compile(
    rf"(?:{_ONSET})(?:(?P<stop>{'|'.join(_STOP.split())})|{'|'.join((_OPEN + ' ' + _NASAL).split())})"
)
_WORD = re.compile(r"[^\W\d_]+")
# 8-bit fonts put letters where Latin-1 has signs, so a sign that touches a letter belongs to the word.
_WORD_OR_SIGNS = re.compile(r"(?:[^\W\d_]|[\u00a1-\u00b1\u00b4-\u00b8\u00bb-\u00be\u00d7\u00f7])+")
_BEYOND_LATIN1 = re.compile(r"[ĂăĐđĨĩŨũƠơƯưẠ-ỹ\u0300\u0301\u0303\u0309\u0323]")


class WordCount(tuple[int, int]):
    """How many of the words with a non-ASCII letter or sign are Vietnamese syllables, and how many are not."""

    __slots__ = ()

    @property
    def right(self) -> int:
        """Number of possible syllables."""
        return self[0]

    @property
    def wrong(self) -> int:
        """Number of words that no Vietnamese text holds."""
        return self[1]


def count_words(text: str) -> WordCount:
    """Count the marked words of a text that can and cannot be Vietnamese; words in plain ASCII say nothing."""
    right = wrong = 0
    for found in _WORD_OR_SIGNS.finditer(unicodedata.normalize("NFC", text)):
        word = found.group()
        if word.isascii():
            continue
        if _is_syllable(word):
            right += 1
        else:
            wrong += 1
    return WordCount((right, wrong))


def has_vietnamese_letters(text: str) -> bool:
    """Tell whether a text has letters that no 8-bit Vietnamese font read as Latin-1 can give (ă, đ, ơ, ế …)."""
    return _BEYOND_LATIN1.search(text) is not None


@lru_cache(maxsize=65_536)
def _is_syllable(word: str) -> bool:
    if not _WORD.fullmatch(word) or not (word.islower() or word.isupper() or word[1:].islower()):
        return False
    marks = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in marks if mark in _TONES]
    if len(tones) > 1:
        return False
    plain = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
    found = _SYLLABLE.fullmatch(plain)
    if found is None:
        return False
    # p, t, c, ch close only high-rising and low-falling syllables, except in words of other languages without a tone.
    return found["stop"] is None or not tones or _TONES[tones[0]] in ("sắc", "nặng")
