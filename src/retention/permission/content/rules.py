"""What a country asks advertising to show, as data: a jurisdiction holds one of these for each date from which it
held."""

from typing import Literal, TypeAlias, final

from attrs import frozen

from retention.permission.media import Medium

Shown: TypeAlias = Literal["sender name", "contact", "postal address", "refusal", "unsubscribe link"]
"""What a message must show its reader. ``refusal`` is a way to refuse that costs nothing and stands at the end."""


@final
@frozen(kw_only=True)
class ContentRules:
    """What marketing must look like. Messages of other kinds owe none of it.

    ``text_label`` begins every text that is not an e-mail and the title above it, if it has one, ``subject_label`` the
    subject of an e-mail, both to the letter: ``(광고)``, ``<ADV> ``. In the text a ``text_label`` is followed by the
    sender's name at once. ``texts`` and ``email`` are what each must show. ``refusal_words`` stand before the free way
    to refuse: the first is what is written, any of them is accepted, and an empty one accepts the way alone. The way
    begins with one of ``free_refusals``, if there are any. ``unsubscribe_words`` stand before the link. ``source`` is
    the rule's text or address.
    """

    text_label: str | None = None
    subject_label: str | None = None
    texts: frozenset[Shown] = frozenset()
    email: frozenset[Shown] = frozenset()
    refusal_words: tuple[str, ...] = ("Opt out:", "")
    free_refusals: tuple[str, ...] = ()
    unsubscribe_words: str = "Unsubscribe:"
    source: str | None = None

    def shown(self, medium: Medium) -> frozenset[Shown]:
        """What a message by that medium must show."""
        return self.email if medium is Medium.EMAIL else self.texts

    def title_label(self, medium: Medium) -> str | None:
        """What the subject of an e-mail begins with, or the title of another message: it is read first."""
        return self.subject_label if medium is Medium.EMAIL else self.text_label
