"""A whole house in open tables: read through the port of any store, and written through its one commit."""
