"""Splits rule files into rules, without understanding them.

Knows only what is needed to find where a rule and its condition begin and
end: comments, text, regular expressions and hex patterns are skipped whole.
"""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    rb"""
      (?P<comment> //[^\n]* | /\*.*?\*/ )
    | (?P<text> \"{3}.*?\"{3} | "(?:\\.|[^"\\\n])*" )
    | (?P<regex> /(?:\\.|[^/\\\n])+/[a-z]* )
    | (?P<word> [A-Za-z_][A-Za-z0-9_]* )
    | (?P<pattern> [$\#@!][A-Za-z0-9_]* )
    | (?P<mark> [^\s] )
    """,
    re.VERBOSE | re.DOTALL,
)
HEX = re.compile(rb"\{(?:[^}/]|//[^\n]*|/\*.*?\*/|/)*\}", re.DOTALL)

# Modules that find out nothing by themselves.
WITHOUT_PARSER = {b"crx", b"msi", b"magic", b"vt"}
CLOCK_MODULES = {b"time"}


@dataclass
class Rule:
    """One rule and the places of its parts in the file."""

    name: str
    is_private: bool
    is_global: bool
    has_patterns: bool
    head: int  # where the modifiers or the word `rule` begin
    modifiers_end: int
    condition: int  # first byte after `condition:`
    end: int  # the closing brace
    words: set = field(default_factory=set)  # words of the condition
    fields: set = field(default_factory=set)  # words followed by a dot


def tokens(source):
    at = 0
    last = None
    while match := TOKEN.search(source, at):
        kind, text = match.lastgroup, match.group()
        at = match.end()
        if kind == "comment":
            continue
        if text == b"{" and last == b"=":
            if hexa := HEX.match(source, match.start()):
                at = hexa.end()
                last = b"hex"
                yield "hex", hexa.group(), match.start()
                continue
        last = text
        yield kind, text, match.start()


def rules(source):
    """All rules of a file, in order."""
    found = []
    modifiers = []
    stream = tokens(source)
    for kind, text, start in stream:
        if kind != "word":
            modifiers = []
        elif text in (b"private", b"global"):
            modifiers.append((text, start))
        elif text == b"rule":
            rule = _rule(stream, modifiers, start)
            modifiers = []
            if rule:
                found.append(rule)
        else:
            modifiers = []
    return found


def _rule(stream, modifiers, start):
    named = next(stream, None)
    if named is None or named[0] != "word":
        return None
    words = [m[0] for m in modifiers]
    rule = Rule(
        name=named[1].decode(),
        is_private=b"private" in words,
        is_global=b"global" in words,
        has_patterns=False,
        head=modifiers[0][1] if modifiers else start,
        modifiers_end=start,
        condition=-1,
        end=-1,
    )
    previous = None
    for kind, text, at in stream:
        if rule.condition < 0:
            if text == b":" and previous == b"condition":
                rule.condition = at + 1
            elif text == b":" and previous == b"strings":
                rule.has_patterns = True
        elif text == b"}":
            rule.end = at
            return rule
        elif kind == "word":
            rule.words.add(text)
        elif text == b"." and previous:
            rule.fields.add(previous)
        previous = text
    return None


def rules_with_modules(found, modules):
    """Names of the rules whose result hangs on one of these modules,
    directly, through another rule, or through a global rule."""
    tainted = {r.name for r in found if r.fields & modules}
    tainted |= {r.name for r in found if b"entrypoint" in r.words}
    if any(r.is_global and r.name in tainted for r in found):
        return {r.name for r in found}
    while True:
        more = {
            r.name
            for r in found
            if r.name not in tainted
            and any(w.decode() in tainted for w in r.words)
        }
        if not more:
            return tainted
        tainted |= more


def every_pattern(source):
    """The same file with each condition replaced by `any of them`, so that
    the matches of all patterns are reported and not only those of rules
    that hold. Rules without patterns become false."""
    out = bytearray()
    at = 0
    for rule in rules(source):
        out += source[at : rule.head]
        out += source[rule.modifiers_end : rule.condition]
        out += b" any of them " if rule.has_patterns else b" false "
        at = rule.end
    return bytes(out + source[at:])
