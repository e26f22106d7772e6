"""E-mail by SMTP, with nothing but the standard library."""

from retention.channels.smtp.bounces import read_bounces
from retention.channels.smtp.channel import SmtpChannel
from retention.channels.smtp.server import Login, SmtpServer

__all__ = ["Login", "SmtpChannel", "SmtpServer", "read_bounces"]
