"""Nothing makes an outbound message but the gate."""

import ast

import pytest

from retention.errors import ConfigurationError
from retention.permission import Content, Medium, MessageKind, Outbound
from tests.permission.scene import NOON
from tests.project.source import python_files


def test_only_the_gate_and_the_message_know_the_seal() -> None:
    knowing = {
        source.path.name
        for source in python_files("src")
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.ImportFrom) and "_seal" in f"{node.module}.{[each.name for each in node.names]}")
        or (isinstance(node, ast.Import) and any("_seal" in each.name for each in node.names))
    }
    assert knowing == {"gate.py", "messages.py"}


def test_a_message_without_the_seal_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="permit"):
        Outbound(
            key="m-1",
            recipient="r-1",
            address="a@shop.example",
            content=Content(text="x"),
            kind=MessageKind.SERVICE,
            medium=Medium.EMAIL,
            expires_at=NOON,
            sent_at=NOON,
            attempt=1,
            seal=object(),  # type: ignore[arg-type]
        )
