"""The steps from one shape of the tables to the next, in the order of their numbers (Alembic)."""
