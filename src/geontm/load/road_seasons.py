"""Decides from a project's rule which roads can be used in all seasons, with three answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from geontm.errors import SourceError
from geontm.load.line_columns import nearest_first
from geontm.load.road_words import BOOLEANS, fold, plain, road_words

__all__ = ["SeasonRule", "read_rules"]

MOST_NAMED = 20
HARDENED = "hardened"


@dataclass
class SeasonRule:
    """One column of the rule: which of its values let a road be used all year.

    Attributes
    ----------
    header : str
        Column of the file.
    meaning : str
        road_class, surface, hardened, all_season, bridge; empty for a column of the file's own.
    accepted : tuple of str
        Values as the project writes them.
    seen : Counter
        Texts met in the column.
    """

    header: str
    meaning: str
    accepted: tuple[str, ...]
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._folded = frozenset(map(fold, self.accepted))
        ways: dict[str, Callable[[str], bool | None]] = {"surface": self._by_surface, "road_class": self._by_class}
        self._way = ways.get(self.meaning, self._by_yes_and_no if self.meaning in BOOLEANS else self._by_text)

    def answer(self, text: str | None) -> bool | None:
        """Tell whether a road with this text can be used all year; None where that is not known."""
        if text is None or road_words().is_missing(text):
            return None
        self.seen[text] += 1
        return self._way(fold(text))

    def require_values(self, *, where: str) -> None:
        """Refuse a value that is neither a word of the vocabulary nor anywhere in the column.

        Raises
        ------
        SourceError
        """
        met = set(map(fold, self.seen))
        if not met:
            return
        for value in self.accepted:
            if fold(value) not in met and not self._is_word(fold(value)):
                found = ", ".join(nearest_first(value, sorted(self.seen))[:MOST_NAMED])
                raise SourceError("road_layers.rule_value", where=where, column=self.header, value=value, found=found)

    def _is_word(self, word: str) -> bool:
        words = road_words()
        if self.meaning == "surface":
            return word in words.surfaces
        if self.meaning == "road_class":
            return words.road_class(word) is not None
        return word in words.booleans[self.meaning if self.meaning in BOOLEANS else "bridge"]

    def _by_surface(self, text: str) -> bool | None:
        """Compare the materials that a word leaves open: all, some or none of them may be accepted."""
        words = road_words().surfaces
        firm = HARDENED in self._folded
        named = [words[word].may_be for word in self._folded if word in words and word != HARDENED]
        accepted = frozenset().union(*named)
        if text in self._folded:
            return True
        word = words.get(text)
        if word is None:
            return None if accepted or firm else False
        if word.may_be <= accepted or (firm and word.hardened):
            return True
        return False if not word.may_be & accepted and (not firm or word.hardened is False) else None

    def _by_class(self, text: str) -> bool | None:
        words = road_words()
        accepted = {words.road_class(word) for word in self._folded} - {None}
        if text in self._folded:
            return True
        found = words.road_class(text)
        return (None if accepted else False) if found is None else found in accepted

    def _by_yes_and_no(self, text: str) -> bool | None:
        words = road_words().booleans[self.meaning]
        if text in self._folded:
            return True
        said = words.get(text)
        return None if said is None else said in {words.get(word) for word in self._folded}

    def _by_text(self, text: str) -> bool:
        """Compare values of the file's own as they stand; yes and no in any of their spellings."""
        words = road_words().booleans["bridge"]
        truths = {words[word] for word in self._folded if word in ("true", "false")}
        return text in self._folded or words.get(text) in truths


def read_rules(
    rule: Mapping[str, tuple[str | bool, ...]], columns: Mapping[str, str], headers: Sequence[str], *, where: str
) -> tuple[SeasonRule, ...]:
    """Find the columns of a rule in the file.

    Parameters
    ----------
    rule : mapping of column to accepted values
    columns : mapping of meaning to header
    headers : sequence of str
        Columns of the file.
    where : str
        Named in errors.

    Raises
    ------
    SourceError
        The file has no such column; the message names those that it has, the nearest first.
    """
    meanings = {header: meaning for meaning, header in columns.items()}
    rules = []
    for column, values in rule.items():
        header = columns.get(column) or _header(column, headers)
        if header is None:
            listed = ", ".join(nearest_first(column, headers)) or "–"
            raise SourceError("road_layers.rule_column", where=where, column=column, columns=listed)
        accepted = tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)
        meaning = meanings.get(header, "")
        rules.append(SeasonRule(header, "" if meaning == "road_id" else meaning, accepted))
    return tuple(rules)


def _header(column: str, headers: Sequence[str]) -> str | None:
    """Find a column as it is written, else the only one that is spelled alike, with or without tones."""
    if column in headers:
        return column
    for way in (fold, lambda text: plain(fold(text))):
        alike = [header for header in headers if way(header) == way(column)]
        if alike:
            return alike[0] if len(alike) == 1 else None
    return None
