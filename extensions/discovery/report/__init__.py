"""What is told of it all: the facts, the answers proposed, and the texts for a person."""
