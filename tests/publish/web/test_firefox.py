"""The pages in Firefox: they open, ask for nothing and say nothing on the console."""

import pytest

from geontm.publish import map_html
from publish_samples import sample_content

pytestmark = pytest.mark.browser


def test_a_page_opens_in_firefox_without_a_word(fox, tmp_path):
    page = tmp_path / "trang.html"
    page.write_text(map_html(sample_content(), "classification"), encoding="utf-8")
    fox.open(page)
    assert fox.requests == []
    assert fox.messages == []
    assert fox.run("document.querySelectorAll('.gt-legend tbody tr').length") >= 3
    assert fox.run("window.hit === undefined")
