"""The benchmark of the ledger measures accounts that the ledger would have made."""

import pytest
import sqlalchemy as sa

from bench.figures import Figure
from bench.ledger import databases, measured
from bench.ledger.lives import LOTS, Tables, life
from retention.loyalty.ledger.decide import decide
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.rebuild import rebuild
from retention.loyalty.ledger.records import Records
from retention.storage.sql import SqlLedgerStore


def test_a_long_life_is_what_the_ledger_would_have_made_of_it() -> None:
    copied, decided = life(60), life(2 * LOTS + 1)
    head = decided.head
    while head.seq < 60:
        command, now = decided.next()
        head = decide(head, Records(), command, now).head
    assert copied.head.totals == head.totals
    assert (copied.head.open, copied.head.at, copied.head.seq) == (head.open, head.at, head.seq)


def test_it_is_stored_as_the_store_would_have(tmp_path: object) -> None:
    lived = life(80)
    engine = sa.create_engine(f"sqlite:///{tmp_path}/ledger.db")
    Tables.of(lived).write(engine)
    ledger = Ledger(store=SqlLedgerStore(engine))
    entries = list(ledger.entries(lived.account))
    assert rebuild(lived.account, entries, version=80) == ledger.store.load(lived.account).head
    command, now = lived.next()
    assert ledger.run(lived.account, command, now=now).amount == 1
    engine.dispose()


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_every_figure_is_there_with_its_goal(
    where: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if where == "postgresql":
        monkeypatch.setenv("RETENTION_POSTGRES", request.getfixturevalue("postgres_url"))
    monkeypatch.setattr(measured, "DATABASES", {where: databases.DATABASES[where]})
    found = {each.name: each for each in measured.figures(short=40, long=80, rounds=1)}
    goals = {name: each.goal for name, each in found.items() if isinstance(each, Figure) and each.goal is not None}
    assert goals == {
        "ledger/balance, growth/pure": 1.2,
        "ledger/redeem, growth/pure": 1.2,
        f"ledger/balance, growth/{where}": 1.2,
        f"ledger/redeem, growth/{where}": 1.2,
        f"ledger/commit/{where}": 1.3,
    }
    assert all(isinstance(each, Figure) and each.value > 0 for each in found.values())
