"""What is written once and filled in for each customer: texts, mails, approved templates, and how they are checked."""

from retention.templates.errors import Fault, Problem, TemplateError, UnknownTemplate, UnrenderedTemplate
from retention.templates.particles import with_particle
from retention.templates.preview import Preview, preview
from retention.templates.renderer import PlainRenderer, Renderer
from retention.templates.template import Template, check
from retention.templates.templates import Templates
from retention.templates.values import Data, visible

__all__ = [
    "Data",
    "Fault",
    "PlainRenderer",
    "Preview",
    "Problem",
    "Renderer",
    "Template",
    "TemplateError",
    "Templates",
    "UnknownTemplate",
    "UnrenderedTemplate",
    "check",
    "preview",
    "visible",
    "with_particle",
]
