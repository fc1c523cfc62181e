"""A new bare repository, and the hooks with which it guards protected branches."""

from __future__ import annotations

import stat
from pathlib import Path

from mrbot.sandbox.repository import Repository

_PRE_RECEIVE = """#!/bin/sh
# SANDBOX_CLOSED: refs that this pusher may not move.
# SANDBOX_NO_FORCE: refs that nobody may rewrite or delete.
listed() { printf '%s\\n' "$1" | grep -Fxq -- "$2"; }
while read -r old new ref; do
  if listed "$SANDBOX_CLOSED" "$ref"; then
    echo "You are not allowed to push code to protected branches on this project." >&2
    exit 1
  fi
  fresh=0000000000000000000000000000000000000000
  if listed "$SANDBOX_NO_FORCE" "$ref" && [ "$old" != "$fresh" ]; then
    git merge-base --is-ancestor "$old" "$new" 2>/dev/null || {
      echo "You are not allowed to force push code to a protected branch on this project." >&2
      exit 1
    }
  fi
done
"""

_POST_RECEIVE = """#!/bin/sh
[ -n "$SANDBOX_RECEIVED" ] && cat > "$SANDBOX_RECEIVED"
exit 0
"""


# Nobody may push to the refs that the host keeps for itself; everybody may fetch them.
_CONFIG = """
[http]
    receivepack = true
[uploadpack]
    allowFilter = true
    allowAnySHA1InWant = true
[receive]
    hideRefs = refs/merge-requests
    hideRefs = refs/pull
[gc]
    auto = 0
"""


def create(path: Path, *, default_branch: str) -> Repository:
    """Make an empty bare repository that takes pushes and partial clones over HTTP."""
    path.mkdir(parents=True)
    repository = Repository(path)
    repository.git("init", "--quiet", "--bare", f"--initial-branch={default_branch}", ".")
    with (path / "config").open("a") as config:
        config.write(_CONFIG)
    for name, text in (("pre-receive", _PRE_RECEIVE), ("post-receive", _POST_RECEIVE)):
        hook = path / "hooks" / name
        hook.write_text(text)
        hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    return repository
