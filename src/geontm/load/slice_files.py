"""The file of one area: rows are spilled as they come, put in order, and written as GeoParquet."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geontm.errors import SourceError
from geontm.load.layer_crs import STORED

__all__ = ["GEOMETRY", "Spill", "identified", "ordered", "read_slice", "write_slice"]

GEOMETRY = "geometry"


def read_slice(path: Path) -> gpd.GeoDataFrame:
    """Read one area's file, as :func:`slice_roads` or :func:`slice_lines` wrote it.

    Returns
    -------
    GeoDataFrame, RangeIndex, EPSG:4326
        Text columns with missing values where nothing is known; booleans nullable.

    Raises
    ------
    SourceError
        There is no such file, or it is damaged.
    """
    try:
        frame = gpd.read_parquet(path)
    except FileNotFoundError as error:
        raise SourceError("layers.file_missing", where=path, file=path.name) from error
    except (OSError, ValueError, pa.ArrowException) as error:
        raise SourceError("layers.damaged", where=path, file=path.name, driver="Parquet") from error
    kinds = {field.name: field.type for field in pq.read_schema(path)}
    types = {name: "boolean" if pa.types.is_boolean(kinds[name]) else "str" for name in kinds if name != GEOMETRY}
    return frame.astype(types)


class Spill:
    """Rows of one area in the order read, on disk until all are there."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path, self.schema = path, schema
        self.writer: Any = None

    def add(self, table: pa.Table) -> None:
        """Append rows."""
        if self.writer is None:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self.writer = pa.ipc.new_file(self.path, self.schema, options=options)
        self.writer.write_table(table.cast(self.schema))

    def read(self) -> pa.Table:
        """Return all rows; nothing can be added after."""
        if self.writer is None:
            return self.schema.empty_table()
        self.writer.close()
        with pa.OSFile(str(self.path)) as file:
            return pa.ipc.open_file(file).read_all()

    def remove(self) -> None:
        """Delete the file, once its rows are written elsewhere."""
        self.path.unlink(missing_ok=True)


def identified(table: pa.Table) -> pa.Table:
    """Fill the first column where it is null: with a name made from the shape, so that it hangs on nothing else."""
    identity = table.column(0)
    if not identity.null_count:
        return table
    names = [
        known or "#" + hashlib.blake2b(shape, digest_size=8).hexdigest()
        for known, shape in zip(identity.to_pylist(), table.column(GEOMETRY).to_pylist(), strict=True)
    ]
    return table.set_column(0, table.schema.field(0), pa.array(names, pa.string()))


def ordered(table: pa.Table) -> pa.Table:
    """Sort by identity, then shape, then all else: nothing is left to the order of the file."""
    first = table.schema.names[0]
    others = [name for name in table.schema.names if name not in (first, GEOMETRY)]
    keys = [(name, "ascending") for name in (first, GEOMETRY, *others)]
    return table.take(pc.sort_indices(table, sort_keys=keys))


def write_slice(table: pa.Table, path: Path) -> None:
    """Write an ordered table of shapes in EPSG:4326 as GeoParquet."""
    geo = {
        "version": "1.1.0",
        "primary_column": GEOMETRY,
        "columns": {GEOMETRY: {"encoding": "WKB", "geometry_types": [], "crs": STORED.to_json_dict()}},
    }
    pq.write_table(
        table.replace_schema_metadata({"geo": json.dumps(geo, ensure_ascii=False)}), path, compression="zstd"
    )
