"""Real PostgreSQL, a real Redis-protocol server, no mocks of our own code."""
