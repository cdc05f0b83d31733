"""Everything measured from geometry."""

from geontm.cover.access import measure_rural_access, measure_village_access, upper_access
from geontm.cover.border import BorderMeasure, measure_border
from geontm.cover.candidate_links import find_links
from geontm.cover.candidate_sites import find_new_sites
from geontm.cover.candidate_upgrades import find_upgrades
from geontm.cover.candidates import CANDIDATE_COLUMNS, stack_candidates
from geontm.cover.connection import measure_connection
from geontm.cover.facts import border_from_facts
from geontm.cover.friction import Friction, Speeds, make_friction, values_at_centres
from geontm.cover.gaps import GAPS, service_gaps
from geontm.cover.ladder import WaterLadder, measure_household_water, water_ladder
from geontm.cover.measured import Measured
from geontm.cover.neighbours import measure_neighbours
from geontm.cover.network import Network, build_network
from geontm.cover.paths import Paths, link_cells
from geontm.cover.people_known import compare_people
from geontm.cover.population import PeopleCount, check_people_outside, count_people, measure_population
from geontm.cover.population_scaled import ScaledRaster, scale_population
from geontm.cover.roads import measure_roads
from geontm.cover.services import SERVICE_KINDS, measure_services
from geontm.cover.terrain import measure_terrain, settle_shares
from geontm.cover.travel import (
    TRAVEL_LIMITS_MIN,
    TravelTime,
    measure_travel,
    near_units,
    travel_minutes,
    travel_minutes_to_own,
)
from geontm.cover.water import WaterSettings, measure_water
from geontm.cover.water_outside import villages_outside
from geontm.cover.zones import Zones, make_zones

__all__ = [
    "CANDIDATE_COLUMNS",
    "GAPS",
    "SERVICE_KINDS",
    "TRAVEL_LIMITS_MIN",
    "BorderMeasure",
    "Friction",
    "Measured",
    "Network",
    "Paths",
    "PeopleCount",
    "ScaledRaster",
    "Speeds",
    "TravelTime",
    "WaterLadder",
    "WaterSettings",
    "Zones",
    "border_from_facts",
    "build_network",
    "check_people_outside",
    "compare_people",
    "count_people",
    "find_links",
    "find_new_sites",
    "find_upgrades",
    "link_cells",
    "make_friction",
    "make_zones",
    "measure_border",
    "measure_connection",
    "measure_household_water",
    "measure_neighbours",
    "measure_population",
    "measure_roads",
    "measure_rural_access",
    "measure_services",
    "measure_terrain",
    "measure_travel",
    "measure_village_access",
    "measure_water",
    "near_units",
    "scale_population",
    "service_gaps",
    "settle_shares",
    "stack_candidates",
    "travel_minutes",
    "travel_minutes_to_own",
    "upper_access",
    "values_at_centres",
    "villages_outside",
    "water_ladder",
]
