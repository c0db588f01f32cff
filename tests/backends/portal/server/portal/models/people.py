from sqlalchemy import BigInteger, Column, ForeignKey, String

from portal.models.base import Table


class PortalUser(Table):
    __tablename__ = "people"

    id = Column(BigInteger, primary_key=True)
    login = Column(String(60), unique=True)
    pw_hash = Column(String(200))
    kind = Column(String(10))


class Guest(PortalUser):
    pass


class Visit(Table):
    __tablename__ = "visits"

    id = Column(BigInteger, primary_key=True)
    person_id = Column(ForeignKey("people.id"))
