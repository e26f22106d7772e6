"""What ``Plugins.load_entry_points`` finds."""

import os
from collections.abc import Sequence

from retention.channels import Channel
from retention.plugins import hookimpl
from retention_chatroom.channel import ChatroomChannel


@hookimpl
def retention_channels() -> Sequence[Channel]:
    server = os.environ.get("CHATROOM_SERVER")
    return [ChatroomChannel(server)] if server else []
