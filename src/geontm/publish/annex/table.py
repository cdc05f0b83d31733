"""Makes the annex of a run: a list per rule set, numbered, with the signature block."""

from __future__ import annotations

from dataclasses import replace

from geontm.messages import spelt_day
from geontm.publish.annex.communes import commune_list
from geontm.publish.annex.ground import make_ground, roman
from geontm.publish.annex.records import Annex
from geontm.publish.annex.villages import village_list
from geontm.publish.content import Content

__all__ = ["annex_table"]


def annex_table(content: Content) -> Annex:
    """Make the lists that decisions carry, one per rule set.

    Parameters
    ----------
    content : Content
        A set that tells regions lists every unit of a region with the region; any other set the units that meet it.
        ``more["villages"]`` with ``is_extremely_difficult`` adds the list of such villages.

    Returns
    -------
    Annex
        Rows by province code, district and code of the unit, whatever the order of the tables.

    References
    ----------
    .. [1] Decree 30/2020/NĐ-CP, Annex I, on the form of administrative documents and their annexes.
    """
    lang = content.lang
    ground = make_ground(content)
    lists = [commune_list(ground, note) for note in content.rulesets if note.id in ground.verdicts]
    villages = content.more.get("villages")
    if villages is not None and "is_extremely_difficult" in villages:
        lists.append(village_list(ground, villages))
    several = len(lists) > 1
    numbers = (
        ground.words("number", n=roman(k)) if several else ground.words("only") for k in range(1, 1 + len(lists))
    )
    return Annex(
        title=content.title,
        lists=tuple(replace(each, number=number) for each, number in zip(lists, numbers, strict=True)),
        empty=ground.words("empty"),
        recipients=tuple(ground.words(key) for key in ("recipients", "recipient_first", "recipient_file")),
        signer=tuple(ground.words(key) for key in ("signer", "signed", "signer_name")),
        no_figure=ground.words("no_figure"),
        footer=ground.words(
            "footer", title=content.title, day=spelt_day(content.as_of, content.lang), fingerprint=content.fingerprint
        ),
        lang=lang,
    )
