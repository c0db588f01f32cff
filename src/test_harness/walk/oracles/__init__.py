"""What looks at visits: one module for each kind of fault, with a function `findings`."""
