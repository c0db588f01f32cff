"""The history of migrations: one walk through it, with rows, and the checks that look on."""

from test_harness.runtime.colours import leave_out_colours

# Before any of its modules imports Alembic.
leave_out_colours()
