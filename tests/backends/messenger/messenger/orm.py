from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import as_declarative, declared_attr


@as_declarative()
class BaseModel:
    id = Column(Integer, primary_key=True)

    @declared_attr
    def __tablename__(cls):
        return cls.__name__.lower()


class Users(BaseModel):
    email = Column(String(200), unique=True)
    hashed_password = Column(String(200))


class Message(BaseModel):
    sender_id = Column(ForeignKey("users.id"))
    text = Column(String(2000))


def archive_of(model):
    return type(f"{model.__name__}Archive", (BaseModel,), {})


MessageArchive = archive_of(Message)
