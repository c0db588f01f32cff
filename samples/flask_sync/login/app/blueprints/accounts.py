"""Accounts: signing up, forgotten passwords, and one's own data."""

from flask import Blueprint, Response, request

from app.authentication import current_user
from app.database import db
from app.exchange import Answer, answer, body, no_content
from app.pictures import MAX_BYTES, content_type
from app.repositories.avatars import AvatarRepository
from app.schemas.accounts import ForgottenPassword, MailSent, NewPassword, Signup, Verification
from app.schemas.users import UserRead
from app.services.accounts import AccountService

accounts = Blueprint("accounts", __name__, url_prefix="/auth")


@accounts.post("/signup")
def signup() -> Answer:
    """Open an account; the answer is the same for an address that has one."""
    data = body(Signup)
    AccountService(db.session()).signup(data.email, data.password.get_secret_value())
    return answer(MailSent(), 202)


@accounts.post("/verify")
def verify() -> Answer:
    """Show that an address is one's own, by the token sent to it."""
    AccountService(db.session()).verify(body(Verification).token)
    return no_content()


@accounts.post("/password/forgot")
def forgot_password() -> Answer:
    """Ask for a mail to set a new password with."""
    AccountService(db.session()).forgot_password(body(ForgottenPassword).email)
    return answer(MailSent(), 202)


@accounts.post("/password/reset")
def reset_password() -> Answer:
    """Set a new password; whoever is logged in with the old one no longer is."""
    data = body(NewPassword)
    AccountService(db.session()).reset_password(data.token, data.password.get_secret_value())
    return no_content()


@accounts.get("/me")
def me() -> Answer:
    """Tell who is logged in."""
    return answer(UserRead.of(current_user()))


@accounts.put("/me/avatar")
def upload_avatar() -> Answer:
    """Set one's picture: a PNG or JPEG file, in the field `file` of a form."""
    user = current_user()
    content = request.files["file"].stream.read(MAX_BYTES + 1)
    AvatarRepository(db.session()).put(user, content_type(content), content)
    return no_content()


@accounts.get("/me/avatar")
def read_avatar() -> Response:
    """Get one's picture."""
    avatar = AvatarRepository(db.session()).get(current_user())
    return Response(avatar.content, mimetype=avatar.content_type)
