"""An environment of python-liquid in which only what is listed here exists."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any, ClassVar, Final, TextIO, TypeGuard

from liquid import BoundTemplate, Environment, RenderContext, StrictDefaultUndefined, Tag
from liquid.builtin import content, illegal, output
from liquid.builtin.filters import array, math, misc, string
from liquid.builtin.output import OutputNode
from liquid.builtin.tags import (
    assign_tag,
    capture_tag,
    case_tag,
    comment_tag,
    for_tag,
    if_tag,
    inline_comment_tag,
    unless_tag,
)
from liquid.exceptions import FilterArgumentError, LoopIterationLimitError
from liquid.stringify import to_liquid_string
from liquid.utils import ReadOnlyChainMap

from retention.templates.filters import FILTERS as OURS
from retention.templates.filters import Filter
from retention.templates.limits import ITERATIONS, OUTPUT_BYTES
from retention.templates.values import Unwritable, written

_TAGS: Final[tuple[type[Tag], ...]] = (
    *(content.Literal, illegal.Illegal, comment_tag.CommentTag, inline_comment_tag.InlineCommentTag),
    *(if_tag.IfTag, unless_tag.UnlessTag, case_tag.CaseTag),
    *(for_tag.ForTag, for_tag.BreakTag, for_tag.ContinueTag),
    *(assign_tag.AssignTag, capture_tag.CaptureTag),
)

_THEIRS: Final[Mapping[str, Callable[..., Any]]] = {
    "at_least": math.at_least,
    "at_most": math.at_most,
    "capitalize": string.capitalize,
    "default": misc.default,
    "downcase": string.downcase,
    "first": array.first,
    "last": array.last,
    "minus": math.minus,
    "plus": math.plus,
    "size": misc.size,
    "strip": string.strip,
    "truncate": string.truncate,
    "upcase": string.upcase,
}
"""Filters of the library that make nothing longer than a few times what they are given."""

FILTERS: Final = frozenset({*_THEIRS, *OURS, "join"})

_WORK: Final = 20_000_000
"""Characters that one rendering may look at, each filter and each value counting at least 16."""


class Told(FilterArgumentError):
    """An error whose ``words`` are ours and hold no value."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words, token=None)


class Authored(Told):
    """One that whoever wrote the template can mend."""


class Context(RenderContext):
    """Where names are looked up: what was assigned, and the data; ``now`` and ``today`` are no names. It counts what a
    rendering does."""

    __slots__ = ("_rounds", "_work")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)
        self._rounds = 0
        self._work = 0

    def get(self, path: list[object], **named: Any) -> object:
        value = super().get(path, **named)
        self.spend(value)
        return value

    def spend(self, *values: object) -> None:
        """Counts the values that are about to be looked at. Raises LoopIterationLimitError."""
        self._work += sum(16 + (len(each) if _is_text(each) else 0) for each in values)
        if self._work > _WORK:
            raise LoopIterationLimitError("too much work", token=None)

    def raise_for_loop_limit(self, length: int = 1) -> None:
        """Counts the rounds of all loops together; the library multiplies those of loops in each other."""
        self._rounds += length
        if self._rounds > ITERATIONS:
            raise LoopIterationLimitError("too many rounds", token=None)


class Bound(BoundTemplate):
    """A template that renders in a Context."""

    context_class = Context


class Hardened(Environment):
    """``html``: values are escaped. Instants are written in ``zone``. ``dry``: missing values are written as
    nothing, to see what else is wrong."""

    template_class = Bound
    block_nesting_limit: ClassVar[int] = 16
    loop_iteration_limit: ClassVar[int | None] = ITERATIONS
    local_namespace_limit: ClassVar[int | None] = 4 * OUTPUT_BYTES
    output_stream_limit: ClassVar[int | None] = OUTPUT_BYTES

    def __init__(self, html: bool, zone: tzinfo, dry: bool) -> None:
        self._zone = zone
        self.dry = dry
        super().__init__(undefined=StrictDefaultUndefined, autoescape=html)

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        for each in _TAGS:
            self.add_tag(each)
        self.add_tag(Written)
        for name, function in _THEIRS.items():
            self.add_filter(name, _metered(function, name in ("default", "size")))
        for name, known in OURS.items():
            self.add_filter(name, _metered(_ours(known, self._zone), False))
        self.add_filter("join", _metered(_joined, False))


class WrittenNode(OutputNode):
    """A value, written as the core writes it."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        text = value if _is_text(value) else _as_text(value, context, self)
        return buffer.write(to_liquid_string(text, context.autoescape))


class Written(output.Output):
    """The tag of ``{{ }}``."""

    node_class = WrittenNode


def _as_text(value: object, context: RenderContext, node: WrittenNode) -> str:
    if value is None and isinstance(context.env, Hardened) and context.env.dry:
        return ""
    try:
        return written(value)
    except Unwritable as error:
        told = Told(error.words)
        told.token = node.token
        raise told from None


def _metered(function: Callable[..., Any], takes_nothing: bool) -> Callable[..., Any]:
    """The filter, counted; one that does not take a missing value says so."""

    def apply(value: object, *arguments: object, context: Context, **named: object) -> object:
        context.spend(value, *arguments)
        if value is None and not takes_nothing:
            return None
        wanted = {"environment": context.env} if getattr(function, "with_environment", False) else {}
        made = function(value, *arguments, **wanted, **named)
        if isinstance(made, str) and len(made) > OUTPUT_BYTES:
            raise Told(f"what a filter gives is larger than {OUTPUT_BYTES // 1024} KiB")
        return made

    apply.with_context = True  # type: ignore[attr-defined]  # how the library is asked for the context
    return apply


def _ours(known: Filter, zone: tzinfo) -> Callable[..., Any]:
    """A filter of the core, for Liquid."""

    def apply(value: object, *arguments: object) -> object:
        if not known.least <= len(arguments) <= known.most:
            raise Authored(f"the filter takes {known.takes}")
        wrong = known.wrong(arguments)
        if wrong is not None:
            raise Authored(wrong)
        try:
            return known.apply(value, arguments, zone)
        except Unwritable as error:
            raise Told(error.words) from None

    return apply


def _joined(value: object, between: object = ", ") -> str:
    """The parts of a list with something between them, measured before it is made."""
    if not isinstance(value, list) or not isinstance(between, str):
        raise Told("join writes lists, with text between their parts")
    try:
        parts = [written(each) for each in value]
    except Unwritable as error:
        raise Told(error.words) from None
    if sum(map(len, parts)) + len(between) * len(parts) > OUTPUT_BYTES:
        raise Told(f"what join gives is larger than {OUTPUT_BYTES // 1024} KiB")
    return between.join(parts)


def _is_text(value: object) -> TypeGuard[str]:
    """True of text. Asking an undefined name for its class, as isinstance does, would raise."""
    return issubclass(type(value), str)
