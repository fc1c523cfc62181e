"""Data that a rule file names for its policies: part of them, and judged like them."""

from __future__ import annotations

import pytest

from mrbot.errors import BadReference
from tests.unit.judgement.stories import (
    LENIENT,
    NOTHING_TO_SAY,
    OWNER,
    Story,
    codes,
    deny_when,
    verdict,
)

RULES = LENIENT + b"policies:\n- {directory: policy, data: [infra/limits.yaml]}\n"
DENY_OPEN = deny_when('data.limits.open == "no"', "closed")
OPEN, SHUT = b'limits: {open: "yes"}\n', b'limits: {open: "no"}\n'
BOTH = {".mrbot.yml": RULES, "policy/p.rego": DENY_OPEN}


def test_policies_see_the_data_that_their_entry_names(story: Story) -> None:
    main = story.commit({**BOTH, "infra/limits.yaml": SHUT})
    shut = story.judged(main, story.commit({"a.tf": b""}, main))
    assert [finding.msg for finding in shut.findings] == ["closed"]
    main = story.commit({**BOTH, "infra/limits.yaml": OPEN})
    assert verdict(story.judged(main, story.commit({"a.tf": b""}, main))) == "approved"


def test_a_change_of_the_data_is_judged_by_the_old_and_the_new(story: Story) -> None:
    main = story.commit({**BOTH, "infra/limits.yaml": SHUT})
    loosened = story.judged(main, story.commit({"infra/limits.yaml": OPEN}, main), OWNER)
    assert [finding.msg for finding in loosened.findings] == ["closed"]
    main = story.commit({**BOTH, "infra/limits.yaml": OPEN})
    tightened = story.judged(main, story.commit({"infra/limits.yaml": SHUT}, main), OWNER)
    assert [finding.msg for finding in tightened.findings] == ["closed"]


def test_a_change_of_the_data_asks_the_owners_of_policies(story: Story) -> None:
    main = story.commit({**BOTH, "infra/limits.yaml": OPEN})
    head = story.commit({"infra/limits.yaml": OPEN + b"# more\n"}, main)
    assert story.judged(main, head).assessment.protected == ("infra/limits.yaml",)
    assert verdict(story.judged(main, head)) == "pending"
    assert verdict(story.judged(main, head, OWNER)) == "approved"


def test_data_that_only_the_change_names_loosens_nothing(story: Story) -> None:
    rules = LENIENT + b"policies:\n- directory: policy\n"
    main = story.commit({".mrbot.yml": rules, "policy/p.rego": DENY_OPEN, "policy/data.yaml": SHUT})
    loosened = {".mrbot.yml": RULES, "policy/data.yaml": None, "infra/limits.yaml": OPEN}
    decision = story.judged(main, story.commit(loosened, main), OWNER)
    assert [finding.msg for finding in decision.findings] == ["closed"]


def test_data_that_becomes_a_directory_of_policies_hides_nothing(story: Story) -> None:
    main = story.commit({**BOTH, "infra/limits.yaml": SHUT})
    rules = LENIENT + b"policies:\n- directory: new\n- directory: infra/limits.yaml\n"
    moved = {".mrbot.yml": rules, "policy": None, "new/p.rego": NOTHING_TO_SAY}
    without = story.commit({**moved, "infra/limits.yaml": None}, main)
    head = story.commit({"infra/limits.yaml/p.rego": NOTHING_TO_SAY}, without)
    decision = story.judged(main, head, OWNER)
    assert [finding.msg for finding in decision.findings] == ["closed"]
    assert verdict(decision) == "undecidable"


def test_data_that_is_not_there_is_undecidable(story: Story) -> None:
    main = story.commit(BOTH)
    missing = story.judged(main, story.commit({"a.tf": b""}, main))
    assert (verdict(missing), codes(missing)) == ("undecidable", {"bad-policy"})
    main = story.commit({**BOTH, "infra/limits.yaml": OPEN})
    removed = story.judged(main, story.commit({"infra/limits.yaml": None}, main), OWNER)
    assert (verdict(removed), codes(removed)) == ("undecidable", {"bad-policy"})


def test_data_and_its_entry_may_come_and_go_together(story: Story) -> None:
    without = {
        ".mrbot.yml": LENIENT + b"policies:\n- directory: policy\n",
        "policy/p.rego": DENY_OPEN,
    }
    main = story.commit(without)
    come = story.commit({**BOTH, "infra/limits.yaml": OPEN}, main)
    assert verdict(story.judged(main, come, OWNER)) == "approved"
    gone = story.commit({**without, "infra/limits.yaml": None}, come)
    assert verdict(story.judged(come, gone, OWNER)) == "approved"


def test_data_of_a_repository_is_not_seen_by_the_organisation(story: Story) -> None:
    story.policies = {"main.rego": DENY_OPEN, "data.yaml": SHUT}
    main = story.commit({**BOTH, "infra/limits.yaml": OPEN, "policy/data.yaml": b"more: 1"})
    decision = story.judged(main, story.commit({"a.tf": b""}, main))
    assert [(finding.msg, finding.policy) for finding in decision.findings] == [
        ("closed", "organisation")
    ]


def test_data_behind_a_link_is_not_read(story: Story) -> None:
    main = story.commit({**BOTH, "infra/limits.yaml": OPEN})
    linked = story.commit({"infra/limits.yaml": "other.yaml", "infra/other.yaml": OPEN}, main)
    with pytest.raises(BadReference, match="symbolic link"):
        story.judged(main, linked, OWNER)
