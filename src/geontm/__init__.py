"""geontm: geospatial planning and mapping for the rural programmes of Vietnam.

>>> import geontm
>>> plan = geontm.run(geontm.read_project("project.yaml"))  # doctest: +SKIP
>>> geontm.write(plan, "maps/my-province")  # doctest: +SKIP
"""

from geontm import classify, cover, join, law, load, publish, rank, tables
from geontm.errors import GeontmError
from geontm.load import read_register as units
from geontm.pipeline import Plan, check, explore, run, styled, write
from geontm.project import read_project, read_ruleset

__all__ = [
    "GeontmError",
    "Plan",
    "check",
    "classify",
    "cover",
    "explore",
    "join",
    "law",
    "load",
    "publish",
    "rank",
    "read_project",
    "read_ruleset",
    "run",
    "styled",
    "tables",
    "units",
    "write",
]
