"""The library at work on a year of a real grocer's history."""
