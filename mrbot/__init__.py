"""mrbot: the gate between a merge request and running infrastructure."""

__version__ = "0.1.0"
