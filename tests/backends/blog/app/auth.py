from flask import Blueprint, redirect, render_template_string
from flask_login import login_required, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, SubmitField

from app import db, limiter
from app.models import User

bp = Blueprint("auth", __name__)


class LoginForm(FlaskForm):
    username = StringField("Username")
    password = PasswordField("Password")
    submit = SubmitField("Log in")


@bp.route("/login", methods=["GET", "POST"])
@limiter.limit("20/minute")
def login():
    form = LoginForm()
    if form.validate_on_submit():
        user = db.session.scalar(db.select(User).where(User.username == form.username.data))
        if user is None or not user.check_password(form.password.data):
            return redirect("/auth/login")
        login_user(user)
        return redirect("/auth/profile")
    return render_template_string("<form>{{ form.csrf_token }}</form>", form=form)


@bp.route("/logout")
def logout():
    logout_user()
    return redirect("/auth/login")


@bp.route("/profile")
@login_required
def profile():
    return "you"
