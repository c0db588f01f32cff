import secrets
import smtplib
from datetime import timedelta
from email.message import EmailMessage

from flask import Blueprint, abort, current_app, request
from flask_jwt_extended import current_user

from festival.accounts import text_in
from festival.models import Invitation, User, db, now
from festival.security import admins_only, hash_password

pages = Blueprint("invitations", __name__)
GOOD_FOR = timedelta(days=7)


def send(invitation):
    message = EmailMessage()
    message["From"], message["To"] = "festival@example.com", invitation.email
    message["Subject"] = "You are invited"
    message.set_content(f"https://festival.example/join?token={invitation.token}")
    with smtplib.SMTP(current_app.config["MAIL_HOST"]) as server:
        server.send_message(message)


def of_mine(key):
    found = db.session.get(Invitation, key)
    if found is None or found.organisation_id != current_user.organisation_id:
        abort(404)
    return found


@pages.post("/invitations")
@admins_only
def invite():
    email = text_in(request.get_json(), "email")
    if not email.isascii() or "@" not in email or any(it.isspace() for it in email):
        abort(400)
    made = Invitation(
        organisation_id=current_user.organisation_id,
        email=email,
        token=secrets.token_urlsafe(),
        ends_at=now() + GOOD_FOR,
    )
    db.session.add(made)
    db.session.commit()
    send(made)
    return {"id": made.id, "email": made.email}, 201


@pages.post("/invitations/<int:key>/resend")
@admins_only
def resend(key):
    send(of_mine(key))
    return {"id": key}


@pages.delete("/invitations/<int:key>")
@admins_only
def cancel(key):
    db.session.delete(of_mine(key))
    db.session.commit()
    return "", 204


@pages.post("/invitations/accept")
def accept():
    body = request.get_json()
    token, password = text_in(body, "token"), text_in(body, "password")
    found = db.session.scalar(
        db.select(Invitation).where(Invitation.token == token).with_for_update()
    )
    if found is None or found.accepted_at is not None or found.ends_at < now():
        abort(400)
    if db.session.scalar(db.select(User).where(User.email == found.email)):
        abort(409)
    found.accepted_at = now()
    db.session.add(
        User(
            email=found.email,
            password_hash=hash_password(password),
            organisation_id=found.organisation_id,
        )
    )
    db.session.commit()
    return {"email": found.email}
