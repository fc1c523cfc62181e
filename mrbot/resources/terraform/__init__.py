"""Terraform and OpenTofu: what configuration declares, and which types hold data."""
