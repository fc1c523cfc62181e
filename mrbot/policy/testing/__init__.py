"""The tests that policies bring along, run by either engine, and what they reach."""
