"""The units that headers name, and how they relate to those of the column dictionary."""

from __future__ import annotations

import re

from geontm.tables.columns import spelling_key

__all__ = ["factor", "known_unit", "split_unit"]

# For every unit of the dictionary: spellings in files, and what one of them is worth.
_WORTH: dict[str, dict[str, float]] = {
    "người": {"người": 1, "khẩu": 1, "nhân khẩu": 1, "nghìn người": 1000, "ngàn người": 1000, "1000 người": 1000,
              "1.000 người": 1000, "triệu người": 1_000_000, "persons": 1, "thousand persons": 1000},
    "hộ": {"hộ": 1, "nghìn hộ": 1000, "ngàn hộ": 1000, "1000 hộ": 1000, "households": 1},
    "%": {"%": 1, "phần trăm": 1, "‰": 0.1},
    "km": {"km": 1, "m": 0.001, "mét": 0.001},
    "m": {"m": 1, "mét": 1, "km": 1000},
    "km²": {"km2": 1, "km²": 1, "ha": 0.01, "hecta": 0.01, "héc ta": 0.01, "m2": 1e-6, "m²": 1e-6,
            "nghìn ha": 10, "1000 ha": 10},
    "tiêu chí": {"tiêu chí": 1, "tc": 1},
    "triệu đồng/năm": {"triệu đồng/năm": 1, "triệu đồng/người/năm": 1, "triệu đồng": 1, "trđ": 1, "tr.đ": 1,
                       "trđ/người/năm": 1, "triệu đồng/người": 1, "triệu/người/năm": 1, "triệu đồng/tháng": 12,
                       "triệu đồng/người/tháng": 12, "nghìn đồng/người/tháng": 0.012, "nghìn đồng/tháng": 0.012,
                       "1000 đồng/tháng": 0.012, "nghìn đồng/người/năm": 0.001, "nghìn đồng": 0.001,
                       "1000 đồng": 0.001, "đồng": 1e-6},
    "đồng/tháng": {"đồng/tháng": 1, "đồng/người/tháng": 1, "đồng": 1, "vnd": 1, "vnđ": 1, "nghìn đồng/tháng": 1000,
                   "nghìn đồng/người/tháng": 1000, "ngàn đồng/tháng": 1000, "1000 đồng/tháng": 1000,
                   "nghìn đồng": 1000, "1000 đồng": 1000, "triệu đồng/tháng": 1_000_000,
                   "triệu đồng/người/tháng": 1_000_000, "triệu đồng": 1_000_000, "trđ": 1_000_000},
}  # fmt: skip


def _key(text: str) -> str:
    folded = spelling_key(text.replace("²", "2").replace("‰", " permil "))
    return folded.replace("1 000", "1000")


_OF_DICTIONARY = {_key(word): unit for unit, words in _WORTH.items() for word in words}
_FACTORS = {unit: {_key(word): worth for word, worth in words.items()} for unit, words in _WORTH.items()}
_IN_BRACKETS = re.compile(r"[(\[]\s*(?:đvt|đơn vị(?: tính)?|unit)?\s*:?\s*([^()\[\]]+?)\s*[)\]]", re.IGNORECASE)
_STATED = re.compile(r"(?:đvt|đơn vị tính|đơn vị)\s*:\s*([^;,()\n]+)", re.IGNORECASE)


def known_unit(text: str) -> str | None:
    """Return the unit that a text is, in brackets or not, as spelt; None where it is none."""
    bare = text.strip().strip("()[]").strip()
    stated = _STATED.match(bare)
    bare = stated.group(1).strip() if stated else bare
    return bare if _key(bare) in _OF_DICTIONARY else None


def split_unit(header: str) -> tuple[str, str | None]:
    """Return a header without its brackets, and the unit that one of them or its last word names."""
    units = [unit for inside in _IN_BRACKETS.findall(header) if (unit := known_unit(inside)) is not None]
    bare = " ".join(re.sub(r"[(\[][^()\[\]]*[)\]]", " ", header).split())
    if not units and bare.endswith("%") and bare != "%":
        return bare[:-1].strip(), "%"
    return bare, units[-1] if units else None


def stated_unit(text: str) -> str | None:
    """Return the unit that a title states for the whole table (``ĐVT: nghìn người``), or None."""
    found = _STATED.search(text)
    return known_unit(found.group(1)) if found else None


def factor(unit: str, of: str) -> float | None:
    """Return what one ``unit`` is worth in the dictionary's unit ``of``; None where they measure different things."""
    return _FACTORS.get(of, {}).get(_key(unit), 1.0 if _key(unit) == _key(of) else None)
