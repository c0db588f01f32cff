"""The tables of `app`, in the ORM of Django."""
