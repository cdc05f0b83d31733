"""Boundaries that leave no unit are refused before anything is worked out or published."""

import re
from dataclasses import replace

import pytest

from geontm.errors import BoundaryError, GeontmError, PublishError
from geontm.load import Layers
from geontm.pipeline import run
from geontm.project import read_project
from publish_samples import sample_content
from small_project import write_project


@pytest.mark.parametrize(
    ("source", "province", "named"),
    [("ranh-gioi.gpkg, date: 2025-07-01", "99", "ranh-gioi.gpkg"), ("'schematic:communes-2025'", "99", "schematic")],
)
def test_provinces_that_the_layer_lacks_are_refused_and_those_it_has_are_named(tmp_path, source, province, named):
    file = write_project(tmp_path)
    text = file.read_text(encoding="utf-8").replace("ranh-gioi.gpkg, date: 2025-07-01", source)
    file.write_text(text.replace(source, f'{source}, provinces: ["{province}"]'), encoding="utf-8")
    told = []
    with pytest.raises(GeontmError) as refused:
        run(read_project(file), step=told.append)
    assert named in refused.value.where
    assert {"99", "04"} <= set(re.findall(r"\b\d{2}\b", refused.value.text("en")))
    assert len(told) == 1, "nothing but reading has begun"


def test_a_layer_of_which_nothing_is_left_is_refused_whoever_emptied_it(tmp_path, monkeypatch):
    project = read_project(write_project(tmp_path))
    from geontm import load

    whole: Layers = load.read_layers(project.sources, project.words)
    nothing = replace(whole, boundaries=replace(whole.boundaries, units=whole.boundaries.units.iloc[:0]))
    monkeypatch.setattr("geontm.load.read_layers", lambda *_: nothing)
    with pytest.raises(BoundaryError) as refused:
        run(project)
    assert refused.value.message.id == "publish.no_units"
    assert refused.value.where.endswith("ranh-gioi.gpkg")


def test_content_without_a_unit_cannot_be_made():
    content = sample_content()
    with pytest.raises(PublishError) as refused:
        replace(content, units=content.units.iloc[:0], wide=content.wide.iloc[:0])
    assert refused.value.message.id == "publish.no_units"
    assert "Không có đơn vị nào" in refused.value.text("vi")
