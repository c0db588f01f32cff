"""The history of migrations: one walk through it, with rows, and the checks that look on."""
