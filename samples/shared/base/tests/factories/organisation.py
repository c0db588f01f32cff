"""Organisations."""

from factory import Sequence
from test_harness import ModelFactory

from app.models import Organisation


class OrganisationFactory(ModelFactory):
    class Meta:
        model = Organisation

    name = Sequence(lambda n: f"Organisation {n}")
