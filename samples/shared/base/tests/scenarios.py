"""Scenarios: rows that tests, `make seed` and end-to-end tests share, each under a name."""

from factories import ItemFactory, OrganisationFactory


def demo():
    """Two organisations, one of which has items."""
    busy = OrganisationFactory.create(name="Busy")
    return {
        "busy": busy,
        "idle": OrganisationFactory.create(name="Idle"),
        "items": ItemFactory.create_batch(5, organisation=busy),
    }
