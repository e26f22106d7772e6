"""Rules as one SELECT over the host's own tables (SQLAlchemy 2.1 Core). The public door is ``retention.sql``."""
