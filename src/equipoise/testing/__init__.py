"""What proves Equipoise and what others may prove theirs with: exams, fakes, and the seeded town."""
