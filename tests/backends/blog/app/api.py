import secrets

from flask import Blueprint
from flask_httpauth import HTTPBasicAuth, HTTPTokenAuth

from app import db
from app.models import User

bp = Blueprint("api", __name__)
basic_auth = HTTPBasicAuth()
token_auth = HTTPTokenAuth()


@basic_auth.verify_password
def verify_password(username, password):
    user = db.session.scalar(db.select(User).where(User.username == username))
    return user if user and user.check_password(password) else None


@token_auth.verify_token
def verify_token(token):
    return db.session.scalar(db.select(User).where(User.token == token))


@bp.route("/tokens", methods=["POST"])
@basic_auth.login_required
def create_token():
    user = basic_auth.current_user()
    user.token = secrets.token_hex(16)
    db.session.commit()
    return {"token": user.token}
