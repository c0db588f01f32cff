"""Accounts: opening one, proving whose it is, and getting back in."""

import asyncio
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app import mail
from app.config import settings
from app.errors import Conflict, TooManyRequests, Unauthorized
from app.models import Purpose, User
from app.models.base import utc_now
from app.passwords import DECOY_HASH, hash_password, verify_password
from app.repositories.failed_logins import FailedLoginRepository
from app.repositories.one_time_tokens import OneTimeTokenRepository
from app.repositories.users import UserRepository


class AccountService:
    """Knows users by their passwords, and by the mails they get.

    None of the answers tells whether an address has an account; only its mailbox is told.
    """

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.users = UserRepository(session)
        self.tokens = OneTimeTokenRepository(session)
        self.failed_logins = FailedLoginRepository(session)

    async def signup(self, email: str, password: str) -> None:
        """Open an account, which is of use once its address is verified."""
        password_hash = await asyncio.to_thread(hash_password, password)
        try:
            user = await self.users.add(User(email=email, password_hash=password_hash))
        except Conflict:
            await self.session.rollback()
            await asyncio.to_thread(mail.send_known, email)
        else:
            token = await self.tokens.issue(user, Purpose.VERIFY)
            await asyncio.to_thread(mail.send_verification, email, token)

    async def verify(self, token: str) -> None:
        """Take an address as verified. Raises Invalid."""
        user = await self.tokens.redeem(token, Purpose.VERIFY)
        user.is_verified = True

    async def authenticate(self, email: str, password: str) -> User:
        """Return the user with this password.

        Raises Unauthorized, alike for every reason to refuse, and TooManyRequests.
        """
        window = timedelta(minutes=settings.login_window_minutes)
        failures = await self.failed_logins.count(email, since=utc_now() - window)
        if failures >= settings.login_attempts:
            raise TooManyRequests("Too many failed logins; try again later.")
        user = await self.users.find_by_email(email)
        password_hash = user.password_hash if user else DECOY_HASH
        matches = await asyncio.to_thread(verify_password, password, password_hash)
        if user is None or not matches or not user.is_active or not user.is_verified:
            await self.failed_logins.add(email)
            # The error rolls the request back; the failure has to be remembered.
            await self.session.commit()
            raise Unauthorized("Wrong email address or password.")
        if failures:
            await self.failed_logins.forget(email)
        return user

    async def forgot_password(self, email: str) -> None:
        """Send a link to set a new password with."""
        user = await self.users.find_by_email(email)
        if user is None:
            await asyncio.to_thread(mail.send_unknown, email)
        else:
            token = await self.tokens.issue(user, Purpose.RESET)
            await asyncio.to_thread(mail.send_reset, email, token)

    async def reset_password(self, token: str, password: str) -> None:
        """Set a new password, which ends all logins with the old one. Raises Invalid."""
        user = await self.tokens.redeem(token, Purpose.RESET)
        user.password_hash = await asyncio.to_thread(hash_password, password)
        user.password_version += 1
        # Whoever reads mails to the address owns it.
        user.is_verified = True
        await self.failed_logins.forget(user.email)
