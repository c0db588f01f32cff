from sqlalchemy import Column, Integer, MetaData, Numeric, String, Table

metadata = MetaData()

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", String(40)),
    Column("amount", Numeric(12, 2)),
)
