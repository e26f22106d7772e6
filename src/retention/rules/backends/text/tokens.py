"""The words and signs of a rule's text, one after another, each with its place."""

import re
from typing import Final, Literal, NamedTuple, TypeAlias, cast, final

TokenKind: TypeAlias = Literal["instant", "date", "number", "string", "name", "quoted", "sign", "end", "unreadable"]

# One alternative per kind. None can match a text in two ways, so no input makes it try again.
_TOKEN: Final = re.compile(
    r"""[ \t\r\n]*+(?:
        (?P<instant>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]*+(?:Z|[+-][0-9]{2}:[0-9]{2})?)
      | (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})
      | (?P<number>[0-9]++(?:_[0-9]++)*+(?:\.[0-9]++)?)
      | (?P<string>"(?:[^"\\\n]++|\\.)*+")
      | (?P<name>[^\W\d]\w*+)
      | `(?P<quoted>[^`\n]++)`
      | (?P<sign>==|!=|<=|>=|[-+*/<>().,;:\[\]])
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_SPACE: Final = re.compile(r"[ \t\r\n]*+")

_INSTEAD: Final = {
    "=": "Write == for equal",
    "&": "Write and",
    "|": "Write or",
    "!": "Write not",
    "~": "Write not",
    "'": 'Put text in double quotes: "KR"',
    '"': 'The text is not closed: end it with ", on the same line',
    "“": 'Put text in straight double quotes: "KR"',
    "”": 'Put text in straight double quotes: "KR"',
    "`": "The name is not closed: end it with a backtick",
    "{": 'Put options in square brackets: ["KR", "JP"]',
    "%": "Percent is not known: write 0.1 for 10 %",
    "₩": "Write the currency after the number: 30000 KRW",
    "$": "Write the currency after the number: 12.50 USD",
    "€": "Write the currency after the number: 12.50 EUR",
}


@final
class Token(NamedTuple):
    """``text`` is what was written, without the backticks of a quoted name; ``end`` is the place after it."""

    kind: TokenKind
    text: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these words, not in backticks."""
        return self.kind == "name" and self.text in words

    def is_sign(self, sign: str) -> bool:
        """Whether it is this sign."""
        return self.kind == "sign" and self.text == sign

    def is_name(self) -> bool:
        """Whether it can name something."""
        return self.kind in ("name", "quoted")


class Tokens:
    """Reads tokens when they are asked for, so that a mistake at the beginning costs nothing behind it."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._offset = 0

    def read(self) -> Token:
        """The next token; behind the last one ``end``, again and again. What cannot be read is one character long."""
        found = _TOKEN.match(self._source, self._offset)
        if found is None:
            return self._unreadable()
        kind = cast(TokenKind, found.lastgroup)
        self._offset = found.end()
        return Token(kind, found[kind], found.start(kind) - (kind == "quoted"), self._offset)

    def jump(self, place: int) -> None:
        """Goes on reading at a place further on."""
        self._offset = place

    def _unreadable(self) -> Token:
        space = _SPACE.match(self._source, self._offset)
        start = space.end() if space else self._offset
        return Token("unreadable", self._source[start], start, start + 1)


def unreadable(token: Token) -> tuple[str, str]:
    """What is wrong with a token that cannot be read, and the repair."""
    shown = f"{token.text!r}" if token.text.isprintable() else "this character"
    hint = _INSTEAD.get(token.text, 'Rules are made of names, numbers, "text" and the words of the language')
    return f"{shown} has no meaning here", hint
