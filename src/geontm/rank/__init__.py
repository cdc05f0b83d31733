"""Scores and ranks: which communes come first, with an interval wherever a figure is missing."""

from geontm.rank.additive import Direction, Priority, Ranking, order, require_ranking

__all__ = ["Direction", "Priority", "Ranking", "order", "require_ranking"]
