"""Files that people write for mrbot: the server's settings and a repository's rules.

Both are strict: an unknown key is an error, and every error is told at once, with its line.
"""
