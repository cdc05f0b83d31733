"""The order of a run, written once."""
