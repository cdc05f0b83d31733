"""Everything measured from geometry."""

from geontm.cover.border import BorderMeasure, measure_border
from geontm.cover.gaps import GAPS, service_gaps

__all__ = ["GAPS", "BorderMeasure", "measure_border", "service_gaps"]
