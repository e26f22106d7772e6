"""Faults in the ledger: in time, in what is taken first, in what comes back, in what is remembered."""

from tests.mutation.fault import Fault

_TESTS = (
    "tests/loyalty/ledger",
    "tests/property/test_ledger_orders.py",
    "tests/property/test_ledger_spending.py",
    "tests/property/test_ledger_books.py",
    "tests/property/test_ledger_agrees.py",
)


def _ledger(name: str, file: str, before: str, after: str) -> Fault:
    return Fault(name, f"loyalty/ledger/{file}", before, after, _TESTS)


SETTLED = (
    _ledger("what is due now waits", "settle.py", "if hold.until <= books.now]", "if hold.until < books.now]"),
    _ledger("a head is stale at the instant", "settle.py", "now < head.next_due", "now <= head.next_due"),
    _ledger(
        "what begins does not pay what is owed",
        "settle.py",
        "            repay(books, at)\n            _watch(books, due, [lot])",
        "            _watch(books, due, [lot])",
    ),
    _ledger(
        "time-outs before activations",
        "settle.py",
        "_ACTIVATION, _TIME_OUT, _EXPIRY = range(3)",
        "_TIME_OUT, _ACTIVATION, _EXPIRY = range(3)",
    ),
    _ledger("what a hold releases never expires", "settle.py", "_watch(books, due, hold.pinned)", "pass"),
    _ledger("a dead lot takes what is released", "settle.py", "if lot.validity.alive(at):", "if True:"),
    _ledger("a lot is taken whole", "settle.py", "min(lot.amount, amount)", "lot.amount"),
    _ledger(
        "looking moves the clock",
        "settle.py",
        "return evolve(books.closed(), at=head.at)",
        "return books.closed()",
    ),
    _ledger(
        "what began at once begins next time",
        "decide.py",
        "    desk.ended_meanwhile(settle(desk.books))  # what began at once, or came back to a lot that died since\n",
        "",
    ),
    _ledger("a lot lives at its end", "entries.py", "now < self.expires_at", "now <= self.expires_at"),
)

KEPT = (
    _ledger(
        "the oldest is spent first",
        "entries.py",
        "return (LATEST if expires_at is None else expires_at, expires_at is None, lot.validity.available_at, lot.id)",
        "return (lot.validity.available_at, expires_at is None, lot.validity.available_at, lot.id)",
    ),
    _ledger(
        "lots as they came",
        "books.py",
        "sorted(self.open.values(), key=spend_order)",
        "list(self.open.values())",
    ),
    _ledger("a lot is as late as its latest part", "books.py", "early = min(", "early = max("),
    _ledger("time-outs are not due", "books.py", ", *(hold.until for hold in holds))", ")"),
    _ledger("sums beyond 64 bits", "books.py", "if not -LARGEST <= self.totals[bucket] <= LARGEST:", "if False:"),
    _ledger("numbers begin anew", "books.py", "seq=self.head.seq + len(self.entries) + 1", "seq=len(self.entries) + 1"),
    _ledger(
        "yesterday's quota counts",
        "books.py",
        "if counter is not None and counter.lasts(self.now) else 0",
        "if counter is not None else 0",
    ),
    _ledger("a used-up hold stays", "books.py", "            del self.holds[hold.id]\n", "            pass\n"),
    _ledger("the chain is never broken", "chain.py", "if entry.previous != previous:", "if False:"),
    _ledger(
        "a merged account is open when rebuilt",
        "rebuild.py",
        "last.kind is EntryKind.MERGE and not any(books.totals.values())",
        "False",
    ),
)

