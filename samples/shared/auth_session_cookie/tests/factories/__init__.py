"""Factories: each row is valid by default, and a test states only what matters to it."""

from factories.avatars import AvatarFactory as AvatarFactory
from factories.failed_logins import FailedLoginFactory as FailedLoginFactory
from factories.items import ItemFactory as ItemFactory
from factories.logins import LoginFactory as LoginFactory
from factories.memberships import MembershipFactory as MembershipFactory
from factories.one_time_tokens import OneTimeTokenFactory as OneTimeTokenFactory
from factories.organisations import OrganisationFactory as OrganisationFactory
from factories.users import UserFactory as UserFactory
