"""The parts of the engine. ``retention.engine`` puts them together; what can be pure is."""
