"""What renders Liquid, and tells an author what is wrong with it."""

from collections.abc import Sequence
from datetime import UTC, tzinfo
from functools import lru_cache
from typing import Final, final

from liquid import BoundTemplate
from liquid.exceptions import (
    LiquidError,
    LocalNamespaceLimitError,
    LoopIterationLimitError,
    OutputStreamLimitError,
    UndefinedError,
)
from liquid.static_analysis import Variable

from retention.errors import nearest
from retention.templates.errors import Fault, UnrenderedTemplate, place
from retention.templates.html_places import unsafe_places
from retention.templates.liquid.environment import FILTERS, Authored, Hardened, Told
from retention.templates.liquid.source import faults_of_source, spans, without_tags
from retention.templates.renderer import unknown_name
from retention.templates.values import Data

_WORDS: Final[dict[type[LiquidError], str]] = {
    UndefinedError: "nothing of that name is in the data; a value that may be missing is given as None",
    LoopIterationLimitError: "the loops go round more than 1,000 times, or handle more text than a message can need",
    OutputStreamLimitError: "what comes out is larger than 100 KiB",
    LocalNamespaceLimitError: "too much is assigned",
}


@final
class LiquidRenderer:
    """Templates in Liquid: ``if``, ``unless``, ``case``, ``for``, ``assign``, ``capture``, comments, and the filters of
    ``filters``.

    A name that the data lacks is an error, and so is a missing value where it would be written, unless ``default`` says
    what to write. What comes from the data is never HTML; text that the author quotes is. Sources are at most 64 KiB,
    results 100 KiB, loops go round 1,000 times at most, all together.
    """

    filters = FILTERS

    def faults(self, source: str, known: Data | None, *, html: bool) -> Sequence[Fault]:
        found = faults_of_source(source)
        if found:
            return found
        try:
            template = _parsed(source, html, UTC, True)
        except (LiquidError, RecursionError) as error:
            return [_unparsed(error)]
        found = [*_unknown_filters(template), *_unknown_names(template, known)]
        if html:
            found += unsafe_places(without_tags(source), spans(source))
        if known is not None and not found:
            found += _tried(template, known)
        return sorted(found, key=lambda each: each.position)

    def render(self, source: str, data: Data, *, html: bool, zone: tzinfo) -> str:
        faults = faults_of_source(source)
        if faults:
            raise _unrendered(source, faults[0].position, faults[0].words)
        try:
            return _parsed(source, html, zone, False).render(data)
        except Exception as error:  # whatever is raised over a template, it is this message's error alone
            position, words = _position(error), _told(error)
        raise _unrendered(source, position, words)


@lru_cache(maxsize=512)
def _parsed(source: str, html: bool, zone: tzinfo, dry: bool) -> BoundTemplate:
    return _environment(html, zone, dry).from_string(source)


@lru_cache(maxsize=64)
def _environment(html: bool, zone: tzinfo, dry: bool) -> Hardened:
    return Hardened(html, zone, dry)


def _unparsed(error: Exception) -> Fault:
    if isinstance(error, LiquidError) and not isinstance(error.__cause__, RecursionError):
        return Fault(_position(error), "syntax", str(error.message))
    return Fault(0, "too-large", "expressions are too deep in each other")


def _unknown_filters(template: BoundTemplate) -> list[Fault]:
    used = template.analyze(include_partials=False).filters
    return [_unknown_filter(name, span.index) for name, spans in used.items() if name not in FILTERS for span in spans]


def _unknown_filter(name: str, position: int) -> Fault:
    near = nearest(name, FILTERS)
    meant = f"did you mean {near!r}?" if near else f"there are {', '.join(sorted(FILTERS))}"
    return Fault(position, "unknown-filter", f"no filter is called {name!r}: {meant}")


def _unknown_names(template: BoundTemplate, known: Data | None) -> list[Fault]:
    if known is None:
        return []
    used = template.analyze(include_partials=False).globals
    return [
        Fault(each.span.index, "unknown-variable", words)
        for variables in used.values()
        for each in variables
        if (words := _unknown_name(each, known)) is not None
    ]


def _unknown_name(variable: Variable, known: Data) -> str | None:
    names = list[str]()
    for each in variable.segments:
        if isinstance(each, list):  # a name that is itself looked up
            break
        names.append(str(each))
    words = unknown_name(known, names)
    if words is None or not {"first", "last", "size"} & set(names[1:]):
        return words
    in_a_list = ["0" if each in ("first", "last") else each for each in names if each != "size"]
    return unknown_name(known, in_a_list)


def _tried(template: BoundTemplate, known: Data) -> list[Fault]:
    """What a rendering with the example meets first: names below the items of a loop, arguments of filters, values that
    cannot be written so."""
    try:
        template.render(known)
    except (UndefinedError, Authored) as error:
        code = "unknown-variable" if isinstance(error, UndefinedError) else "syntax"
        return [Fault(_position(error), code, _told(error))]
    except Told as error:
        return [Fault(_position(error), "unwritable", error.words)]
    except Exception:  # an example need not hold what a customer has: rendering says so when it matters
        return []
    return []


def _position(error: Exception) -> int:
    token = error.token if isinstance(error, LiquidError) else None
    return max(0, token.start_index) if token is not None else 0


def _told(error: Exception) -> str:
    """The error in words of our own: the library's may hold a value, which may be a customer's."""
    if isinstance(error, Told):
        return error.words
    words = (words for kind, words in _WORDS.items() if isinstance(error, kind))
    return next(words, "it cannot be rendered with this data")


def _unrendered(source: str, position: int, words: str) -> UnrenderedTemplate:
    line, column = place(source, position)
    return UnrenderedTemplate(words, line=line, column=column)
