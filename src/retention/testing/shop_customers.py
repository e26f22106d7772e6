"""Customers, their facts and memberships: kept, found, listed, forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from retention.activity import Visit
from retention.campaigns.effects import SendMessage
from retention.spans import TICK
from retention.storage.shop.port import ShopStore
from retention.testing.shop_scenes import (
    CONSENT,
    DAY,
    FACTS,
    FULL,
    NOW,
    TEXTS,
    asked,
    call,
    claim,
    message,
    order,
    sent,
    shopper,
    stored,
)
from retention.testing.shop_tests import ShopStoreTests


class Customers(ShopStoreTests):
    """``shoppers`` to ``forget``."""

    def test_nobody_is_known_to_an_empty_store(self, store: ShopStore) -> None:
        with store.work() as work:
            assert dict(work.shoppers(["anna"])) == {}
            assert dict(work.facts(["anna"])) == {}
            assert [*work.customers("", 9), *work.due(NOW, 9), *work.members("vip", "", 9)] == []

    def test_a_customer_is_read_as_kept(self, store: ShopStore) -> None:
        stored(store, lambda work: work.keep([FULL, shopper("ben")]))
        found = asked(store, lambda work: work.shoppers(["ben", "anna", "nobody", "anna"]))
        assert dict(found) == {"anna": FULL, "ben": shopper("ben")}
        assert found["anna"].next_due == NOW + DAY

    def test_a_customer_is_kept_as_they_are_now(self, store: ShopStore) -> None:
        stored(store, lambda work: work.keep([FULL]))
        stored(store, lambda work: work.keep([shopper("anna")]))
        assert asked(store, lambda work: work.shoppers(["anna"]))["anna"] == shopper("anna")

    def test_what_was_written_is_read_in_the_same_work(self, store: ShopStore) -> None:
        with store.work() as work:
            assert not work.shoppers(["anna"])
            work.keep([FULL])
            work.add_facts("anna", FACTS[:1])
            assert work.shoppers(["anna"])["anna"] == FULL
            assert [*work.facts(["anna"])["anna"]] == [*FACTS[:1]]
            assert [*work.members("vip", "", 9)] == [*work.due(NOW + DAY, 9)] == [*work.customers("", 9)] == ["anna"]

    def test_facts_are_read_as_added(self, store: ShopStore) -> None:
        assert [*asked(store, lambda work: work.add_facts("anna", FACTS))] == [*FACTS]
        stored(store, lambda work: work.add_facts("ben", [order("o-2")]))
        found = asked(store, lambda work: work.facts(["anna", "nobody", "ben"]))
        assert {id: sorted(several, key=repr) for id, several in found.items()} == {
            "anna": sorted(FACTS, key=repr),
            "ben": [order("o-2")],
        }

    def test_facts_of_some_collections_are_read_without_the_others(self, store: ShopStore) -> None:
        stored(store, lambda work: work.add_facts("anna", FACTS))
        kinds = {each.collection for each in FACTS}
        for kind in sorted(kinds):
            of_kind = [each for each in FACTS if each.collection == kind]
            found = asked(store, lambda work, kind=kind: work.facts(["anna", "ben"], {kind}))  # type: ignore[misc]
            assert {id: sorted(several, key=repr) for id, several in found.items()} == {
                "anna": sorted(of_kind, key=repr)
            }
        assert dict(asked(store, lambda work: work.facts(["anna"], set()))) == {}

    def test_who_has_read_some_collections_reads_the_others_too(self, store: ShopStore) -> None:
        stored(store, lambda work: work.keep([FULL]))
        stored(store, lambda work: work.add_facts("anna", FACTS[:-1]))
        with store.work() as work:
            work.shoppers(["anna"])
            (first,) = work.facts(["anna"], {FACTS[0].collection})["anna"]
            assert first == FACTS[0]
            assert sorted(work.facts(["anna"])["anna"], key=repr) == sorted(FACTS[:-1], key=repr)
            assert [*work.add_facts("anna", FACTS)] == [FACTS[-1]]
            assert [*work.add_facts("anna", FACTS)] == []
            assert sorted(work.facts(["anna"])["anna"], key=repr) == sorted(FACTS, key=repr)

    def test_a_fact_that_is_there_changes_nothing(self, store: ShopStore) -> None:
        stored(store, lambda work: work.add_facts("anna", FACTS))
        assert [*asked(store, lambda work: work.add_facts("anna", FACTS))] == []
        newer = order(minor=15_000)
        assert [*asked(store, lambda work: work.add_facts("anna", [FACTS[1], newer]))] == [newer]
        found = asked(store, lambda work: work.facts(["anna"]))["anna"]
        assert sorted(found, key=repr) == sorted([newer, *FACTS[1:]], key=repr)

    def test_of_facts_with_one_name_the_last_is_kept(self, store: ShopStore) -> None:
        first, last = order(minor=1_000), order(minor=2_000)
        assert [*asked(store, lambda work: work.add_facts("anna", [first, first, last]))] == [first, last]
        assert [*asked(store, lambda work: work.facts(["anna"]))["anna"]] == [last]

    def test_who_is_put_off_is_due_later_and_nobody_else(self, store: ShopStore) -> None:
        soon, later = {"vip": NOW + DAY}, {"vip": NOW + 3 * DAY}
        several = [shopper("a", next_changes=soon), shopper("b", next_changes=later), shopper("c", next_changes=soon)]
        stored(store, lambda work: work.keep([*several, shopper("never")]))
        stored(store, lambda work: work.put_off(["a", "b", "never", "nobody"], NOW + 2 * DAY))

        def due(days: int) -> list[str]:
            return [*asked(store, lambda work: work.due(NOW + days * DAY, 9))]

        assert [due(days) for days in (0, 1, 2, 3)] == [[], ["c"], ["c", "a"], ["c", "a", "b"]]
        stored(store, lambda work: work.keep([shopper("a", next_changes={"vip": NOW})]))
        assert due(0) == ["a"], "as they say now"

    def test_customers_are_due_from_the_instant_on_earliest_first(self, store: ShopStore) -> None:
        ends = {"c": 3, "a": 2, "b": 1, "d": 2}
        several = [shopper(id, next_changes={"vip": NOW + days * DAY}) for id, days in ends.items()]
        stored(store, lambda work: work.keep([*several, shopper("never")]))

        def due(after: timedelta, limit: int = 9) -> list[str]:
            return [*asked(store, lambda work: work.due(NOW + after, limit))]

        assert due(timedelta(days=1, microseconds=-1)) == []
        assert due(DAY) == ["b"]
        assert due(9 * DAY) == ["b", "a", "d", "c"]
        assert due(9 * DAY, limit=2) == ["b", "a"]
        stored(store, lambda work: work.keep([shopper("b"), shopper("c", known_at=NOW)]))
        assert due(9 * DAY) == ["c", "a", "d"]

    def test_who_is_due_is_known_as_they_are_now(self, store: ShopStore) -> None:
        stored(store, lambda work: work.keep([FULL]))
        with store.work() as work:
            later = evolve(FULL, definitions="d-2")
            work.keep([later])
            assert [*work.due(NOW + DAY, 9)] == ["anna"]
            assert dict(work.shoppers(["anna"])) == {"anna": later}
        with store.work() as work:
            assert [*work.due(NOW + DAY, 9)] == ["anna"]
            assert dict(work.shoppers(["anna"])) == {"anna": later}

    def test_who_is_to_be_left_alone_is_due_when_that_ends(self, store: ShopStore) -> None:
        due = {"vip": NOW}
        stored(store, lambda work: work.keep([shopper("anna", next_changes=due, not_before=NOW + DAY)]))
        assert [*asked(store, lambda work: work.due(NOW + DAY - TICK, 9))] == []
        assert [*asked(store, lambda work: work.due(NOW + DAY, 9))] == ["anna"]
        stored(store, lambda work: work.keep([shopper("anna", next_changes=due)]))
        assert [*asked(store, lambda work: work.due(NOW, 9))] == ["anna"]

    def test_customers_are_listed_in_order_page_by_page(self, store: ShopStore) -> None:
        ids = sorted(["b", "a", "B", "나", "가", "👋", "a b", "ab"])
        stored(store, lambda work: work.keep([shopper(each, segments={"vip": NOW}) for each in reversed(ids)]))
        stored(store, lambda work: work.keep([shopper("c")]))
        everybody = sorted([*ids, "c"])
        for after in ("", *everybody):
            rest = [each for each in everybody if each > after]
            inside = [each for each in ids if each > after]
            with store.work() as work:
                assert [*work.customers(after, 3)] == rest[:3]
                assert [*work.members("vip", after, 3)] == inside[:3]

    def test_customers_are_browsed_as_they_are_stored(self, store: ShopStore) -> None:
        several = [shopper(each) for each in ("b", "B", "나", "👋")]
        stored(store, lambda work: work.keep([FULL, *several]))
        everybody = sorted([FULL, *several], key=lambda each: each.customer.id)
        for place in range(len(everybody) + 1):
            after = everybody[place - 1].customer.id if place else ""
            with store.work() as work:
                assert [*work.browse(after, 2)] == everybody[place : place + 2]

    def test_browsing_finds_what_the_same_work_kept(self, store: ShopStore) -> None:
        stored(store, lambda work: work.keep([FULL]))
        with store.work() as work:
            assert [*work.browse("", 9)] == [FULL]
            work.keep([shopper("anna")])
            assert [*work.browse("", 9)] == [*work.shoppers(["anna"]).values()] == [shopper("anna")]

    def test_members_come_and_go(self, store: ShopStore) -> None:
        stored(store, lambda work: work.keep([shopper("anna", segments={"vip": NOW, "new": NOW})]))
        stored(store, lambda work: work.keep([shopper("anna", segments={"vip": NOW, "dormant": NOW})]))
        with store.work() as work:
            found = {each: [*work.members(each, "", 9)] for each in ("vip", "new", "dormant")}
        assert found == {"vip": ["anna"], "new": [], "dormant": ["anna"]}

    def test_who_is_forgotten_is_nobody(self, store: ShopStore) -> None:
        with store.work() as work:
            for id in ("anna", "ben"):
                work.keep([evolve(FULL, customer=evolve(FULL.customer, id=id))])
                work.add_facts(id, FACTS)
                work.add_consent(id, CONSENT)
        stored(store, lambda work: work.forget("anna"))
        with store.work() as work:
            assert [*work.shoppers(["anna", "ben"])] == ["ben"]
            assert [*work.facts(["anna", "ben"])] == ["ben"]
            assert [*work.consents(["anna", "ben"])] == ["ben"]
            lists: list[Any] = [work.customers("", 9), work.due(NOW + 9 * DAY, 9), work.members("vip", "", 9)]
            assert [[*each] for each in lists] == [["ben"]] * 3

    def test_of_parcels_of_who_is_forgotten_the_count_is_left(self, store: ShopStore) -> None:
        several = [message("sent"), message("held"), message("sending"), call("call"), message("of ben", "ben")]
        stored(store, lambda work: work.put(several))
        claimed = {each.key: each for each in claim(store)}
        ended = [sent(claimed["sent"]), evolve(claimed["held"], status="held")]
        stored(store, lambda work: work.finish([*ended, evolve(claimed["call"], status="waiting")]))
        stored(store, lambda work: work.forget("anna"))
        found = asked(store, lambda work: work.parcels([each.key for each in several]))
        assert {key: each.status for key, each in found.items()} == {
            "sent": "sent", "held": "cancelled", "sending": "sending", "call": "cancelled", "of ben": "sending",
        }  # fmt: skip
        for key in ("sent", "held", "sending", "call"):
            assert (found[key].customer, found[key].draft, dict(found[key].effect.data)) == (None, None, {})
        assert found["sent"].provider_id == "p-1"
        assert found["of ben"] == claimed["of ben"]
        assert [*asked(store, lambda work: work.parcels_of("anna"))] == []

    def test_a_worker_brings_nobody_back_who_was_forgotten_meanwhile(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("sent"), message("again")]))
        again, first = sorted(claim(store), key=lambda each: each.key)
        stored(store, lambda work: work.forget("anna"))
        ended = [sent(first), evolve(again, status="waiting", due_at=NOW + DAY)]
        done = asked(store, lambda work: work.finish(ended))
        found = asked(store, lambda work: work.parcels(["sent", "again"]))
        assert [*done] == [found["sent"], found["again"]]
        assert {key: each.status for key, each in found.items()} == {"sent": "sent", "again": "cancelled"}
        for each in found.values():
            assert (each.customer, each.draft) == (None, None)
            assert isinstance(each.effect, SendMessage)
            assert not each.effect.data

    def test_who_was_forgotten_can_come_anew(self, store: ShopStore) -> None:
        with store.work() as work:
            work.keep([FULL])
            work.add_facts("anna", FACTS)
            work.forget("anna")
            assert not work.shoppers(["anna"])
            assert not work.facts(["anna"])
            work.keep([shopper("anna")])
        assert asked(store, lambda work: work.shoppers(["anna"]))["anna"] == shopper("anna")
        assert [*asked(store, lambda work: work.members("vip", "", 9))] == []

    def test_forgetting_nobody_does_nothing(self, store: ShopStore) -> None:
        stored(store, lambda work: work.keep([FULL]))
        stored(store, lambda work: work.forget("ben"))
        assert asked(store, lambda work: work.shoppers(["anna"]))["anna"] == FULL

    @pytest.mark.parametrize("text", TEXTS)
    def test_any_text_is_kept(self, store: ShopStore, text: str) -> None:
        full = evolve(FULL, customer=evolve(FULL.customer, id=text, name=text), segments={text: NOW}, definitions=text)
        full = evolve(full, tagged={text: True})
        fact = Visit(text, NOW, page=text)
        with store.work() as work:
            work.keep([full])
            work.add_facts(text, [fact])
            work.add_consent(text, evolve(CONSENT, wording=text))
        with store.work() as work:
            assert work.shoppers([text])[text] == full
            assert [*work.facts([text])[text]] == [fact]
            assert [*work.add_facts(text, [fact])] == []
            assert [*work.consents([text])[text]] == [evolve(CONSENT, wording=text)]
            assert [*work.members(text, "", 9)] == [text]
            work.forget(text)
            assert [*work.members(text, "", 9)] == []
