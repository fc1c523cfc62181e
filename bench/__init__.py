"""Figures, as ratios within one run: `python -m bench` prints them, and nothing asserts them.

A time in milliseconds says something of one machine on one day. How it compares with what git, a
bare database or the other engine takes in the same run, a moment before, says something of mrbot.
"""
