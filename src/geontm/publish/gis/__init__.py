"""The result as layers for desktop GIS."""
