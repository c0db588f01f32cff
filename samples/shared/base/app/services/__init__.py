"""The rules of the domain, without HTTP and without queries."""