DECIDED = (
    _ledger("a rule gives twice", "decide.py", "if claim in desk.records.claims:", "if False:"),
    _ledger("quotas do not cap", "decide.py", "cap=min(left, whole)", "cap=whole"),
    _ledger(
        "a refund that came first is forgotten",
        "decide.py",
        "part, undone = claw.undo(desk, part, record, desk.at(command))",
        "undone = 0",
    ),
    _ledger(
        "the last unit cannot be spent", "decide.py", "if amount > books.available:", "if amount >= books.available:"
    ),
    _ledger("more can be spent", "decide.py", "if amount > books.available:", "if amount > books.available + 1:"),
    _ledger(
        "a capture takes what is last",
        "decide.py",
        "take(desk.books, amount, hold.pinned)",
        "take(desk.books, amount, hold.pinned[::-1])",
    ),
    _ledger(
        "captured for an order that came back",
        "decide.py",
        "        desk.spendable(hold.order)\n",
        "        pass\n",
    ),
    _ledger("a hold's id is used again", "decide.py", "    desk.never_ended(command.hold)\n", ""),
    _ledger(
        "only the last refund counts",
        "decide.py",
        "refunded=record.refunded + command.refunded",
        "refunded=command.refunded",
    ),
    _ledger(
        "more is refunded than was paid",
        "decide.py",
        "    check_refund((part.terms for part in record.earned), record.refunded, command.order)\n",
        "",
    ),
    _ledger("a key is used for anything", "desk.py", "if done.payload != payload(command):", "if False:"),
    _ledger("a closed account goes on", "desk.py", "if head.merged_into is not None:", "if False:"),
    _ledger("time goes back", "desk.py", "head.at is not None and now < head.at", "False"),
    _ledger("tomorrow has happened", "desk.py", "command.at is not None and command.at > now", "False"),
    _ledger(
        "what expired just now cannot be recovered",
        "desk.py",
        "self.records.expired.get(lot, 0) + self.books.expired.get(lot, 0)",
        "self.records.expired.get(lot, 0)",
    ),
)

TAKEN_BACK = (
    _ledger("what expired is taken again", "claw.py", "desk.expired(lot)", "0"),
    _ledger(
        "every refund starts from the whole",
        "claw.py",
        "due = part.units - part.clawed_back - units(",
        "due = part.units - units(",
    ),
    _ledger(
        "what was clawed back is forgotten",
        "claw.py",
        "clawed_back=part.clawed_back + due",
        "clawed_back=due",
    ),
    _ledger("forgiven is owed", "claw.py", "return Bucket.FORGIVEN", "return Bucket.DEBT"),
    _ledger("what was consumed first comes back", "returns.py", "reversed(record.spent)", "record.spent"),
    _ledger("shares do not add up", "returns.py", "if share > 1:", "if command.share > 1:"),
    _ledger("a return starts from the whole", "returns.py", " - record.returned\n", "\n"),
    _ledger(
        "a dead lot pays nothing",
        "returns.py",
        "paid = min(books.debt, lot.amount) if home is None else 0",
        "paid = 0",
    ),
    _ledger("what came back does not pay", "returns.py", "    repay(books, books.now)\n", ""),
    _ledger("a refund earns below 0", "terms.py", "max(0, whole - anywhere)", "whole - anywhere"),
    _ledger("what a line cannot bear is forgotten", "terms.py", " - sum(min(0, each) for each in left)", ""),
    _ledger("shipping takes points back", "terms.py", "max(0, refunded.shipping - beside)", "refunded.shipping"),
    _ledger("shipping is never too much", "terms.py", " + max(0, refunded.shipping - beside)", ""),
    _ledger(
        "caps are forgotten",
        "terms.py",
        "return found if terms.cap is None else min(found, terms.cap)",
        "return found",
    ),
    _ledger(
        "a gift stays when nothing is left",
        "terms.py",
        "(left > 0 and left >= terms.minimum)",
        "(left >= terms.minimum)",
    ),
    _ledger("the least of an order can be refunded", "terms.py", "payable = max((", "payable = min(("),
)

MOVED = (
    _ledger("won become points", "moving.py", "if source.unit != target.unit:", "if False:"),
    _ledger("what is pending stays behind", "moving.py", "in list(books.pending.values()):", "in list[Lot]():"),
    _ledger("what is owed stays behind", "moving.py", "Bucket.FORGIVEN, Bucket.DEBT):", "Bucket.FORGIVEN):"),
    _ledger("debts do not net out", "moving.py", "    repay(arriving.books, arriving.books.now)\n", ""),
    _ledger("a merge makes new room", "moving.py", "if each.used >= level)", "if each.used > level)"),
)

LEDGER = (*SETTLED, *KEPT, *DECIDED, *TAKEN_BACK, *MOVED)
