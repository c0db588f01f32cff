"""What is wrong in a variant of the depot, by framework, and who is to say so."""
