"""The databases that the statements run on here."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa


@pytest.fixture(params=["sqlite", "duckdb", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[sa.Connection]:
    """A connection; what is done on it is rolled back."""
    if request.param == "postgresql":
        engine: sa.Engine = request.getfixturevalue("postgres")
    else:
        engine = sa.create_engine({"sqlite": "sqlite:///:memory:", "duckdb": "duckdb:///:memory:"}[request.param])
    with engine.connect() as connection:
        yield connection
        connection.rollback()
    if request.param != "postgresql":
        engine.dispose()
