"""Ways out: what a channel is, and those that come with the library."""
