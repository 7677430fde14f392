"""The two reference engines, and a cache of their answers.

An answer is `{rule: {pattern: matches}}`, where `rule` is
`FILE:RULE` and `matches` is a list of `[offset, length]`; long lists are
folded to their size, a digest and their beginning, so that the cache of some
thousand files stays small.
"""

import hashlib
import json
import os

EXTERNALS = {
    "filename": "", "filepath": "", "extension": "", "filetype": "",
    "owner": "",
}
KEPT = 100


def fold(matches):
    """A list of matches in the form in which lists are compared."""
    matches = sorted(set(map(tuple, matches)))
    if len(matches) <= KEPT:
        return [list(m) for m in matches]
    text = json.dumps(matches).encode()
    first = [list(m) for m in matches[:5]]
    return [len(matches), hashlib.sha1(text).hexdigest(), *first]


class YaraX:
    """YARA-X through its Python module."""

    name = "yara-x"

    def __init__(self, sources):
        import yara_x

        self.rejected = {}
        compiler = yara_x.Compiler(relaxed_re_syntax=True)
        for key, value in EXTERNALS.items():
            compiler.define_global(key, value)
        for name, text in sources.items():
            try:
                probe = yara_x.Compiler(relaxed_re_syntax=True)
                for key, value in EXTERNALS.items():
                    probe.define_global(key, value)
                probe.add_source(text.decode())
            except (yara_x.CompileError, UnicodeDecodeError) as error:
                self.rejected[name] = str(error).split("\n")[0]
                continue
            compiler.new_namespace(name)
            compiler.add_source(text.decode())
        self.scanner = yara_x.Scanner(compiler.build())
        self.scanner.set_timeout(600)

    def scan(self, data):
        answer = {}
        for rule in self.scanner.scan(data).matching_rules:
            patterns = {}
            for pattern in rule.patterns:
                if pattern.matches:
                    patterns.setdefault(pattern.identifier, []).extend(
                        (m.offset, m.length) for m in pattern.matches)
            answer[f"{rule.namespace}:{rule.identifier}"] = {
                k: fold(v) for k, v in patterns.items()}
        return answer


class LibYara:
    """libyara through its Python module."""

    name = "libyara"

    def __init__(self, sources):
        import yara

        self.rejected = {}
        good = {}
        for name, text in sources.items():
            # The module wants text; bytes above 0x7F in comments and
            # strings pass through unharmed only when they are UTF-8.
            try:
                yara.compile(source=text.decode(), externals=EXTERNALS)
                good[name] = text.decode()
            except (yara.Error, UnicodeDecodeError) as error:
                self.rejected[name] = str(error)
        self.rules = yara.compile(sources=good, externals=EXTERNALS)

    def scan(self, data):
        answer = {}
        for rule in self.rules.match(data=data, timeout=600):
            patterns = {}
            for pattern in rule.strings:
                patterns.setdefault(pattern.identifier, []).extend(
                    (i.offset, i.matched_length) for i in pattern.instances)
            answer[f"{rule.namespace}:{rule.rule}"] = {
                k: fold(v) for k, v in patterns.items()}
        return answer


class Cached:
    """An engine whose answers are kept in a folder, by rules and data. The
    engine is built only if an answer is missing."""

    def __init__(self, engine, sources, folder, tag=""):
        digest = hashlib.sha256()
        for name, text in sorted(sources.items()):
            digest.update(name.encode() + b"\0" + text + b"\0")
        self.folder = os.path.join(
            folder, f"{engine.name}{tag}-{digest.hexdigest()[:16]}")
        os.makedirs(self.folder, exist_ok=True)
        self.make = lambda: engine(sources)
        self.engine = None
        self.name = engine.name

    def _engine(self):
        if self.engine is None:
            self.engine = self.make()
            with open(os.path.join(self.folder, "rejected"), "w") as out:
                json.dump(self.engine.rejected, out, indent=1)
        return self.engine

    @property
    def rejected(self):
        """Files the engine refuses, with its first message."""
        path = os.path.join(self.folder, "rejected")
        if not os.path.exists(path):
            self._engine()
        with open(path) as file:
            return json.load(file)

    def scan(self, data):
        key = hashlib.sha256(data).hexdigest()
        path = os.path.join(self.folder, key)
        try:
            with open(path) as file:
                return json.load(file)
        except (FileNotFoundError, json.JSONDecodeError):
            pass
        try:
            answer = self._engine().scan(data)
        except Exception as error:  # a timeout of the engine is an answer
            answer = {"": {"error": str(error)}}
        with open(path + ".new", "w") as out:
            json.dump(answer, out)
        os.replace(path + ".new", path)
        return answer
