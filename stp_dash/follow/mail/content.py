"""What stands in an e-mail, and how it is written: as HTML of tables and inline styles, and as plain text.

Pictures, scripts and addresses that count readers are in none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from db.reading.characters import plain_text
from db.service.follow.news import Tone
from stp_dash.frame.shell import SITE_TITLE

MARKS = {Tone.WORSE: "◆", Tone.BETTER: "▲", Tone.NEITHER: "■", Tone.CHANGED: "⇄"}
_MARK_WORDS = "◆ worse   ▲ better   ■ neither   ⇄ changed"
_COLOURS = {Tone.WORSE: "#B84A00", Tone.BETTER: "#005EB8", Tone.NEITHER: "#5A2A82", Tone.CHANGED: "#425563"}
_BANNER = "Every number is invented. Do not use it for decisions."
_FONT = "font-family:Arial,sans-serif;"
_TABLE = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">'


@dataclass(frozen=True)
class WorstLine:
    """One of what is worst now: the count leads."""

    count: str
    unit: str
    heading: str
    sentence: str
    address: str


@dataclass(frozen=True)
class ChangedLine:
    """One thing that changed."""

    tone: Tone
    heading: str
    words: str
    address: str


@dataclass(frozen=True)
class Mail:
    """An e-mail before it is written. `why` says at its end why it came, `stop` where it is ended, `button` the one
    thing to do: words and address."""

    subject: str
    area: str
    heading: str
    lede: str
    worst: tuple[WorstLine, ...] = ()
    changed: tuple[ChangedLine, ...] = ()
    following: tuple[tuple[str, str], ...] = ()
    button: tuple[str, str] = ("", "")
    source: str = ""
    why: str = ""
    stop: str = ""
    change: str = ""
    demonstration: bool = False

    @property
    def line(self) -> str:
        """The subject as a mail's head has it: one line, and first that numbers are invented."""
        return plain_text(f"{'Demonstration: ' if self.demonstration else ''}{self.subject}")[:200]


def mail_html(mail: Mail) -> str:
    """The mail as HTML, 640 wide at most."""
    parts = [_banner() if mail.demonstration else "", _band(mail), _body(mail), _foot(mail)]
    inside = "".join(f"<tr>{part}</tr>" for part in parts if part)
    return (
        '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(mail.line)}</title></head>"
        '<body style="margin:0;background:#F0F4F5">'
        f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
        f'style="background:#F0F4F5"><tr><td align="center" style="padding:16px">'
        f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
        f'style="max-width:608px;text-align:left">{inside}</table></td></tr></table></body></html>'
    )


def _banner() -> str:
    return (
        f'<td style="{_FONT}background:#FFF6DB;border:1px solid #E0B84A;padding:8px 16px;font-size:14px;'
        'line-height:20px;color:#212B32"><b style="background:#212B32;color:#fff;padding:2px 8px">'
        f"Demonstration data</b>&nbsp; {_BANNER}</td>"
    )


def _band(mail: Mail) -> str:
    return (
        f'<td style="{_FONT}background:#005EB8;color:#fff;padding:14px 24px;font-size:14px;line-height:18px">'
        f'<b style="font-size:20px;line-height:24px">{SITE_TITLE}</b><br>{escape(mail.area)}</td>'
    )


def _body(mail: Mail) -> str:
    parts = [
        f'<h1 style="{_FONT}margin:0;font-size:24px;line-height:32px;color:#212B32">{escape(mail.heading)}</h1>',
        f'<p style="{_FONT}margin:8px 0 0;font-size:14px;line-height:20px;color:#425563">{escape(mail.lede)}</p>',
    ]
    if mail.worst:
        parts += [_title("Worst now"), _TABLE, *(_worst(item) for item in mail.worst), "</table>"]
    if mail.changed:
        parts += [_title("What changed"), _TABLE, *(_changed(item) for item in mail.changed), "</table>"]
    if mail.following:
        rows = (_row(when, escape(what)) for when, what in mail.following)
        parts += [_title("Next"), _TABLE, *rows, "</table>"]
    words, address = mail.button
    parts.append(
        '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin-top:24px"><tr>'
        f'<td style="background:#005EB8;border-radius:4px"><a href="{escape(address)}" style="{_FONT}'
        "display:inline-block;color:#fff;font-weight:700;font-size:16px;line-height:24px;padding:12px 24px;"
        f'text-decoration:none">{escape(words)}</a></td></tr></table>'
    )
    return f'<td style="background:#fff;border:1px solid #D8DDE0;border-top:0;padding:24px">{"".join(parts)}</td>'


