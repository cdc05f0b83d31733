"""Both archipelagos are named on the small picture of a national map."""

from io import BytesIO

import matplotlib.image
import numpy as np
import pytest
import shapely

from geontm.publish.offered import layers_with_data
from geontm.publish.paper.thumbnail import thumbnail
from publish_samples import sample_content

PLAIN = ("01001", "01002", "01003", "02001", "02002", "02003")


def picture(far: str) -> np.ndarray:
    """Draw five squares on land and one unit of islets far out at sea, bearing a code."""
    content = sample_content()
    codes = [*PLAIN[:5], far]
    islets = shapely.MultiPolygon([shapely.box(105.6 + k / 10, 21.25, 105.61 + k / 10, 21.26) for k in range(2)])
    shapes = [*content.units.geometry.to_list()[:5], islets]
    units = content.units.set_geometry(shapes, crs="EPSG:4326").set_axis(codes)
    moved = sample_content(units=units, wide=content.wide.set_axis(codes))
    style = moved.styles["coverage"]
    drawn = thumbnail(moved, style, layers_with_data(moved, style)[0], 640)
    return matplotlib.image.imread(BytesIO(drawn))


@pytest.mark.parametrize("code", ["20333", "22736"])
def test_an_archipelago_bears_its_name_below_its_islets_and_no_other_unit_does(code):
    named, plain = picture(code), picture("30000")
    rows, columns = np.nonzero((named != plain).any(axis=-1))
    islets = np.nonzero(plain[:, 400:, 3] > 0)[0]
    assert len(rows) > 200
    assert rows.min() > islets.min() and columns.min() > 300 and columns.max() < 639
