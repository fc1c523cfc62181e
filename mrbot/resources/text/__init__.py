"""Configuration and scripts that are read as lines, without their secrets."""
