"""Where the outside comes in; a door parses nothing, decides nothing, and answers when it is on disk."""
