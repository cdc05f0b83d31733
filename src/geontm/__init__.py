"""geontm: geospatial planning and mapping for the rural programmes of Vietnam."""
