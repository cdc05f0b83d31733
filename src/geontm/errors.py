"""The one family of errors that geontm raises on purpose.

Each error says what happened, where, and what to do, in the reader's language; the command line prints it
without a traceback and leaves with exit code 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geontm.messages import Language, Message, say

__all__ = [
    "BoundaryError",
    "CRSError",
    "ClusterError",
    "GeontmError",
    "ProjectError",
    "PublishError",
    "RuleError",
    "SourceError",
    "TableError",
    "VintageError",
]


class GeontmError(Exception):
    """Base of every error geontm raises on purpose.

    Parameters
    ----------
    message_id : str
        Id of the text in the message catalogue, e.g. ``"load.file_missing"``.
    where : str
        The place: file, sheet, row, key. Needs no translation.
    issues : sequence of Issue
        The single findings behind the error, one row of the issues table each.
    **values
        What fills the text.
    """

    def __init__(self, message_id: str, *, where: object = "", issues: Sequence[Any] = (), **values: Any) -> None:
        self.issues = tuple(issues)
        self.message = Message(message_id, values)
        self.where = str(where)
        super().__init__(message_id)

    @property
    def problem(self) -> str:
        """What happened, in the reader's language."""
        return self.message.text()

    @property
    def fix(self) -> str:
        """What to do about it, in the reader's language; empty where nothing can be said."""
        return self.message.fix()

    def text(self, lang: Language | None = None) -> str:
        """Return the whole error in ``lang``: problem, place, and what to do."""
        fix = self.message.fix(lang)
        lines = [
            self.message.text(lang),
            self.where and f"  {say('errors.where', lang)}: {self.where}",
            fix and f"  {say('errors.fix', lang)}: {fix}",
        ]
        return "\n".join(line for line in lines if line)

    def __str__(self) -> str:
        return self.text()


class SourceError(GeontmError, ValueError):
    """A file cannot be read: missing, damaged, of a kind that is not allowed, or too large."""


class TableError(GeontmError, ValueError):
    """A table breaks its schema, or its header cannot be found."""


class BoundaryError(GeontmError, ValueError):
    """A boundary layer cannot be used: no codes or names, duplicate codes, no usable geometry."""


class CRSError(GeontmError, ValueError):
    """A layer has no coordinate reference system, the wrong one, or degrees where metres are needed."""


class VintageError(GeontmError, ValueError):
    """Names or codes of one date meet boundaries, rules or lists of another."""


class RuleError(GeontmError, ValueError):
    """A rule set is wrong, or asks for something no table can give."""


class ProjectError(GeontmError, ValueError):
    """The project file is wrong."""


class PublishError(GeontmError, OSError):
    """A result cannot be written or put in its place; the last good one stays."""


class ClusterError(GeontmError, RuntimeError):
    """Processes or machines that measure cannot be reached, or died."""
