"""Examples are files, not a package: they are loaded by their path."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from tests.project.source import ROOT


def load(path: str) -> Any:
    """The module in ``examples/``."""
    name = path.replace("/", "_").replace("-", "_").removesuffix(".py")
    spec = spec_from_file_location(name, ROOT / "examples" / path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
