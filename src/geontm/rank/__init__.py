"""Scores and ranks: which communes come first, with an interval wherever a figure is missing."""

from geontm.rank.additive import Direction, Priority, Ranking, order

__all__ = ["Direction", "Priority", "Ranking", "order"]
