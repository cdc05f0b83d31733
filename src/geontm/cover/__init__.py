"""Everything measured from geometry."""

from geontm.cover.border import BorderMeasure, measure_border
from geontm.cover.facts import border_from_facts
from geontm.cover.gaps import GAPS, service_gaps

__all__ = ["GAPS", "BorderMeasure", "border_from_facts", "measure_border", "service_gaps"]
