"""Liquid, as marketers write it, with nothing in it that could read a clock, load a file or fill the memory. Needs the
extra ``liquid``."""

from importlib.util import find_spec

from retention.errors import MissingExtra

if find_spec("liquid") is None:
    raise MissingExtra("retention.templates.liquid", "python-liquid", "liquid")

from retention.templates.liquid.renderer import LiquidRenderer

__all__ = ["LiquidRenderer"]
