"""What Alembic runs: the steps, on the connection and in the transaction of who asks for them."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine

from settings import load_settings
from tutoring import learner_records  # noqa: F401 - its tables are compared too
from tutoring.database import url_of
from tutoring.tables import Base

connection = context.config.attributes.get("connection")
if connection is None:  # a developer's `alembic revision --autogenerate` on the database that the settings name
    connection = create_engine(url_of(load_settings())).connect()
context.configure(connection=connection, target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
