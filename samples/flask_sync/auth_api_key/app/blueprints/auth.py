"""Getting a key, and giving it up."""

from flask import Blueprint

from app.authentication import current_user
from app.database import db
from app.exchange import Answer, answer, body, no_content
from app.schemas.accounts import Credentials
from app.schemas.auth import ApiKey
from app.services.accounts import AccountService
from app.services.keys import KeyService

auth = Blueprint("auth", __name__, url_prefix="/auth")


@auth.post("/login")
def login() -> Answer:
    """Trade email address and password for a key."""
    data = body(Credentials)
    password = data.password.get_secret_value()
    user = AccountService(db.session()).authenticate(data.email, password)
    return answer(ApiKey.of(user))


@auth.post("/logout")
def logout() -> Answer:
    """Have the key stop working."""
    KeyService(db.session()).revoke(current_user())
    return no_content()
