"""Act: actions leave once, after their receipt, with a last look at every attempt."""
