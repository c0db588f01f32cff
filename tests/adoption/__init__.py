"""What a harness does to the repository of a team that has one already."""
