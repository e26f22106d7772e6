"""Faults in what stands against attackers: secrets, names of mails, texts that no table holds, HTML that acts."""

from tests.mutation.fault import Fault

_BOUNCES = ("tests/channels/test_bounces.py", "tests/channels/test_smtp_letters.py")
_WHATSAPP = ("tests/channels/test_whatsapp.py",)
_PROBLEMS = ("tests/permission/content/test_problems.py",)
_TEXTS = ("tests/engine/test_hostile_texts.py",)
_TROUBLE = ("tests/engine/test_trouble.py",)
_HTML = ("tests/templates/test_html.py",)
_VISIBLE = ("tests/permission/content/test_visible.py",)
_DRESSING = ("tests/permission/content/test_dressing.py",)

_SECRETS = (
    Fault(
        "blanks are a secret",
        "channels/secrets.py",
        "len(secret.strip()) < _CHARACTERS",
        "len(secret) < _CHARACTERS",
        _WHATSAPP,
    ),
    Fault("a short key will do", "channels/secrets.py", "len(key) < _BYTES", "len(key) < 1", _BOUNCES),
    Fault(
        "every mail is the shop's own",
        "channels/smtp/bounces.py",
        " if id and is_own(id, secret) else ()",
        " if id else ()",
        _BOUNCES,
    ),
    Fault(
        "a mail's name begins without the secret",
        "channels/smtp/names.py",
        '_signed(secret, b"tag"',
        '_signed(b"", b"tag"',
        _BOUNCES,
    ),
    Fault(
        "a mail's name is another domain's",
        "channels/smtp/names.py",
        '"mark", f"{tag}@{domain}")',
        '"mark", tag)',
        _BOUNCES,
    ),
)

_STORED = (
    Fault(
        "a long id is one of many letters",
        "checks.py",
        "if len(text.encode()) > LONGEST_ID:",
        "if len(text) > LONGEST_ID:",
        _TEXTS,
    ),
    Fault("a NUL is a letter", "checks.py", 'if "\\0" in value:', "if False:", _TEXTS),
    Fault("a long key stays long", "loyalty/keys.py", "if len(written) <= _LONGEST:", "if True:", _TEXTS),
    Fault("a long key is its beginning", "loyalty/keys.py", "%~{sha256(written).hexdigest()}", "%~", _TEXTS),
    Fault("the database tells it all", "storage/sql/sessions.py", "problem.hide_parameters = True", "pass", _TEXTS),
    Fault(
        "the database's words come through",
        "storage/sql/sessions.py",
        "raise UnstorableValue from None",
        "raise",
        _TEXTS,
    ),
    Fault("any name is a message's", "channels/receipts.py", " and given.isprintable()", "", _TEXTS),
    Fault("a name of any length", "channels/receipts.py", " <= _LONGEST_NAME", "", _TROUBLE),
)

_SHOWN = (
    Fault(
        "several pictures are one",
        "permission/content/markup.py",
        "(whole, *filter(None, _BETWEEN_LINKS.split(whole)))",
        "(whole,)",
        _PROBLEMS,
    ),
    Fault(
        "a page may turn itself",
        "permission/content/markup.py",
        '.strip().lower() == "refresh"',
        ' == "Refresh"',
        _PROBLEMS,
    ),
    Fault(
        "entities hide a word",
        "permission/content/markup.py",
        'return unescape(value[1] or value[2] or value[3] or "")',
        'return value[1] or value[2] or value[3] or ""',
        _PROBLEMS,
    ),
    Fault(
        "what is hidden is read",
        "permission/content/visible.py",
        "if not _is_hidden(piece.attributes):",
        "if True:",
        _VISIBLE,
    ),
    Fault("a link around nothing", "permission/content/visible.py", '_UNSEEN.sub("", _read(each))', "True", _VISIBLE),
    Fault(
        "a part of a link",
        "permission/content/showing.py",
        " and _GOES_ON.match(text, at + len(link)) is None",
        "",
        _VISIBLE,
    ),
    Fault(
        "a footer in a comment",
        "permission/content/dressing.py",
        "at = _end_of_body(html)",
        'at = html.lower().rfind("</body") % (len(html) + 1)',
        _DRESSING,
    ),
    Fault("a title has no label", "permission/content/rules.py", " else self.text_label", " else None", _PROBLEMS),
    Fault(
        "any buttons will do",
        "permission/content/fitting.py",
        "yield from _unlike_buttons(template, content.buttons)",
        "pass",
        _PROBLEMS,
    ),
    Fault(
        "what Liquid reads is a link",
        "templates/template.py",
        '_LIQUID_TAG.sub(lambda tag: " " * len(tag[0]), html)',
        "html",
        _HTML,
    ),
    Fault(
        "no reason names its channel",
        "permission/gate.py",
        "evolve(each, channel=case.draft.channel)",
        "each",
        ("tests/permission/test_gate.py",),
    ),
)

ATTACKS = (*_SECRETS, *_STORED, *_SHOWN)
