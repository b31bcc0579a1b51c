"""Figures about many people that leave with noise: what may be asked, what it costs, how it is counted."""
