"""Content, from git itself: the adapter of `change.repository` and the bare mirrors behind it."""
