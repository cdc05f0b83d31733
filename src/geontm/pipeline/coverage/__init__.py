"""Coverage of a whole project: its provinces one by one, on one process or many, with results kept between runs."""

from geontm.pipeline.coverage.cache import Cache
from geontm.pipeline.coverage.household_size import household_sizes
from geontm.pipeline.coverage.inputs import CoverageInputs, prepare_coverage
from geontm.pipeline.coverage.layers import shown_layers
from geontm.pipeline.coverage.published import longer_tables, measured_rows, with_access, with_village_columns
from geontm.pipeline.coverage.run import CoverageFound, measure_coverage

__all__ = [
    "Cache",
    "CoverageFound",
    "CoverageInputs",
    "household_sizes",
    "longer_tables",
    "measure_coverage",
    "measured_rows",
    "prepare_coverage",
    "shown_layers",
    "with_access",
    "with_village_columns",
]
