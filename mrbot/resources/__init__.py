"""One format-neutral model of what a change does, and a reader per format.

Reading is static: it needs no cloud, runs no code, and says so (`Certainty`). What no reader
understands is listed, never dropped.
"""
