"""Kustomize: what a kustomization says, and what a root builds to."""
