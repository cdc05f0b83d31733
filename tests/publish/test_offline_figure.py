"""A page carries everything inside itself, or is refused with the address of what it would load."""

import hashlib
import re
from importlib.resources import files

import folium
import pytest
from folium.plugins import Fullscreen

from geontm.errors import PublishError
from geontm.publish.web import vendor
from geontm.publish.web.figure import Inline, OfflineFigure, escape_script, refuse_network


def bare_map():
    frame = folium.Map(location=[21, 105], tiles=None)
    frame.default_js, frame.default_css = (
        [("leaflet", "vendored:leaflet.js")],
        [("leaflet_css", "vendored:leaflet.css")],
    )
    return frame


def page_of(frame, **options):
    return OfflineFigure(**({"title": "Bản đồ"} | options)).add_child(frame).render()


def test_vendored_files_are_what_was_recorded():
    folder = files("geontm.publish.web.vendor")
    for entry in vendor.vendored():
        content = folder.joinpath(entry.path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry.sha256, entry.path
    assert any(entry.path.endswith("LICENSE") for entry in vendor.vendored())


def test_vendored_text_asks_for_nothing():
    for entry in vendor.vendored():
        if entry.answers:
            content = vendor.text(entry)
            assert "sourceMappingURL" not in content
            assert not re.search(r"url\((?!data:)", content) or entry.path.endswith(".js")


def test_a_map_carries_leaflet_inside():
    page = page_of(bare_map(), title="A & B <c>")
    assert '<html lang="vi">' in page
    assert "<title>A &amp; B &lt;c&gt;</title>" in page
    assert "Leaflet 1.9.4" in page
    assert "user-scalable" not in page
    assert "connect-src 'none'" in page


def test_folium_links_of_leaflet_are_answered_from_the_vendored_copy():
    frame = folium.Map(location=[21, 105], tiles=None)
    frame.default_js = [link for link in folium.Map.default_js if link[0] == "leaflet"]
    frame.default_css = [link for link in folium.Map.default_css if link[0] == "leaflet_css"]
    assert "Leaflet 1.9.4" in page_of(frame)


@pytest.mark.parametrize("add", [lambda frame: Fullscreen().add_to(frame), lambda frame: folium.Map(tiles=None)])
def test_what_is_not_vendored_is_refused_by_name(add):
    frame = bare_map()
    other = add(frame)
    with pytest.raises(PublishError) as refused:
        page_of(other if isinstance(other, folium.Map) else frame)
    assert "https://" in refused.value.where
    assert refused.value.where in refused.value.text("vi")


@pytest.mark.parametrize(
    "piece",
    ['<img src="http://x.example/a.png">', "<link rel=stylesheet href=//x.example/a.css>", "<style>a{background:url(http://x.example)}</style>",
     "<script src='a.js'></script>", "<iframe src=x.html></iframe>", "<STYLE>@import 'https://x.example/a.css';</STYLE>"],
)  # fmt: skip
def test_anything_that_loads_is_refused(piece):
    with pytest.raises(PublishError):
        refuse_network(piece)


def test_links_to_read_and_data_uris_are_fine():
    refuse_network(
        '<a href="https://vanban.example">x</a><img src="data:image/png;base64,xx"><style>a{b:url(data:x)}</style>'
    )


def test_a_script_cannot_end_its_element():
    assert "</script" not in escape_script("a='</script>';b='</SCRIPT x';c='<!--'").lower()
    assert "<!--" not in escape_script("c='<!--'")


def test_inlined_text_is_not_read_as_a_template():
    figure = OfflineFigure(title="x")
    figure.header.add_child(Inline("<style>/* {{ 7*7 }} */</style>"))
    assert "{{ 7*7 }}" in figure.render()


def test_the_same_map_gives_the_same_page():
    assert page_of(bare_map()) == page_of(bare_map())
