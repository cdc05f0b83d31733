"""Everything measured from geometry."""
