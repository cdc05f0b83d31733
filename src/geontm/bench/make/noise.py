"""Noise that depends on a place and a seed alone: the same on every tile and in every order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["fractal", "mix", "scatter"]

_FIRST, _SECOND, _THIRD = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xBF58476D1CE4E5B9))


def mix(seed: int, *parts: NDArray[Any]) -> NDArray[np.float32]:
    """Give each combination of integers a number of its own in [-1, 1).

    Parameters
    ----------
    seed : int
    *parts : ndarray of int
        Arrays that fit each other's shape.
    """
    with np.errstate(over="ignore"):
        found: NDArray[np.uint64] = np.asarray(np.uint64((seed * 0x2545F4914F6CDD1D + 1) & 0xFFFFFFFFFFFFFFFF))
        for part in parts:
            found = (found ^ np.asarray(part).astype(np.int64).view(np.uint64)) * _FIRST
            found = (found ^ (found >> np.uint64(29))) * _THIRD
        found = (found ^ (found >> np.uint64(32))) * _SECOND
        found = found ^ (found >> np.uint64(29))
    return (found >> np.uint64(40)).astype(np.float32) / np.float32(1 << 23) - np.float32(1)


def scatter(seed: int, count: int) -> np.random.Generator:
    """Return a random generator for one purpose, ``count``, of one seed."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, count])))


def fractal(
    row: int, col: int, shape: tuple[int, int], *, seed: int, longest: float, shortest: float = 2.0, fall: float = 0.55
) -> NDArray[np.float32]:
    """Sum octaves of smooth noise, each half as wide as the one before and ``fall`` as strong.

    Parameters
    ----------
    row, col : int
        First cell of the tile.
    shape : tuple of int
        Rows and columns of the tile.
    longest, shortest : float
        Widest and narrowest wave (cells).

    Returns
    -------
    ndarray of float32, shape (rows, cols)
        About -1 to 1, mean 0.
    """
    total = np.zeros(shape, dtype=np.float32)
    wave, strength, power, octave = longest, 1.0, 0.0, 0
    while wave >= shortest:
        down, before_row = _between(row, shape[0], wave)
        across, before_col = _between(col, shape[1], wave)
        rows = np.arange(before_row[0], before_row[-1] + 2)
        cols = np.arange(before_col[0], before_col[-1] + 2)
        knots = mix(seed + 7919 * octave, rows[:, None], cols[None, :])
        at = before_col - cols[0]
        wide = knots[:, at] + (knots[:, at + 1] - knots[:, at]) * across
        at = before_row - rows[0]
        total += np.float32(strength) * (wide[at] + (wide[at + 1] - wide[at]) * down[:, None])
        power += strength**2
        wave, strength, octave = wave / 2, strength * fall, octave + 1
    return total / np.float32(max(power, 1e-9) ** 0.5)


def _between(first: int, count: int, wave: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return how far each cell is between two knots (smooth, 0 to 1), and the knot before it."""
    place = (first + np.arange(count) + 0.5) / wave
    before = np.floor(place).astype(np.int64)
    t = (place - before).astype(np.float32)
    return t * t * t * (t * (t * 6 - 15) + 10), before
