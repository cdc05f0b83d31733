"""Reads every YAML first and types it: the project, the rule sets, the column dictionary, the styles."""

from geontm.project.dictionary import read_dictionary

__all__ = ["read_dictionary"]
