"""Factories: each row is valid by default, and a test states only what matters to it."""

from factories.avatar import AvatarFactory as AvatarFactory
from factories.failed_login import FailedLoginFactory as FailedLoginFactory
from factories.item import ItemFactory as ItemFactory
from factories.membership import MembershipFactory as MembershipFactory
from factories.one_time_token import OneTimeTokenFactory as OneTimeTokenFactory
from factories.organisation import OrganisationFactory as OrganisationFactory
from factories.refresh_session import RefreshSessionFactory as RefreshSessionFactory
from factories.user import UserFactory as UserFactory
