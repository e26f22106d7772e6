"""What is noted under a name: the state of a channel, a bookmark of the engine."""

from retention.loyalty.errors import Conflict
from retention.storage.shop import wire
from retention.storage.shop.records import ChannelState
from retention.storage.shop.sql import statements
from retention.storage.shop.sql.transaction import Transaction
from retention.storage.sql.rows import document, text


class Notes(Transaction):
    """A note that is locked before it was ever kept gets an empty row, which is nothing to those who ask."""

    def channel(self, id: str, *, lock: bool = False) -> ChannelState:
        if lock:
            found = self._locked(statements.LOCK_CHANNEL, statements.NEW_CHANNEL, id)
        else:
            found = self._note(statements.CHANNEL, id)
        return ChannelState() if found is None else wire.channel_from_json(document(found))

    def keep_channel(self, id: str, state: ChannelState) -> None:
        self._run(statements.KEEP_CHANNEL, name=id, document=text(wire.channel_to_json(state)))

    def bookmark(self, name: str, *, lock: bool = False) -> str | None:
        if lock:
            return self._locked(statements.LOCK_BOOKMARK, statements.NEW_BOOKMARK, name)
        return self._note(statements.BOOKMARK, name)

    def keep_bookmark(self, name: str, text: str) -> None:
        self._run(statements.KEEP_BOOKMARK, name=name, document=text)

    def _note(self, question: str, name: str) -> str | None:
        rows = self._run(question, name=name).rows
        return rows[0][0] if rows else None

    def _locked(self, question: str, new: str, name: str) -> str | None:
        for _ in range(2):
            rows = self._run(question, name=name).rows
            if rows:
                found: str | None = rows[0][0]
                return found
            self._run(new, name=name)
        raise Conflict("somebody else noted it first, and this transaction cannot see what")
