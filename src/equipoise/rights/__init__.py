"""What a person may ask of the house: requests with their clock, erasure, correction, and contest."""
