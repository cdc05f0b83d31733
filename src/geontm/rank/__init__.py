"""Scores and ranks from declared indicators, weights and directions."""
