"""Refresh sessions in the database."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.errors import Unauthorized
from app.models.base import utc_now
from app.repositories.sessions import RefreshSessionRepository
from app.tokens import Claims
from factories import UserFactory

TOMORROW = utc_now() + timedelta(days=1)
YESTERDAY = utc_now() - timedelta(days=1)


@pytest.fixture
def sessions(db):
    return RefreshSessionRepository(db)


def claims_of(refresh_session, **others):
    """Return what a token of a session says, but for what is given."""
    said = {
        "user_id": refresh_session.user_id,
        "password_version": 1,
        "session_id": refresh_session.id,
        "token_id": refresh_session.token_id,
    }
    return Claims(**{**said, **others})


def assert_ended(sessions, claims):
    with pytest.raises(Unauthorized, match="The session has ended"):
        sessions.get_live(claims)


def test_a_started_session_is_live(sessions):
    started = sessions.start(UserFactory.create(), TOMORROW)

    assert sessions.get_live(claims_of(started)) is started


@pytest.mark.parametrize("other", [{"session_id": uuid4()}, {"password_version": 2}])
def test_an_unknown_session_or_one_of_another_password_has_ended(sessions, other):
    started = sessions.start(UserFactory.create(), TOMORROW)

    assert_ended(sessions, claims_of(started, **other))


def test_a_session_ends_when_it_expires(sessions):
    started = sessions.start(UserFactory.create(), YESTERDAY)

    assert_ended(sessions, claims_of(started))


def test_rotation_replaces_the_token_once(sessions):
    started = sessions.start(UserFactory.create(), TOMORROW)
    first_token = started.token_id
    later = TOMORROW + timedelta(days=1)

    assert sessions.rotate(started, first_token, later) is True
    second_token = started.token_id
    assert second_token != first_token
    assert started.expires_at == later

    assert sessions.rotate(started, first_token, TOMORROW) is False
    assert (started.token_id, started.expires_at) == (second_token, later)
