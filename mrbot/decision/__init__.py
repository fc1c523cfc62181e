"""The judgement. PURE: values in, values out; no IO, clock, randomness or logging.

Fail closed: what is missing makes a decision undecidable, never approved.
"""
