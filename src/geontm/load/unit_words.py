"""The words by which a text names a commune, a district, a province, a sum of them, or a kind of communes."""

from __future__ import annotations

import re

__all__ = [
    "CITIES",
    "DISTRICT",
    "NEW_CITIES",
    "ORDINAL",
    "PROVINCE",
    "ROMAN",
    "SUM_SUFFIX",
    "TOTAL",
    "bare_name",
    "is_commune_name",
    "is_heading",
    "is_heading_of_communes",
]  # fmt: skip

ORDINAL = re.compile(r"^\s*(?:(?:\d{1,4}|[IVXLC]{1,6}|[A-ZĐ])\s*[.)/:-]\s*|[-–+*•]\s*)(?=\S)")
ROMAN = re.compile(r"^(?:[IVXLC]{1,6}|[A-HĐ])[.)]?$")
SUM_SUFFIX = re.compile(r"\s*\(\s*(?:tổng số|tổng cộng|tổng|cộng|total)\s*\)\s*$", re.IGNORECASE)
TOTAL = re.compile(
    r"^(?:tổng(?:\s+(?:số|cộng|toàn\s+\S+))?|cộng|toàn\s+(?:tỉnh|huyện|quốc|thành phố|thị xã|quận|vùng)|"
    r"cả\s+(?:nước|tỉnh|huyện)|total|whole country)"
    r"(?=$|\s*[:(;,]|\s+(?:huyện|quận|thị xã|thành phố|tp|tỉnh|các|toàn|cả)\b)",
    re.IGNORECASE,
)
DISTRICT = re.compile(r"^(?:huyện|quận|thị xã|thành phố|tp|tx)\.?\s+(?=\S)|^(?:h|q|tp|tx)\.\s*(?=\S)", re.IGNORECASE)
PROVINCE = re.compile(r"^tỉnh\s+(?=\S)", re.IGNORECASE)
CITIES = re.compile(r"^(?:thành phố|tp\.?)\s*(?:hà nội|hồ chí minh|hải phòng|đà nẵng|cần thơ)$", re.IGNORECASE)
NEW_CITIES = re.compile(r"^(?:thành phố|tp\.?)\s*(?:huế|đồng nai)$", re.IGNORECASE)
_FOOTNOTE = re.compile(r"\s*(?:\(\*+\)|\*+)$")
_ORDINAL = r"(?:(?:\d{1,4}|[IVXLC]{1,6}|[A-ZĐ])\s*[.)/:]\s*|[-–+*•]\s*)?"
_COMMUNE = re.compile(
    rf"^{_ORDINAL}(?:(?:xã|phường|thị trấn|đặc khu)\s+(?=\S)|(?:x|p|tt|ttr|đk)\.\s*(?=\w)|tt\s+(?=[A-ZĐÀ-Ỹ]))",
    re.IGNORECASE,
)
# A name starts with a capital: «Xã biên giới» heads a section, «Xã Biên Giới» is a commune.
_KINDS_OF_COMMUNES = re.compile(
    rf"^{_ORDINAL}(?:(?:[Cc]ác|CÁC)\s+(?:xã|phường|XÃ|PHƯỜNG)\b|"
    r"(?:[Xx]ã|XÃ|[Pp]hường|PHƯỜNG)(?:\s*,|\s+(?:(?:[Kk]hu vực|KHU VỰC|KV)\s*(?:[IVX]+|\d)|"
    r"(?:biên giới|miền núi|vùng|thuộc|nghèo|đạt|chưa|loại|nông thôn|đặc biệt|an toàn khu|bãi ngang|"
    r"đảo|hải đảo|còn lại|ĐBKK|ATK|NTM)\b)))"
)


def is_commune_name(text: str) -> bool:
    """Tell whether a text is a kind of unit and its name (``Xã Phước An``, ``TT. Vĩnh An``), and no heading."""
    return bool(_COMMUNE.match(text)) and not _KINDS_OF_COMMUNES.match(text)


def is_heading_of_communes(text: str) -> bool:
    """Tell whether a text names communes of some kind rather than one (``Xã khu vực III``, ``Các xã biên giới``)."""
    return bool(_KINDS_OF_COMMUNES.match(text))


def is_heading(text: str) -> bool:
    """Tell whether a text names a sum, a district, a province or a kind of communes, not a commune."""
    if is_commune_name(text):
        return False
    bare = ORDINAL.sub("", text)
    words = (
        SUM_SUFFIX.search(text),
        TOTAL.match(bare),
        DISTRICT.match(text),
        DISTRICT.match(bare),
        PROVINCE.match(bare),
    )
    return any(words) or is_heading_of_communes(text)


def bare_name(name: str) -> str:
    """Drop what a list adds to a commune name: a number or dash before the kind (``1. Xã Bảo Lạc``), footnote stars."""
    name = _FOOTNOTE.sub("", name)
    bare = ORDINAL.sub("", name)
    return bare if bare != name and is_commune_name(bare) else name
