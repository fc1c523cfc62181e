"""The code hosts: GitLab and GitHub, each behind the ports that the stages own.

`gitlab` and `github` never import each other; what they share is how a request is sent
(`transport`), how an answer is read (`answers`) and which error a bad answer becomes (`failures`).
"""
