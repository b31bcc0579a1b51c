"""Plays: reading and checking what a marketer wrote, conditions, phrases and wording."""
