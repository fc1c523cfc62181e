"""HCL, YAML and JSON as values with their lines, read strictly; nothing here knows what they mean."""
