"""How long something may take, and what is said of what does not end."""
