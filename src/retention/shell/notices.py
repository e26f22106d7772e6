"""What a shop tells customers because of a consent, where the law asks for it: with which template, and by what.

Templates read ``consent.act``, ``consent.medium``, ``consent.at`` and ``consent.purpose`` beside ``customer``. All name
the sender and promote nothing. Each goes by the first of ``channels`` that can carry it, if it says nothing else.
"""

from typing import TypeAlias, final

from attrs import frozen


@final
@frozen(kw_only=True)
class ResultNotices:
    """What became of every consent and every withdrawal."""

    template: str
    channels: tuple[str, ...]


@final
@frozen(kw_only=True)
class ReconfirmationNotices:
    """What the customer agreed to and when, and how to keep it or take it back: of each consent that holds, to
    marketing and to the night, every so many years and some weeks before its date. Silence keeps the consent."""

    template: str
    channels: tuple[str, ...]


@final
@frozen(kw_only=True)
class OptOutConfirmations:
    """That a STOP was heard: one message, within five minutes or not at all, by the very channel it came by if that is
    among ``channels``. Who is told of the result anyway is not told twice."""

    template: str
    channels: tuple[str, ...]


@final
@frozen(kw_only=True)
class ConfirmationRequests:
    """Whether the customer meant it: of each consent that waits to be confirmed, by those of ``channels`` that are of
    its own medium. The template reads ``confirm`` too, the address at which it is confirmed."""

    template: str
    channels: tuple[str, ...]


Notices: TypeAlias = ResultNotices | ReconfirmationNotices | OptOutConfirmations | ConfirmationRequests