def _title(words: str) -> str:
    return (
        f'<h2 style="{_FONT}margin:24px 0 4px;font-size:16px;line-height:24px;color:#003087;'
        f'border-bottom:2px solid #003087">{words}</h2>'
    )


def _worst(item: WorstLine) -> str:
    return (
        f'<tr><td valign="top" style="{_FONT}width:112px;padding:16px 16px 16px 0;border-bottom:1px solid #D8DDE0;'
        f'color:#212B32"><b style="font-size:36px;line-height:40px">{escape(item.count)}</b><br>'
        f'<span style="font-size:14px;line-height:16px;color:#425563">{escape(item.unit)}</span></td>'
        f'<td valign="top" style="{_FONT}padding:16px 0;border-bottom:1px solid #D8DDE0;color:#212B32;font-size:14px;'
        f'line-height:20px"><a href="{escape(item.address)}" style="color:#005EB8;font-size:18px;line-height:24px;'
        f'font-weight:700;text-decoration:none">{escape(item.heading)}</a><br>{escape(item.sentence)}</td></tr>'
    )


def _changed(item: ChangedLine) -> str:
    return (
        f'<tr><td valign="top" style="{_FONT}width:20px;padding:4px 0;color:{_COLOURS[item.tone]};font-size:14px;'
        f'line-height:20px">{MARKS[item.tone]}</td><td style="{_FONT}padding:4px 0;font-size:14px;line-height:20px;'
        f'color:#212B32"><a href="{escape(item.address)}" style="color:#212B32;font-weight:700">'
        f"{escape(item.heading)}</a>. {escape(item.words)}</td></tr>"
    )


def _row(when: str, what: str) -> str:
    return (
        f'<tr><td style="{_FONT}width:144px;padding:4px 0;font-size:14px;line-height:20px;color:#212B32">'
        f'{escape(when)}</td><td style="{_FONT}padding:4px 0;font-size:14px;line-height:20px;color:#212B32">'
        f"{what}</td></tr>"
    )


def _foot(mail: Mail) -> str:
    marks = f"{_MARK_WORDS.replace('   ', ' &nbsp; ')}<br>" if mail.changed else ""
    links = []
    if mail.stop:
        links.append(f'<a href="{escape(mail.stop)}" style="color:#005EB8">Stop these e-mails</a>')
    if mail.change:
        links.append(f'<a href="{escape(mail.change)}" style="color:#005EB8">Change what and how often</a>')
    return (
        f'<td style="{_FONT}padding:16px 24px;font-size:12px;line-height:16px;color:#425563">{marks}'
        f"{escape(mail.source)}<br><br>{escape(mail.why)} {' · '.join(links)}</td>"
    )


def mail_text(mail: Mail) -> str:
    """The mail as plain text, with the same words."""
    lines: list[str] = []
    if mail.demonstration:
        lines += [f"DEMONSTRATION DATA. {_BANNER}", ""]
    lines += [f"{SITE_TITLE}, {mail.area}", "", mail.heading, mail.lede, ""]
    if mail.worst:
        lines += ["WORST NOW", ""]
        for worst in mail.worst:
            lines += [f"{worst.count} {worst.unit}: {worst.heading}", worst.sentence, worst.address, ""]
    if mail.changed:
        lines += ["WHAT CHANGED", ""]
        for item in mail.changed:
            lines += [f"{MARKS[item.tone]} {item.heading}. {item.words}", item.address, ""]
        lines += [_MARK_WORDS, ""]
    if mail.following:
        lines += ["NEXT", "", *(f"{when}: {what}" for when, what in mail.following), ""]
    lines += [f"{mail.button[0]}: {mail.button[1]}", "", mail.source, "", mail.why]
    lines += _ends(mail)
    return "\n".join(plain_text(line) for line in lines).rstrip() + "\n"


def _ends(mail: Mail) -> Sequence[str]:
    found = (("Stop these e-mails", mail.stop), ("Change what and how often", mail.change))
    return [f"{words}: {address}" for words, address in found if address]
