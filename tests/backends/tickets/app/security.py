from litestar.connection import ASGIConnection
from litestar.security.jwt import OAuth2PasswordBearerAuth, Token
from pwdlib import PasswordHash

from app.config import settings
from app.db import sqlalchemy_config
from app.models import Member

password_hasher = PasswordHash.recommended()


async def member_from_token(token: Token, connection: ASGIConnection) -> Member | None:
    async with sqlalchemy_config.get_session() as session:
        return await session.get(Member, token.sub)


oauth2 = OAuth2PasswordBearerAuth[Member](
    retrieve_user_handler=member_from_token,
    token_secret=settings.secret_key.get_secret_value(),
    token_url="/accounts/auth/login",
    exclude=["/accounts/auth", "/health", "/schema"],
)
