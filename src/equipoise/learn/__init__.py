"""What is learnt from outcomes: values, lifetimes and rehearsals, each as an immutable, hashed version."""
