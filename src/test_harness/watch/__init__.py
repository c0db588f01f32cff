"""What tests leave behind, in which order they hold, what they cost, and what happens at once."""
