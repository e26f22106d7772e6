"""The templates of a shop, by key, medium and language."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import final

from retention.errors import ConfigurationError
from retention.permission.content.approved import filled, variables
from retention.permission.content.markup import unsafe_links
from retention.permission.media import Medium
from retention.permission.messages import Button, Content
from retention.templates.errors import Problem, TemplateError, UnknownTemplate, UnrenderedTemplate
from retention.templates.renderer import PlainRenderer, Renderer, looked_up
from retention.templates.template import Template, check
from retention.templates.values import Data, Unwritable, plain, written


@final
class Templates:
    """Templates with unique key, medium and language, and the renderer that fills them in.

    ``language`` is taken where a customer's own is not known or has no template. Raises TemplateError with everything
    that is wrong with the templates as they are written, ConfigurationError for two of one key, medium and language.
    """

    def __init__(
        self, templates: Iterable[Template], *, language: str | None = None, renderer: Renderer | None = None
    ) -> None:
        self._language = language
        self._renderer: Renderer = PlainRenderer() if renderer is None else renderer
        self._kept: dict[tuple[str, Medium], dict[str | None, Template]] = {}
        for each in templates:
            self._keep(each)
        problems = self.check(None)
        if problems:
            raise TemplateError(problems)

    def __iter__(self) -> Iterator[Template]:
        return (each for by_language in self._kept.values() for each in by_language.values())

    def __len__(self) -> int:
        return sum(map(len, self._kept.values()))

    def get(self, key: str, medium: Medium, language: str | None = None) -> Template:
        """The template for a customer's language (``pt-BR``), else for the one it is a kind of (``pt``), else for the
        shop's own, else the one for any language. Raises UnknownTemplate."""
        by_language = self._kept.get((key, medium))
        if by_language is None:
            raise self._unknown(key, medium)
        for each in (*_widening(language), *_widening(self._language), None):
            if each in by_language:
                return by_language[each]
        found = ", ".join(sorted(filter(None, by_language)))
        words = f"the template {key!r} for {medium.value} is in {found}, and in no language that was asked for"
        raise UnknownTemplate(key, (), instead=words)

    def media(self, key: str) -> frozenset[Medium]:
        """The media that the template is written for."""
        return frozenset(medium for each, medium in self._kept if each == key)

    def render(self, key: str, *, medium: Medium, language: str | None = None, data: Data, zone: tzinfo) -> Content:
        """The template, filled in. ``zone`` is that in which instants are written: the customer's, or the shop's.

        The data is mappings, lists and plain values: ``{"customer": visible(customer)}``. Raises UnknownTemplate, and
        UnrenderedTemplate for what is missing or cannot be written; a hole is never sent.
        """
        template = self.get(key, medium, language)
        return _Filling(template, self._renderer, plain(data), zone).content()

    def check(self, known: Data | None) -> tuple[Problem, ...]:
        """Everything wrong with the templates, with line and column. ``known`` is an example of the data that they are
        filled with: a name that it lacks is a problem, and so is a value in it that cannot be written so."""
        return tuple(
            problem for each in self for problem in check(each, known=known, renderer=self._renderer)
        )  # fmt: skip

    def unknown_names(self, key: str, medium: Medium, known: Data) -> tuple[Problem, ...]:
        """The names in one template, in every language that it is in, that the data lacks."""
        written = self._kept.get((key, medium), {}).values()
        found = [problem for each in written for problem in check(each, known=known, renderer=self._renderer)]
        return tuple(each for each in found if each.code == "unknown-variable")

    def _keep(self, template: Template) -> None:
        language = None if template.language is None else _normal(template.language)
        by_language = self._kept.setdefault((template.key, template.medium), {})
        if language in by_language:
            words = f"two templates are {template.key!r} for {template.medium.value} in {language or 'any language'}"
            raise ConfigurationError(words, hint="Give each its own key, medium or language")
        by_language[language] = template

    def _unknown(self, key: str, medium: Medium) -> UnknownTemplate:
        media = sorted(each.value for each in self.media(key))
        words = f"the template {key!r} is written for {', '.join(media)}, not for {medium.value}" if media else ""
        return UnknownTemplate(key, {each for each, _ in self._kept}, instead=words)


class _Filling:
    """One rendering: all parts of a template with the same data."""

    def __init__(self, template: Template, renderer: Renderer, data: Data, zone: tzinfo) -> None:
        self._template = template
        self._sources = template.sources
        self._renderer = renderer
        self._data = data
        self._zone = zone

    def content(self) -> Content:
        template = self._template
        given = {name: self._variable(name) for name in variables(template.text)} if template.approved else {}
        html = self._part("html")
        if html is not None and unsafe_links(html):
            raise self._unrendered("html", "a link leads to what is no page, mail or telephone number")
        return Content(
            text=filled(template.text, given) if template.approved else self._part("text") or "",
            subject=self._part("subject"),
            html=html,
            template=template.approved,
            variables=given,
            buttons=tuple(self._button(place, each) for place, each in enumerate(template.buttons, 1)),
        )

    def _button(self, place: int, button: Button) -> Button:
        return Button(self._part(f"button {place}") or "", button.kind, self._part(f"button {place} url"))

    def _variable(self, name: str) -> str:
        if name in self._template.variables:
            value = self._part(f"variable {name}") or ""
        else:
            try:
                value = written(looked_up(self._data, (name,))[1])
            except Unwritable as error:
                raise self._unrendered(f"#{{{name}}}", error.words) from None
        if not value or "#{" in value:
            raise self._unrendered(f"#{{{name}}}", "an approved template's variable is filled with text of its own")
        return value

    def _part(self, part: str) -> str | None:
        source = self._sources.get(part)
        if source is None:
            return None
        try:
            return self._renderer.render(source, self._data, html=part == "html", zone=self._zone)
        except UnrenderedTemplate as error:
            raise UnrenderedTemplate(
                error.words, line=error.line, column=error.column, template=self._template.key, part=part
            ) from None

    def _unrendered(self, part: str, words: str) -> UnrenderedTemplate:
        return UnrenderedTemplate(words, template=self._template.key, part=part)


def _normal(language: str) -> str:
    return language.replace("_", "-").lower()


def _widening(language: str | None) -> Iterator[str]:
    """``pt-BR``, then ``pt``."""
    rest = "" if language is None else _normal(language)
    while rest:
        yield rest
        rest = rest.rpartition("-")[0]
