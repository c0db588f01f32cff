from sqlalchemy.orm import declarative_base

Base = declarative_base()


class OldUser(Base):
    __tablename__ = "old_users"
