"""What a person takes away: one archive that they can open, a program can read, and anybody can check."""
