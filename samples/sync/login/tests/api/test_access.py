"""Who may do what: every route, against strangers, other tenants, and roles too low."""

from uuid import uuid4

import pytest
from test_harness import assert_not_found, assert_status

from app.models import Role
from factories import ItemFactory, MembershipFactory, UserFactory

ORGANISATION = "/organisations/{organisation}"
ITEMS = ORGANISATION + "/items"
ITEM = ITEMS + "/{item}"
MEMBERS = ORGANISATION + "/members"
MEMBER = MEMBERS + "/{owner}"

VALID_BODIES = {
    ("POST", "/organisations"): {"name": "Mine"},
    ("PATCH", ORGANISATION): {"name": "Mine"},
    ("POST", ITEMS): {"sku": "MINE", "name": "Mine", "price_cents": 0},
    ("PATCH", ITEM): {"name": "Mine"},
    ("POST", MEMBERS): {"user_id": str(uuid4())},
    ("PATCH", MEMBER): {"role": "member"},
}
IN_AN_ORGANISATION = [
    ("GET", ORGANISATION),
    ("PATCH", ORGANISATION),
    ("GET", ITEMS),
    ("POST", ITEMS),
    ("GET", ITEM),
    ("PATCH", ITEM),
    ("DELETE", ITEM),
    ("GET", MEMBERS),
    ("POST", MEMBERS),
    ("PATCH", MEMBER),
    ("DELETE", MEMBER),
]
PROTECTED = [
    ("GET", "/auth/me"),
    ("GET", "/organisations"),
    ("POST", "/organisations"),
    *IN_AN_ORGANISATION,
]

NOT_LOGGED_IN = (401, {"detail": "You are not logged in."})
NO_ORGANISATION = (404, {"detail": "No such organisation."})
NEEDS_ADMIN = (403, {"detail": "This needs the role admin."})
NEEDS_OWNER = (403, {"detail": "This needs the role owner."})
MAY_NOT_REMOVE = (403, {"detail": "Your role does not let you remove this member."})

REFUSED = {
    Role.MEMBER: {
        ("PATCH", ORGANISATION): NEEDS_ADMIN,
        ("DELETE", ITEM): NEEDS_ADMIN,
        ("POST", MEMBERS): NEEDS_ADMIN,
        ("PATCH", MEMBER): NEEDS_OWNER,
        ("DELETE", MEMBER): MAY_NOT_REMOVE,
    },
    Role.ADMIN: {
        ("PATCH", MEMBER): NEEDS_OWNER,
        ("DELETE", MEMBER): MAY_NOT_REMOVE,
    },
}


@pytest.fixture
def item(db):
    return ItemFactory.create(name="Chair", organisation__name="Acme")


@pytest.fixture
def owner(item):
    return MembershipFactory.create(organisation=item.organisation, role=Role.OWNER)


@pytest.fixture
def answers(item, owner):
    """Send each route's request, and return what each is answered."""

    def send_all(client, routes):
        received = {}
        for method, path in routes:
            response = client.request(
                method,
                path.format(organisation=item.organisation_id, item=item.id, owner=owner.user_id),
                json=VALID_BODIES.get((method, path)),
            )
            body = response.json() if response.content else None
            received[method, path] = (response.status_code, body)
        return received

    return send_all


@pytest.fixture
def assert_untouched(db, item, owner):
    """Fail when the item, its organisation or the owner's role is not as it was."""

    def assert_all_untouched():
        organisation = item.organisation
        for row in (item, organisation, owner):
            db.refresh(row)
        assert (item.name, item.deleted_at) == ("Chair", None)
        assert organisation.name == "Acme"
        assert owner.role is Role.OWNER

    return assert_all_untouched


@pytest.mark.performance_budget(requests=len(PROTECTED))
def test_without_a_login_everything_is_refused(client, answers, assert_untouched):
    received = answers(client, PROTECTED)

    assert received == dict.fromkeys(PROTECTED, NOT_LOGGED_IN)
    assert_untouched()


@pytest.mark.performance_budget(requests=len(IN_AN_ORGANISATION))
def test_to_another_tenant_an_organisation_does_not_exist(client_as, answers, assert_untouched):
    other_tenant = MembershipFactory.create(role=Role.OWNER)

    received = answers(client_as(other_tenant.user), IN_AN_ORGANISATION)

    assert received == dict.fromkeys(IN_AN_ORGANISATION, NO_ORGANISATION)
    assert_untouched()


@pytest.mark.parametrize("role", REFUSED)
def test_what_needs_a_higher_role_is_refused(
    client_as_role, owner, answers, assert_untouched, role
):
    client = client_as_role(role, organisation=owner.organisation)

    received = answers(client, REFUSED[role])

    assert received == REFUSED[role]
    assert_untouched()


def test_an_admin_makes_no_owner(client_as_role, owner):
    client = client_as_role("admin", organisation=owner.organisation)
    path = f"/organisations/{owner.organisation_id}/members"
    data = {"user_id": str(uuid4()), "role": "owner"}

    body = assert_status(client.post(path, json=data), 403)

    assert body == {"detail": "Nobody hands out a role above their own."}


def test_the_item_of_another_tenant_is_not_found_in_the_own_organisation(client_as, item):
    other_tenant = MembershipFactory.create(role=Role.OWNER)
    client = client_as(other_tenant.user)
    path = f"/organisations/{other_tenant.organisation_id}/items/{item.id}"

    assert_not_found(client, path, item, methods=["GET", "PATCH", "DELETE"])


def test_an_unknown_organisation_looks_like_that_of_another_tenant(client_as, item):
    client = client_as(UserFactory.create())

    assert_not_found(
        client,
        f"/organisations/{item.organisation_id}",
        item.organisation,
        methods=["GET", "PATCH"],
    )
