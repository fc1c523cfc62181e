"""What a secret looks like, wherever it stands in a text."""
