import os

from sqlalchemy import create_engine, insert

from ledger.tables import entries, metadata

URLS = {"sqlite": "sqlite:///ledger.db", "mysql": "mysql+pymysql://ledger@localhost/ledger"}


def open_book():
    engine = create_engine(URLS[os.getenv("LEDGER_ENGINE", "sqlite")])
    metadata.create_all(engine)
    return engine


def book(engine, account, amount):
    with engine.begin() as connection:
        connection.execute(insert(entries).values(account=account, amount=amount))
