"""Handles become people, deterministically and with the evidence, so that a join can be undone."""
