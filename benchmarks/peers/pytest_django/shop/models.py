"""As many tables as TABLES says: that of the users, and others that refer to it."""
# mypy: disable-error-code="import-not-found, misc"

from __future__ import annotations

import os

from django.db import models


class User(models.Model):
    """A user; one email is one user."""

    email = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=100)


for number in range(1, int(os.environ.get("TABLES", "10"))):
    columns = {
        "__module__": __name__,
        "name": models.CharField(max_length=100),
        "user": models.ForeignKey(User, on_delete=models.CASCADE),
    }
    type(f"Thing{number}", (models.Model,), columns)
