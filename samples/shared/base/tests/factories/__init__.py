"""Factories: each row is valid by default, and a test states only what matters to it."""

from factories.item import ItemFactory as ItemFactory
from factories.organisation import OrganisationFactory as OrganisationFactory
