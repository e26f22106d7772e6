"""What a shop tells customers because of a consent, where the law asks for it: with which template, and by what."""

from typing import final

from attrs import frozen


@final
@frozen(kw_only=True)
class ResultNotices:
    """The notice of a result, by the first of ``channels`` that can carry it. The template reads ``consent.act``,
    ``consent.medium``, ``consent.at`` and ``consent.purpose`` beside ``customer``; it promotes nothing."""

    template: str
    channels: tuple[str, ...]
