"""Makes inputs of the size of the nation from a seed: plausible, not true; nothing in them speaks of a real place."""

from geontm.bench.make.inputs import SIZES, Inputs, Size, make_inputs, read_inputs

__all__ = ["SIZES", "Inputs", "Size", "make_inputs", "read_inputs"]
