"""What was decided, from what, and what was done about it: kept so that it can be replayed.

The ledger chains salted digests; the content lies beside it and can be erased without breaking it.
"""
