"""The list in the form that decisions use: numbered by province, totalled, with its legal basis; nothing is written.

A decision names the units that have a status, and no others. Units that cannot be judged yet stand apart, each with
what is missing; those that do not have the status are counted in a note, so that listed, undecided and left out add up
to the units of the project. Workbook and Word document are laid out from the same :class:`Annex`.
"""

from geontm.publish.annex.records import (
    MARK,
    Annex,
    AnnexCell,
    AnnexColumn,
    AnnexGroup,
    AnnexList,
    AnnexRow,
    AnnexTotal,
)
from geontm.publish.annex.table import annex_table
from geontm.publish.annex.widths import letters_of, share_out

__all__ = [
    "MARK",
    "Annex",
    "AnnexCell",
    "AnnexColumn",
    "AnnexGroup",
    "AnnexList",
    "AnnexRow",
    "AnnexTotal",
    "annex_table",
    "letters_of",
    "share_out",
]
