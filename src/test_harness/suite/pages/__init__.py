"""Pages that people look at: one file each, that asks nobody for anything."""
