"""One change from a hint to its end, in steps of which any may be the last before a crash.

`handle.py` holds the order. What a step did is in the store before the next begins, so doing the
whole again changes nothing that was done.
"""
