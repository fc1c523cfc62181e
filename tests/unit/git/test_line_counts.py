"""Counts are for display: what cannot be read is left out, and nothing fails."""

from __future__ import annotations

import pytest

from mrbot.git.line_counts import PATCH_LIMIT_BYTES, LineCount, counted

PATCH = b"""\
diff --git a/main.tf b/main.tf
--- a/main.tf
+++ b/main.tf
@@ -1 +1,2 @@
-a
+b
+c
"""


def test_a_patch_without_files_counts_nothing() -> None:
    assert counted(b"") == {}


def test_lines_are_counted_for_each_file() -> None:
    assert counted(PATCH) == {"main.tf": LineCount(added=2, removed=1)}


@pytest.mark.parametrize(
    "patch",
    [
        PATCH.replace(b"+1,2", b"+1,9"),
        b"x" * (PATCH_LIMIT_BYTES + 1),
        b"@@ -1 +1 @@\n-a\n+b\n",
        b"\xff\xfe\x00",
    ],
    ids=["truncated hunk", "too long", "no header", "not text"],
)
def test_a_patch_that_cannot_be_read_counts_nothing(patch: bytes) -> None:
    assert counted(patch) == {}
