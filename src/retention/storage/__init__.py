"""Where a host's accounts are kept: in memory for tests and examples, in SQL through SQLAlchemy."""
