"""What a person asks for by name, checked: a column that is there, a word that is known, a number of classes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from geontm.errors import PublishError
from geontm.tables import Column
from geontm.tables.columns import spelling_key

__all__ = ["MOST_CLASSES", "known_column", "require_choice", "require_classes"]

MOST_CLASSES = 9
_MOST_NAMED = 12
_ENOUGH = 0.5  # likeness of two spellings from which one is worth naming


def known_column(name: str, present: Iterable[str], dictionary: Mapping[str, Column] | None = None) -> str:
    """Return a column that is there; else name the nearest, by identifier or by label, and raise."""
    names = list(present)
    if name in names:
        return name
    spelt = {spelling_key(each): each for each in names}
    for each in names:
        column = (dictionary or {}).get(each)
        if column is not None:
            spelt |= {spelling_key(text): each for text in (column.label.vi, column.label.en)}
    close = difflib.get_close_matches(spelling_key(str(name)), list(spelt), n=3, cutoff=_ENOUGH)
    nearest = ", ".join(dict.fromkeys(spelt[each] for each in close)) or "–"
    known = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    raise PublishError("notebook.unknown_column", where=str(name), name=str(name), nearest=nearest, known=known)


def require_choice(what: str, value: str | None, known: Iterable[str]) -> None:
    """Refuse a word that is none of those known; None is left to the default."""
    if value is not None and value not in tuple(known):
        raise PublishError("notebook.bad_choice", where=what, what=what, value=value, known=", ".join(known))


def require_classes(classes: int | None) -> None:
    """Refuse a number of classes that no legend can tell apart."""
    if classes is not None and not (isinstance(classes, int) and 2 <= classes <= MOST_CLASSES):
        raise PublishError("notebook.bad_classes", where="classes", value=str(classes), most=MOST_CLASSES)
