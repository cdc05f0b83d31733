"""The roads of a GeoJSON, beside fiona feature by feature."""

from geontm.bench.jobs.reading import GEOJSON as JOB

__all__ = ["JOB"]
