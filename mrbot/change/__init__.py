"""What is proposed, as facts pinned to commits.

Paths, modes and blobs come from git alone; who wrote, reviewed and belongs where comes from the
host. Nothing in this package decides anything, and nothing in it performs IO.
"""
