"""Organisations."""

from factory import Sequence

from app.models import Organisation
from test_harness import ModelFactory


class OrganisationFactory(ModelFactory):
    class Meta:
        model = Organisation

    name = Sequence(lambda n: f"Organisation {n}")
