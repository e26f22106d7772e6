"""What turns the data that a shop already has into facts."""
