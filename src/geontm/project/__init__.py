"""Reads every YAML first and types it: the project, the rule sets, the column dictionary, the styles."""

from geontm.project.dictionary import read_dictionary
from geontm.project.new import new_project
from geontm.project.reader import Project, case_file, case_names, read_project
from geontm.project.rulesets import list_rulesets, national_figures, read_ruleset
from geontm.project.schematic import SCHEMATIC_LAYERS
from geontm.project.styles import read_ground_styles, read_styles

__all__ = [
    "SCHEMATIC_LAYERS",
    "Project",
    "case_file",
    "case_names",
    "list_rulesets",
    "national_figures",
    "new_project",
    "read_dictionary",
    "read_ground_styles",
    "read_project",
    "read_ruleset",
    "read_styles",
]
