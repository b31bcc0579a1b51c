"""One parser per source: bytes become events, or are refused with a reason."""
