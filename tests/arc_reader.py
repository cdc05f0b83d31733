"""The page's reader of outlines, once more in Python: what the bytes say, not what was meant."""

from __future__ import annotations

import numpy as np
import shapely


class Reader:
    """Reads varint streams one after another."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self) -> int:
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def stream(self) -> list[int]:
        return [self.number() for _ in range(self.number())]

    def sums(self) -> np.ndarray:
        return np.cumsum([-(s + 1) // 2 if s % 2 else s // 2 for s in self.stream()])


def read_shapes(data: bytes, *, per_degree: int = 1, more: bool = False) -> list[shapely.Geometry | None]:
    """Rebuild every feature; None for one without parts. All bytes must be used, unless more follows."""
    reader = Reader(data)
    parts, rings, counts, coded, lengths = (reader.stream() for _ in range(5))
    xy = np.column_stack([reader.sums(), reader.sums()]) if lengths else np.zeros((0, 2))
    if not lengths:
        reader.sums(), reader.sums()
    assert more or reader.at == len(data)
    ends = np.cumsum([length + 2 for length in lengths])
    arcs = [xy[end - length - 2 : end] / per_degree for end, length in zip(ends, lengths, strict=True)]
    met, walked = 0, []
    for code in coded:
        back = code and (code - 1) % 2
        if not code:
            met += 1
        arc = arcs[met - 1 - (code - 1) // 2 if code else met - 1]
        walked.append(arc[::-1] if back else arc)
    assert met == len(arcs)
    steps, counted, ringed = iter(walked), iter(counts), iter(rings)

    def ring() -> np.ndarray:
        taken = [next(steps) for _ in range(next(counted))]
        for one, other in zip(taken, taken[1:] + taken[:1], strict=True):
            assert (one[-1] == other[0]).all()
        return np.concatenate([taken[0], *(arc[1:] for arc in taken[1:])])

    found: list[shapely.Geometry | None] = []
    for count in parts:
        polygons = []
        for _ in range(count):
            outer, *holes = [ring() for _ in range(next(ringed))]
            polygons.append(shapely.Polygon(outer, holes))
        found.append(None if not polygons else polygons[0] if count == 1 else shapely.MultiPolygon(polygons))
    return found
