"""Word documents of a run: the report from a template that an office can replace, and the annex of a decision."""
