"""What a sheet says: title, subtitle, lines at the foot, badges; in the language of the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geontm.messages import Language, say, spelt_day
from geontm.publish.content import Content
from geontm.publish.paper.graticule import degrees
from geontm.publish.paper.plane import Land
from geontm.publish.paper.text import clean
from geontm.publish.spelt import in_sentence, units_of
from geontm.publish.spelt import unit_word as spelt_unit
from geontm.publish.theme import Origin, Theme

__all__ = ["Wording", "ground_lines", "sources_line", "unit_word", "whole", "wording_of"]


_NAMED = 8  # units without an outline that are named below the legend


@dataclass(frozen=True)
class Wording:
    """The words of one sheet.

    Attributes
    ----------
    title, subtitle : str
    heading : str
        Of the legend: the column's label.
    unit : str
        Unit and year in brackets, or empty.
    method : tuple of str
        How classes were found; where communes are too many to be named, that.
    notes : tuple of str
        What else a reader of the legend must know.
    badges : tuple of str
        *số liệu minh hoạ*, *ranh giới sơ đồ*, where they apply.
    foot : tuple of str
        Sentences on sources, boundaries, projection and run.
    """

    title: str
    subtitle: str
    heading: str
    unit: str
    method: tuple[str, ...]
    notes: tuple[str, ...]
    badges: tuple[str, ...]
    foot: tuple[str, ...]


def wording_of(content: Content, land: Land, theme: Theme) -> Wording:
    """Return the words of a sheet."""
    lang = content.lang
    years = theme.origin.years
    when = ""
    if len(years) == 1:
        when = say("paper.title_year", lang, year=str(years[0]))
    elif years:
        when = say("paper.title_years", lang, first=str(years[0]), last=str(years[-1]))
    elif not theme.origin.measured:
        when = say("paper.title_day", lang, day=spelt_day(content.as_of, lang))
    label = clean(theme.label[lang])
    unit = unit_word(theme.unit, lang)
    badges = []
    if theme.illustrative:
        badges.append(say("paper.badge_illustrative", lang))
    if content.notes.schematic:
        badges.append(say("paper.badge_schematic", lang))
    return Wording(
        title=say("paper.title_of", lang, label=label, place=_place(content, land), year=when),
        subtitle=_subtitle(content, land),
        heading=label,
        unit=say("publish.page_unit", lang, unit=unit) if unit else "",
        method=tuple(clean(line) for line in (*theme.method_lines(lang), *_too_many(land, lang))),
        notes=tuple(map(clean, _notes(content, theme, land))),
        badges=tuple(badges),
        foot=_foot(content, land, theme),
    )


def _place(content: Content, land: Land) -> str:
    """Say what the sheet is about: one commune, one district, one province, or many."""
    lang = content.lang
    provinces = sorted({name for name in land.province_names if name})
    if len(provinces) != 1:
        return say("paper.place_communes", lang)
    province, part = clean(in_sentence(provinces[0], lang)), ""
    if len(land.codes) == 1:
        part = land.names[0]
    elif "district_name" in content.units:
        districts = set(content.units["district_name"].astype("object"))
        part = (
            str(min(districts, key=str))
            if len(districts) == 1 and not content.units["district_name"].isna().any()
            else ""
        )
    if part:
        return say("paper.place_part", lang, name=clean(in_sentence(part, lang)), province=province)
    return say("paper.place_province", lang, province=province)


def _subtitle(content: Content, land: Land) -> str:
    lang, day = content.lang, content.notes.date
    units = units_of(content.units["kind"].reindex(list(land.codes)).fillna(""), lang)
    if day is not None:
        units = say("paper.units_from", lang, units=units, day=spelt_day(day, lang))
    return f"{clean(content.title)} · {units}"


def _too_many(land: Land, lang: Language) -> list[str]:
    return [say("paper.not_named", lang, n=whole(len(land.codes), lang))] if land.national else []


def _notes(content: Content, theme: Theme, land: Land) -> list[str]:
    lang = content.lang
    notes = [theme.note[lang]] if theme.note else []
    missing = [clean(name) for name, shape in zip(land.names, land.shapes, strict=True) if shape is None]
    if missing:
        named = ", ".join(missing[:_NAMED]) + (", …" if len(missing) > _NAMED else "")
        notes.append(say("paper.without_outline", lang, n=len(missing), names=named))
    return notes


def _foot(content: Content, land: Land, theme: Theme) -> tuple[str, ...]:
    if not theme.origin.sources:
        return ground_lines(content, land)
    return sources_line(theme.origin, content.lang), *ground_lines(content, land)


def sources_line(origin: Origin, lang: Language) -> str:
    """Name the files behind what is shown."""
    return say(
        "paper.foot_measured" if origin.measured else "paper.foot_figures", lang, sources=_few(origin.sources, lang)
    )


def ground_lines(content: Content, land: Land) -> tuple[str, ...]:
    """Say where the boundaries come from, what they are worth, how they are projected, and which run this is."""
    lang, notes, told = content.lang, content.notes, []
    source = clean(notes.source[lang])
    if notes.date is None:
        told.append(say("paper.foot_boundaries", lang, source=source))
    else:
        told.append(say("paper.foot_boundaries_day", lang, source=source, day=spelt_day(notes.date, lang)))
    told.append(say("paper.foot_schematic" if notes.schematic else "paper.foot_reference", lang))
    meridian = land.projection.meridian
    if meridian is None:
        told.append(say("paper.foot_cone", lang))
    else:
        told.append(say("paper.foot_zone", lang, meridian=degrees(round(meridian * 60), "Đ" if lang == "vi" else "E")))
    told.append(say("paper.foot_run", lang, fingerprint=clean(content.fingerprint)))
    return tuple(told)


def _few(sources: Sequence[str], lang: Language) -> str:
    named = [clean(source) for source in sources]
    if len(named) <= 3:
        return ", ".join(named)
    return say("paper.foot_many", lang, first=", ".join(named[:2]), n=len(named) - 2)


def unit_word(unit: str, lang: Language) -> str:
    """Return a unit in the language of the sheet, in letters that the shipped fonts have."""
    return clean(spelt_unit(unit, lang))


def whole(number: int, lang: Language) -> str:
    """Write a whole number with the thousands sign of the language."""
    return f"{number:,}".replace(",", "." if lang == "vi" else ",")
