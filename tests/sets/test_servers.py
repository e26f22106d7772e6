"""The servers that tests are given are what they say."""

from sqlalchemy import Engine, text


def test_postgres_is_an_empty_one(postgres: Engine) -> None:
    with postgres.connect() as connection:
        assert connection.dialect.name == "postgresql"
        assert connection.scalar(text("SHOW server_encoding")) == "UTF8"
        assert connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == 0
