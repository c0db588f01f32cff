from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.security import get_password_hash, verify_password
from app.models.user import User
from app.schemas.user import UserCreate, UserUpdateMe
from app.services.exceptions import ConflictError


def get_by_email(db: Session, email: str) -> User | None:
    return db.scalar(select(User).where(func.lower(User.email) == email.lower()))


def authenticate(db: Session, *, email: str, password: str) -> User | None:
    user = get_by_email(db, email)
    if user is None or not verify_password(password, user.hashed_password):
        return None
    return user


def record_login(db: Session, user: User) -> None:
    user.last_login_at = datetime.now(UTC)
    db.commit()


def list_users(db: Session, *, skip: int = 0, limit: int = 100) -> tuple[list[User], int]:
    count = db.scalar(select(func.count()).select_from(User)) or 0
    users = db.scalars(select(User).order_by(User.id).offset(skip).limit(limit)).all()
    return list(users), count


def create_user(db: Session, data: UserCreate) -> User:
    if get_by_email(db, data.email) is not None:
        raise ConflictError("A user with this email already exists")
    user = User(
        **data.model_dump(exclude={"password"}),
        hashed_password=get_password_hash(data.password),
    )
    db.add(user)
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        raise ConflictError("A user with this email already exists") from None
    db.refresh(user)
    return user


def update_me(db: Session, user: User, data: UserUpdateMe) -> User:
    if data.full_name is not None:
        user.full_name = data.full_name
    if data.password is not None:
        user.hashed_password = get_password_hash(data.password)
    db.commit()
    db.refresh(user)
    return user
