"""Gathers the content side of a change from git: files, rules, policies, and what draws on what.

Everything is read by commit: the change at its merge base and head, what judges it at the tip of
the target branch. Nothing is read from a work tree, and nothing that is read is run.
"""

from mrbot.gather.material import gather, policy_folder
from mrbot.gather.pinned import pinned

__all__ = ["gather", "pinned", "policy_folder"]
