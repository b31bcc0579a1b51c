"""Equipoise: an engine for connected marketing that keeps both sides of the account."""
