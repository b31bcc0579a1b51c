"""Who carries records to the engine and commits what comes of them."""
