"""Everything measured from geometry."""

from geontm.cover.access import measure_rural_access, measure_village_access, upper_access
from geontm.cover.border import BorderMeasure, measure_border
from geontm.cover.facts import border_from_facts
from geontm.cover.friction import Friction, Speeds, make_friction, values_at_centres
from geontm.cover.gaps import GAPS, service_gaps
from geontm.cover.measured import Measured
from geontm.cover.paths import Paths, link_cells
from geontm.cover.roads import measure_roads
from geontm.cover.travel import TRAVEL_LIMITS_MIN, TravelTime, measure_travel, travel_minutes, travel_minutes_to_own
from geontm.cover.zones import Zones, make_zones

__all__ = [
    "GAPS",
    "TRAVEL_LIMITS_MIN",
    "BorderMeasure",
    "Friction",
    "Measured",
    "Paths",
    "Speeds",
    "TravelTime",
    "Zones",
    "border_from_facts",
    "link_cells",
    "make_friction",
    "make_zones",
    "measure_border",
    "measure_roads",
    "measure_rural_access",
    "measure_travel",
    "measure_village_access",
    "service_gaps",
    "travel_minutes",
    "travel_minutes_to_own",
    "upper_access",
    "values_at_centres",
]
