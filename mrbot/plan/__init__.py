"""What would really happen: a plan by Terraform or OpenTofu, bound to one commit.

A plan is made apart from the bot, redacted before anything else sees it, and identified by two
digests: the effect digest (what approvals bind to) and the artefact digest (what an apply binds to).
"""
