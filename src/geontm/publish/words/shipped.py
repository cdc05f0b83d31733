"""The report template that a new project starts with, and a look at an office's own before any work begins."""

from __future__ import annotations

from pathlib import Path

from geontm.messages import Language

__all__ = ["check_report_template", "write_report_template"]


def write_report_template(path: Path, *, lang: Language = "vi") -> Path:
    """Copy the shipped template of ``report.docx``, for an office to put its letterhead and wording into.

    Returns
    -------
    Path
        ``path``.
    """
    from geontm.publish.words.template import shipped_template

    path.write_bytes(shipped_template(lang))
    return path


def check_report_template(path: Path) -> None:
    """Try a template out on a record in which every list has an entry; nothing is written.

    Raises
    ------
    PublishError
        As :func:`geontm.publish.words.report.write_report` would after the work was done.
    """
    from geontm.publish.words.report import check_template

    check_template(path)
