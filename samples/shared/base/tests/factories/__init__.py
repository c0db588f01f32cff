"""Factories: each row is valid by default, and a test states only what matters to it."""

from factories.items import ItemFactory as ItemFactory
from factories.organisations import OrganisationFactory as OrganisationFactory
