"""From a merged commit to a deployed one: exactly once, followed to its end."""
