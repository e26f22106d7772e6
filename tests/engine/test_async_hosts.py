"""A host on asyncio, with a connection of SQLAlchemy's own asyncio in whose transaction the engine works."""

import asyncio

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from retention.shell.handling import Handled
from retention.storage.shop.sql import SqlShopStore
from tests.engine.shop import ANNA, NOON, agreed, order, shop


class Declined(Exception):
    """The card was."""


def test_the_engine_works_in_the_transaction_of_an_asynchronous_session(postgres_ledger: Engine) -> None:
    retention = shop(SqlShopStore(postgres_ledger))

    def within(connection: Connection) -> Handled:
        inside = retention.using(SqlShopStore.on(connection))
        inside.handle(ANNA, now=NOON)
        inside.consent("anna", agreed(), now=NOON)
        return inside.handle("anna", order(), now=NOON)

    async def buy(*, paid: bool) -> Handled:
        engine = create_async_engine(postgres_ledger.url)
        try:
            async with AsyncSession(engine) as session, session.begin():
                await session.execute(text("SELECT 1"))
                handled = await (await session.connection()).run_sync(within)
                if not paid:
                    raise Declined
                return handled
        finally:
            await engine.dispose()

    with pytest.raises(Declined):
        asyncio.run(buy(paid=False))
    assert retention.ask("anna") is None
    assert [key for key, _, _ in asyncio.run(buy(paid=True)).changes] == ["buyers"]
    asked = retention.ask("anna", now=NOON)
    assert asked is not None
    assert asked.segments == ["buyers"]
