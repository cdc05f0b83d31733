"""Everything measured from geometry."""

from geontm.cover.access import measure_rural_access, measure_village_access, upper_access
from geontm.cover.border import BorderMeasure, measure_border
from geontm.cover.facts import border_from_facts
from geontm.cover.gaps import GAPS, service_gaps
from geontm.cover.measured import Measured
from geontm.cover.roads import measure_roads
from geontm.cover.zones import Zones, make_zones

__all__ = [
    "GAPS",
    "BorderMeasure",
    "Measured",
    "Zones",
    "border_from_facts",
    "make_zones",
    "measure_border",
    "measure_roads",
    "measure_rural_access",
    "measure_village_access",
    "service_gaps",
    "upper_access",
]
