"""Seeded misspellings of names, as tones, typing, scanning and abbreviating go wrong."""

from __future__ import annotations

import random
import unicodedata

TONES = "\u0300\u0301\u0303\u0309\u0323"
KEYS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl", "p": "o",
    "a": "qsz", "s": "adwx", "d": "sfec", "f": "dgrv", "g": "fhtb", "h": "gjyn", "j": "hkum", "k": "jli", "l": "ko",
    "z": "ax", "x": "zcs", "c": "xvd", "v": "cbf", "b": "vnh", "n": "bmh", "m": "nj",
}  # fmt: skip
SCANNED = (("l", "1"), ("o", "0"), ("m", "rn"), ("i", "l"), ("1", "l"), ("O", "0"), ("I", "l"), ("rn", "m"))


def drop_tone(name: str, dice: random.Random) -> str:
    return _on_one_sign(name, dice, lambda sign: sign in TONES, lambda sign: "")


def change_tone(name: str, dice: random.Random) -> str:
    return _on_one_sign(
        name, dice, lambda sign: sign in TONES, lambda sign: dice.choice([t for t in TONES if t != sign])
    )


def drop_mark(name: str, dice: random.Random) -> str:
    return _on_one_sign(name, dice, lambda sign: unicodedata.combining(sign) > 0 and sign not in TONES, lambda sign: "")


def drop_all_marks(name: str, dice: random.Random) -> str:
    signs = unicodedata.normalize("NFD", name).replace("đ", "d").replace("Đ", "D")
    return "".join(sign for sign in signs if not unicodedata.combining(sign))


def swap_neighbours(name: str, dice: random.Random) -> str:
    places = [i for i in range(len(name) - 1) if name[i] != name[i + 1] and " " not in name[i : i + 2]]
    i = dice.choice(places)
    return name[:i] + name[i + 1] + name[i] + name[i + 2 :]


def hit_next_key(name: str, dice: random.Random) -> str:
    return _on_one_sign(name, dice, lambda sign: sign.lower() in KEYS, lambda sign: dice.choice(KEYS[sign.lower()]))


def leave_letter_out(name: str, dice: random.Random) -> str:
    i = dice.choice([i for i, sign in enumerate(name) if sign.isalpha()])
    return name[:i] + name[i + 1 :]


def scan(name: str, dice: random.Random) -> str:
    places = [(old, new) for old, new in SCANNED if old in name]
    if not places:
        return name
    old, new = dice.choice(places)
    return name.replace(old, new, 1)


def abbreviate_kind(name: str, dice: random.Random) -> str:
    for kind, short in (
        ("Xã ", ("X. ", "X ", "x.", "xa ")),
        ("Phường ", ("P. ", "P ", "P.", "phuong ")),
        ("Đặc khu ", ("ĐK ", "Đ.K. ")),
    ):
        if name.startswith(kind):
            return dice.choice(short) + name.removeprefix(kind)
    return name


def abbreviate_first_word(name: str, dice: random.Random) -> str:
    kind, words = _kind_and_words(name)
    if len(words) < 2:
        return name
    return f"{kind} {words[0][0]}.{dice.choice(('', ' '))}{' '.join(words[1:])}"


WAYS = (
    drop_tone, change_tone, drop_mark, drop_all_marks, swap_neighbours, hit_next_key, leave_letter_out, scan,
    abbreviate_kind, abbreviate_first_word,
)  # fmt: skip


def misspell(name: str, dice: random.Random) -> tuple[str, str]:
    """Return the name with one thing gone wrong, and the name of what it was."""
    for way in dice.sample(WAYS, len(WAYS)):
        if (wrong := way(name, dice)) != name:
            return wrong, way.__name__
    raise AssertionError(name)


def _kind_and_words(name: str) -> tuple[str, list[str]]:
    words = name.split(" ")
    n = 2 if name.lower().startswith(("đặc khu", "thị trấn")) else 1
    return " ".join(words[:n]), words[n:]


def _on_one_sign(name: str, dice: random.Random, fits, change) -> str:
    signs = list(unicodedata.normalize("NFD", name))
    places = [i for i, sign in enumerate(signs) if fits(sign)]
    if places:
        i = dice.choice(places)
        signs[i] = change(signs[i])
    return unicodedata.normalize("NFC", "".join(signs))
