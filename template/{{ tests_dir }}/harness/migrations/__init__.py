"""The migration kit: one walk through the history of migrations, and the checks that look on."""
