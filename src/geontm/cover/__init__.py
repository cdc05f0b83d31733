"""Everything measured from geometry."""

from geontm.cover.border import BorderMeasure, measure_border

__all__ = ["BorderMeasure", "measure_border"]
