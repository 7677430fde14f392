"""Known reasons for which dragnet differs from a reference engine.

Each entry is a fact of `docs/compatibility.md`; a difference that no entry
covers is a defect until proven otherwise.
"""

import re

import rulefile


def pattern_text(source, rule_name, pattern):
    """The declaration of a pattern as written; the condition for None."""
    for rule in rulefile.rules(source):
        if rule.name != rule_name:
            continue
        if pattern is None:
            return source[rule.condition : rule.end].decode(
                "latin-1").strip()
        text = source[rule.head : rule.condition].decode("latin-1")
        found = re.search(
            re.escape(pattern) + r"\s*=\s*([^\n]*(?:\n(?!\s*[$}c]).*)*)",
            text)
        return found.group(1).strip() if found else ""
    return ""


def first_difference(cases):
    """The matches only one side has, of the first case with whole lists."""
    for _, left, right in cases:
        if not (isinstance(left, list) and isinstance(right, list)):
            continue
        if all(isinstance(m, list) for m in left + right):
            a, b = set(map(tuple, left)), set(map(tuple, right))
            return sorted(a - b), sorted(b - a)
    return [], []


def explain(text, pattern, cases):
    """The reason for a difference, or None."""
    ours, theirs = first_difference(cases)
    if pattern is None:
        return None
    long = [m for m in ours + theirs if m[1] >= 4000]
    if long and len(long) == len(ours + theirs):
        return "reach: the match is cut at about 4,096 bytes"
    if "base64" in text and theirs and not ours:
        return "base64: libyara compares the encoding without decoding"
    if "xor" in text and "fullword" in text:
        return "xor fullword: the neighbours are xored before the test"
    if "wide" in text and text.startswith("/") and re.search(
            r"[\^$]|\\[bB]", text):
        return "wide: a place is judged by the low bytes of the neighbours"
    return None
