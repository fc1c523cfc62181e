"""A small GitLab- and GitHub-compatible host backed by real git.

It speaks the part of both REST APIs that mrbot uses, sends the same signed webhooks, and refuses
what the real hosts refuse. It serves `mrbot demo`, trying policies, and mrbot's own tests. It
imports nothing of mrbot outside this package, so that it cannot share a mistake with what it tests.

Not modelled: forks, discussions on lines, merge trains and queues, GraphQL, paid tiers.
"""

from mrbot.sandbox.server import Sandbox

__all__ = ["Sandbox"]
