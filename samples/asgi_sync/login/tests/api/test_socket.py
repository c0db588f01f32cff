"""/ws: members of an organisation talk to each other through sockets."""

import pytest

from factories import MembershipFactory, OrganisationFactory, UserFactory


@pytest.fixture
def organisation(db):
    return OrganisationFactory.create()


@pytest.fixture
def member(organisation, credential_of):
    """Return a function that gives what a new member shows."""

    def credential(email):
        membership = MembershipFactory.create(organisation=organisation, user__email=email)
        return credential_of(membership.user)

    return credential


@pytest.fixture
def send(organisation):
    """Return a function that sends a message about the organisation."""

    def message(socket, action, **fields):
        socket.send_json({"action": action, "organisation_id": str(organisation.id), **fields})

    return message


@pytest.fixture
def heard(organisation):
    """Return a function that gives what a client hears next about the organisation."""

    def message(socket):
        content = socket.receive_json()
        assert content.pop("organisation_id") == str(organisation.id)
        return content

    return message


def test_members_hear_each_other(open_socket, member, send, heard):
    ada, bob = member("ada@example.com"), member("bob@example.com")
    with open_socket(ada) as first, open_socket(bob) as second:
        send(first, "join")
        assert heard(first) == {"present": ["ada@example.com"]}
        send(second, "join")
        both = {"present": ["ada@example.com", "bob@example.com"]}
        assert [heard(first), heard(second)] == [both, both]

        send(first, "say", text="hello")

        said = {"from": "ada@example.com", "text": "hello"}
        assert [heard(first), heard(second)] == [said, said]


def test_who_goes_is_gone(open_socket, member, send, heard):
    ada, bob = member("ada@example.com"), member("bob@example.com")
    with open_socket(ada) as first:
        send(first, "join")
        heard(first)
        with open_socket(bob) as second:
            send(second, "join")
            heard(first)
        assert heard(first) == {"present": ["ada@example.com"]}


def test_a_stranger_hears_nothing(open_socket, credential_of, member, send):
    stranger = credential_of(UserFactory.create())
    ada = member("ada@example.com")
    with open_socket(ada) as first, open_socket(stranger) as second:
        send(first, "join")
        first.receive_json()
        send(second, "join")
        assert second.receive_json() == {"error": "No such organisation."}

        send(first, "say", text="hello")

        assert second.receives_nothing()


def test_what_is_no_message_is_answered(open_socket, member):
    with open_socket(member("ada@example.com")) as socket:
        socket.send_text("hello")
        assert socket.receive_json() == {"error": "This is no message."}
