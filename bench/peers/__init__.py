"""Contextual bandits of other libraries, each behind the same small policy, for the same replay.

A module here is imported only where its package is installed (`pip install equipoise[peers]`).
`policies(trial)` gives makers of policies by name; a policy says whether its probabilities are known.
"""
