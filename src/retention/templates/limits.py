"""How large a template and what it gives may be; looked at before anything is parsed."""

from typing import Final

SOURCE_BYTES: Final = 64 * 1024
"""UTF-8 bytes of a template's source, each of its parts."""

OUTPUT_BYTES: Final = 100 * 1024
"""UTF-8 bytes of what one part may become; Gmail cuts a mail off at 102 KB."""

ITERATIONS: Final = 1_000
"""Times that the loops of one rendering may go round, all together."""

EXPRESSIONS: Final = 1_000
"""Placeholders and tags in a source."""

EXPRESSION_CHARACTERS: Final = 1_000
"""Characters between the braces of one of them."""

DATA_VALUES: Final = 10_000
"""Values in what is filled in, lists and mappings with their content."""

DATA_DEPTH: Final = 16
"""Mappings in mappings."""


def utf8_length(text: str) -> int:
    """UTF-8 bytes; half of a surrogate pair counts as what it would be."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
