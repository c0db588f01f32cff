"""The walk over the routes: what each of them answers to whom, and what looks on."""
