"""Links in both of CommonMark's spellings."""

from __future__ import annotations

import pytest

from mrbot.sandbox.markdown import render


@pytest.mark.parametrize("target", ["http://host/a", "<http://host/a>"], ids=["plain", "in angles"])
def test_a_link_leads_to_its_target_however_it_is_spelt(target: str) -> None:
    html = str(render(f"see [the run]({target})"))

    assert '<a href="http://host/a"' in html
    assert ">the run</a>" in html
