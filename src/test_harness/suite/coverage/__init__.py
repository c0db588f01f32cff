"""What tests reach of the code, layer by layer, and what of what has changed."""
