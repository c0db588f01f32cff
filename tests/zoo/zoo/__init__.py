"""An application of mapped classes alone, with whatever SQLAlchemy lets people do."""
