from datetime import datetime

from flask_login import UserMixin
from werkzeug.security import check_password_hash, generate_password_hash

from app import db, login


class Timestamped:
    created_at = db.Column(db.DateTime, default=datetime.now)


class Model(db.Model):
    __abstract__ = True

    id = db.Column(db.BigInteger().with_variant(db.Integer, "sqlite"), primary_key=True)


class User(UserMixin, Timestamped, Model):
    username = db.Column(db.String(64), unique=True, index=True)
    email = db.Column(db.String(120), unique=True)
    password_hash = db.Column(db.String(256))
    token = db.Column(db.String(32), unique=True)

    def set_password(self, password):
        self.password_hash = generate_password_hash(password)

    def check_password(self, password):
        return check_password_hash(self.password_hash, password)


class Post(Timestamped, Model):
    title = db.Column(db.String(140))
    author_id = db.Column(db.ForeignKey("user.id"))


@login.user_loader
def load_user(number):
    return db.session.get(User, int(number))
