"""A change that edits policies: what the old and the new ones say of it, side by side."""

from __future__ import annotations

import pytest

from mrbot.effects.comment import Beside, CommentLimit
from mrbot.effects.render import render
from tests.unit.judgement.stories import LENIENT, NOTHING_TO_SAY, OWNER, Story, deny_when

POLICIES = LENIENT + b"policies:\n- directory: policy\n"
COMMENT_LIMIT = CommentLimit(characters=65_536, bytes=262_144)
OPEN, SHUT = (
    f'resource "aws_firewall" "edge" {{\n  open = {open_}\n}}\n'.encode()
    for open_ in ("true", "false")
)
DENY_OPEN = deny_when("input.resources[_].after.open == true", "the firewall is open")


def test_a_change_of_policies_shows_what_they_say_otherwise(story: Story) -> None:
    main = story.commit({".mrbot.yml": POLICIES, "policy/p.rego": DENY_OPEN})
    stricter = deny_when("input.kind == input.kind", "no change at all")
    edited = story.judged(main, story.commit({"policy/p.rego": stricter, "a.tf": OPEN}, main))
    found = edited.assessment.edited_policies
    assert found is not None
    assert [one.msg for one in found.before.findings] == ["the firewall is open"]
    assert [one.msg for one in found.after.findings] == ["no change at all"]
    comment = render(edited, Beside(), COMMENT_LIMIT)
    assert "Only the policies as they are: **Denies** `deny`: the firewall is open" in comment
    assert "Only the policies as they would be: **Denies** `deny`: no change at all" in comment


@pytest.mark.parametrize(
    ("files", "same"),
    [
        pytest.param({"a.tf": OPEN}, None, id="no-policy"),
        pytest.param({"policy/README.md": b"new"}, None, id="no-rego"),
        pytest.param({"policy/p.rego": DENY_OPEN + b"# a word more\n"}, True, id="a-comment"),
        pytest.param({"policy/p.rego": NOTHING_TO_SAY, "a.tf": SHUT}, True, id="does-not-show"),
        pytest.param({"policy/p.rego": NOTHING_TO_SAY, "a.tf": OPEN}, False, id="loosened"),
        pytest.param({"policy/p.rego": b"package main\nno", "a.tf": SHUT}, False, id="broken"),
        pytest.param({".mrbot.yml": LENIENT, "a.tf": OPEN}, False, id="not-named-any-more"),
        pytest.param({"policy": None, "a.tf": SHUT}, False, id="removed"),
    ],
)
def test_old_and_new_policies_are_compared_where_a_change_edits_them(
    story: Story, files: dict[str, bytes | str | None], same: bool | None
) -> None:
    main = story.commit({".mrbot.yml": POLICIES, "policy/p.rego": DENY_OPEN})
    found = story.judged(main, story.commit(files, main), OWNER).assessment.edited_policies
    assert (found if found is None else found.same) is same
