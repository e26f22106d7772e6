"""What is kept of an account comes back as it was, and belongs to another account after a merge."""

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction

import pytest
from attrs import evolve

from retention.errors import FactError
from retention.loyalty.errors import LedgerError
from retention.loyalty.ledger.commands import Adjust, Capture, Merge, Needs, Place, Refund, Return, Transfer, Void
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.rebuild import rebuild
from retention.loyalty.ledger.records import Claim, Records, Result
from retention.loyalty.ledger.store import LedgerStore
from retention.loyalty.ledger.terms import Fixed, Refunded
from retention.storage.memory import MemoryLedgerStore
from retention.testing.choices import Choices
from retention.testing.ledger_histories import Sent, write_history
from retention.testing.ledger_scenes import (
    ANNA,
    BEN,
    NOW,
    earning,
    everything,
    giving,
    redeeming,
    run,
    validity,
)
from retention.testing.ledger_tests import StoreTests

DAY = timedelta(days=1)


class Kept(StoreTests):
    """Records, and whom they belong to."""

    def test_only_what_is_needed_is_loaded(self, store: LedgerStore) -> None:
        run(store, ANNA, earning(100), earning(50, "more"), redeeming(10, "spend"))
        hold = Place(key="place", hold="h", amount=5, until=NOW + DAY)
        run(store, ANNA, hold, Void(key="void", hold="h"))
        nothing = store.load(ANNA).records
        assert nothing == Records()
        asked = Needs(
            orders=frozenset({"more", "no order"}),
            holds=frozenset({"h", "no hold"}),
            keys=frozenset({"spend", "no key"}),
            claims=frozenset({Claim("base", "more"), Claim("base", "no order"), Claim("no rule", "more")}),
        )
        some = store.load(ANNA, asked).records
        assert _names(some) == [{"more"}, {"h"}, {"spend"}]
        assert some.claims == {Claim("base", "more")}

    def test_the_order_of_an_open_hold_is_loaded_with_it(self, store: LedgerStore) -> None:
        run(store, ANNA, earning(100), redeeming(10, "spend"))
        run(store, ANNA, Place(key="place", hold="h", amount=5, until=NOW + DAY, order="spend"))
        asked = Needs(holds=frozenset({"h"}))
        assert store.load(ANNA, asked).records.orders.keys() == {"spend"}
        run(store, ANNA, Capture(key="capture", hold="h"))
        record = store.load(ANNA, Needs(orders=frozenset({"spend"}))).records.orders["spend"]
        assert sum(lot.amount for lot in record.spent) == 15

    def test_what_expired_of_a_lot_adds_up_and_can_be_taken_back(self, store: LedgerStore) -> None:
        lot, asked = validity(1), Needs(orders=frozenset({"earn"}))
        earn = evolve(earning(100, lot=lot), terms=Fixed(units=100, payable=100, minimum=1))
        run(store, ANNA, earn, Place(key="place", hold="h", amount=30, until=NOW + 2 * DAY))
        run(store, ANNA, giving(1, "later"), now=NOW + DAY)
        assert store.load(ANNA, asked).records.expired == {lot.id: 70}
        run(store, ANNA, giving(1, "later still"), now=NOW + 2 * DAY)
        assert store.load(ANNA, asked).records.expired == {lot.id: 100}
        refund = Refund(key="refund", order="earn", refunded=Refunded(100))
        run(store, ANNA, refund, now=NOW + 2 * DAY)
        assert store.load(ANNA, asked).records.expired.get(lot.id, 0) == 0

    def test_a_record_is_replaced_by_its_later_form(self, store: LedgerStore) -> None:
        run(store, ANNA, earning(100), redeeming(10, "spend"))
        for number in range(1, 5):
            run(store, ANNA, Return(key=f"return-{number}", order="spend", share=Fraction(1, 4)))
            record = store.load(ANNA, Needs(orders=frozenset({"spend"}))).records.orders["spend"]
            assert (record.share, record.returned) == (Fraction(number, 4), 10 * number // 4)

    def test_a_command_that_is_sent_again_gives_its_first_result(self, store: LedgerStore) -> None:
        ledger = Ledger(store=store)
        first = [ledger.run(ANNA, each, now=NOW) for each in (earning(100), redeeming(30, "spend"))]
        asked = Needs(keys=frozenset({"earn", "spend"}))
        before = everything(store, [ANNA], asked)
        again = [ledger.run(ANNA, each, now=NOW + DAY) for each in (earning(100), redeeming(30, "spend"))]
        assert again == first
        assert all(each.replayed for each in again)
        assert everything(store, [ANNA], asked) == before

    @pytest.mark.parametrize("name", ["세라", "o'hara", 'a"b', "100%", " a ", "\x01\n", "\U0001f381", "\\0", "a" * 300])
    def test_every_text_that_a_command_takes_is_kept(self, store: LedgerStore, name: str) -> None:
        account = Account(name, name)
        gift = Adjust(key=name, amount=9, reason=name, actor=name, validity=validity(None))
        run(store, account, gift, evolve(redeeming(1, f"{name} spend"), order=name, reason=name, actor=name))
        run(store, account, Place(key=f"{name} place", hold=name, amount=1, until=NOW + DAY, order=None))
        asked = Needs(orders=frozenset({name}), keys=frozenset({name}))
        records = store.load(account, asked).records
        assert (set(records.orders), set(records.done)) == ({name}, {name})
        assert [(each.reason, each.actor) for each in store.entries(account)] == [(name, name)] * 3 + [(None, None)]
        assert [hold.id for hold in store.load(account).head.holds] == [name]
        assert list(store.accounts(name)) == [account]

    @pytest.mark.parametrize("make", [lambda: Account("mileage", "a\0b"), lambda: redeeming(1, "k\0")])
    def test_what_no_database_keeps_is_in_no_command(self, store: LedgerStore, make: Callable[[], object]) -> None:
        with pytest.raises(FactError, match="NUL"):
            make()
        assert list(store.accounts("mileage")) == []

    def test_records_belong_to_the_account_that_another_was_merged_into(self, store: LedgerStore) -> None:
        lot = validity(1)
        run(store, ANNA, earning(100, lot=lot), redeeming(30, "spend"), giving(40, "give"))
        run(store, ANNA, Place(key="place", hold="h", amount=5, until=NOW + DAY), Void(key="void", hold="h"))
        later = NOW + DAY
        Ledger(store=store).move(ANNA, Merge(key="merge", to=BEN), now=later)
        asked = Needs(orders=frozenset({"earn", "spend"}), holds=frozenset({"h"}), keys=frozenset({"earn", "spend"}))
        left, arrived = (store.load(each, asked).records for each in (ANNA, BEN))
        assert _names(left) == [set(), set(), {"earn", "spend"}]
        assert _names(arrived) == [{"earn", "spend"}, {"h"}, {"earn", "spend"}]
        assert (left.expired, arrived.expired) == ({}, {lot.id: 70})

    def test_a_command_sent_again_after_a_merge_is_known_in_both_accounts(self, store: LedgerStore) -> None:
        ledger = Ledger(store=store)
        run(store, ANNA, earning(100), giving(40, "give"))
        run(store, BEN, giving(7, "give"))
        merge = Merge(key="merge", to=BEN)
        ledger.move(ANNA, merge, now=NOW)
        for account in (ANNA, BEN):
            result = ledger.run(account, earning(100), now=NOW + DAY)
            assert (result.replayed, result.amount) == (True, 100)
        assert ledger.move(ANNA, merge, now=NOW + DAY).replayed
        kept = [ledger.run(BEN, giving(7, "give"), now=NOW), ledger.run(ANNA, giving(40, "give"), now=NOW)]
        assert [(each.replayed, each.amount) for each in kept] == [(True, 7), (True, 40)], "of both, each has its own"
        assert store.load(BEN).head.available == 147

    def test_keys_go_on_through_a_second_merge(self, store: LedgerStore) -> None:
        ledger, cleo = Ledger(store=store), Account("mileage", "cleo")
        run(store, ANNA, earning(100))
        ledger.move(ANNA, Merge(key="to-ben", to=BEN), now=NOW)
        ledger.move(BEN, Merge(key="to-cleo", to=cleo), now=NOW)
        assert all(ledger.run(each, earning(100), now=NOW).replayed for each in (ANNA, BEN, cleo))
        assert store.load(cleo).head.available == 100

    def test_what_takes_back_after_a_merge_points_at_no_entry_of_another_account(self, store: LedgerStore) -> None:
        run(store, BEN, giving(1, "give"), giving(2, "more"))
        earn = evolve(earning(100), terms=Fixed(units=100, payable=100, minimum=1))
        run(store, ANNA, earn, redeeming(30, "spend"))
        Ledger(store=store).move(ANNA, Merge(key="merge", to=BEN), now=NOW)
        before = store.load(BEN).head.seq
        back = Return(key="return", order="spend", share=Fraction(1))
        run(store, BEN, back, Refund(key="refund", order="earn", refunded=Refunded(100)))
        entries = store.entries(BEN, after=before)
        assert {each.order for each in entries} == {"earn", "spend"}
        assert {each.corrects for each in entries} == {None}

    def test_of_one_order_in_both_accounts_the_records_are_joined(self, store: LedgerStore) -> None:
        lot = validity(1)
        for account, name in ((ANNA, "anna"), (BEN, "ben")):
            run(store, account, giving(40, f"give-{name}"), earning(10, f"earn-{name}", order=f"order-{name}", lot=lot))
            run(store, account, redeeming(20, "spend"), Place(key="place", hold="h", amount=5, until=NOW + DAY))
            run(store, account, Void(key="void", hold="h"))
        Ledger(store=store).move(ANNA, Merge(key="merge", to=BEN), now=NOW + DAY)
        asked = Needs(orders=frozenset({"spend", "order-anna"}), holds=frozenset({"h"}))
        records = store.load(BEN, asked).records
        assert sum(each.amount for each in records.orders["spend"].spent) == 40
        assert records.holds.keys() == {"h"}
        assert store.load(ANNA, asked).records.orders == {}
        before = store.load(BEN).head.available
        run(store, BEN, Return(key="return", order="spend", share=Fraction(1)), now=NOW + DAY)
        dropped = 40 - (store.load(BEN).head.available - before)
        assert dropped == sum(each.amount for each in records.orders["spend"].spent if each.id == lot.id)

    @pytest.mark.parametrize("seed", range(10))
    def test_a_random_history_leaves_what_it_leaves_in_memory(self, store: LedgerStore, seed: int) -> None:
        """Whatever is sent, the answers and all that is kept are those of ``MemoryLedgerStore``."""
        programme, memory = f"programme {seed}", MemoryLedgerStore()
        accounts = [Account(programme, name) for name in ("anna", "ben", "세라")]
        last = NOW
        for sent in write_history(Choices.seeded(seed), programme, 120):
            assert _answer(store, sent) == _answer(memory, sent)
            last = sent[2]
        asked = Needs(
            orders=frozenset(f"order-{number}" for number in range(6)),
            keys=frozenset(f"{number}" for number in range(120)),
            holds=frozenset(f"hold-{number}" for number in range(120)),
            claims=frozenset(Claim(rule, f"order-{each}") for rule in ("base", "photo") for each in range(6)),
        )
        for each in accounts:
            assert store.load(each, asked) == memory.load(each, asked)
            assert list(store.entries(each)) == list(memory.entries(each))
            head = store.load(each).head
            if head.merged_into is None:
                assert rebuild(each, store.entries(each), version=head.version) == head
        assert store.totals(programme) == memory.totals(programme)
        assert list(store.accounts(programme)) == list(memory.accounts(programme))
        assert list(store.due(programme, last + 9 * DAY)) == list(memory.due(programme, last + 9 * DAY))


def _names(records: Records) -> list[set[str]]:
    return [set(records.orders), set(records.holds), set(records.done)]


def _answer(store: LedgerStore, sent: Sent) -> Result | type[Exception]:
    """What a host is told: the result, or the kind of refusal."""
    account, command, now = sent
    ledger = Ledger(store=store)
    try:
        if isinstance(command, Transfer | Merge):
            return ledger.move(account, command, now=now)
        return ledger.run(account, command, now=now)
    except (LedgerError, FactError) as refusal:
        return type(refusal)
