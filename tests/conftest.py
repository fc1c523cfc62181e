"""What holds for every test."""

from hypothesis import settings

settings.register_profile("untimed", settings(settings.default, deadline=None))
settings.load_profile("untimed")
