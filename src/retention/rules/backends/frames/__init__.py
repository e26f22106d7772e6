"""Rules over data frames, through narwhals. The public door is ``retention.frames``."""
