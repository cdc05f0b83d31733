"""Rule sets and official lists over tables: met, not met or unknown for each commune, with the reason."""

from geontm.classify.fill import fill_missing
from geontm.classify.lists import ListedAnswers, OfficialList, apply_list, read_list
from geontm.classify.rulings import Ruling
from geontm.classify.standing import group_standing, most_unmet, under_floor
from geontm.classify.verdicts import Question, Verdicts, evaluate_all, require_allowances
from geontm.classify.why import Explanation, briefs, briefs_and_gaps, why

__all__ = [
    "Explanation",
    "ListedAnswers",
    "OfficialList",
    "Question",
    "Ruling",
    "Verdicts",
    "apply_list",
    "briefs",
    "briefs_and_gaps",
    "evaluate_all",
    "fill_missing",
    "group_standing",
    "most_unmet",
    "read_list",
    "require_allowances",
    "under_floor",
    "why",
]
