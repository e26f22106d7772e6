"""Texts and KakaoTalk messages in Korea, through SOLAPI (https://solapi.com). Needs the extra ``http``."""

from importlib.util import find_spec

from retention.errors import MissingExtra

if find_spec("httpx") is None:
    raise MissingExtra("retention.channels.korea", "httpx", "http")

from retention.channels.korea.account import SolapiAccount
from retention.channels.korea.alimtalk import SolapiAlimtalk
from retention.channels.korea.brand import SolapiBrandMessage
from retention.channels.korea.sms import SolapiSms

__all__ = ["SolapiAccount", "SolapiAlimtalk", "SolapiBrandMessage", "SolapiSms"]
