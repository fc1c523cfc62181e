"""Kubernetes manifests, wherever they are written."""
