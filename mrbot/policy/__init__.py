"""Rego policies: which documents they judge, how they are run, and what they found.

Two engines answer one port. Nothing here decides: findings and demands go to `decision`.
"""
