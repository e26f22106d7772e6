"""What the gate looks at, one idea a file; each check yields what it finds at one instant."""
