"""Ansible: playbooks, roles, variables, inventories, requirements and settings."""
