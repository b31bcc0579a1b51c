"""What is remembered of a person: pure folds of events into profile, terms and contacts."""
