"""What a notebook shows of a result, and single files saved from one: maps in cells, styled tables, sheets."""
