"""Frozen records that travel between the rooms; no behaviour beyond validation."""
