from functools import wraps

from flask import abort
from flask_jwt_extended import JWTManager, current_user, jwt_required
from werkzeug.security import check_password_hash, generate_password_hash

from festival.models import Role, User, db

jwt = JWTManager()


@jwt.user_lookup_loader
def user_of(header, claims):
    return db.session.get(User, int(claims["sub"]))


def hash_password(password):
    return generate_password_hash(password)


def authenticate(email, password):
    user = db.session.scalar(db.select(User).where(User.email == email))
    if user is None or not check_password_hash(user.password_hash, password):
        return None
    return user


def admins_only(view):
    @wraps(view)
    @jwt_required()
    def inner(**values):
        if current_user.role not in (Role.owner, Role.admin):
            abort(403)
        return view(**values)

    return inner
