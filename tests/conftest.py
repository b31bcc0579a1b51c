"""What holds for every test: none fails because the machine was busy."""

from hypothesis import settings

# A deadline per example would be an assertion on the wall clock.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
