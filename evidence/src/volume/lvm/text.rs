//! The language in which groups are described.

/// Deepest nesting of sections; the usual is 4.
const MAX_DEPTH: usize = 16;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Number(u64),
    Text(String),
    List(Vec<Value>),
}

/// A section: values and sections with names, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    values: Vec<(String, Value)>,
    pub(super) sections: Vec<(String, Section)>,
}

impl Section {
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        match self.value(name)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.value(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn list(&self, name: &str) -> Option<&[Value]> {
        match self.value(name)? {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    pub(super) fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|s| s.0 == name).map(|s| &s.1)
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|v| v.0 == name).map(|v| &v.1)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(u8),
}

struct Lexer<'a> {
    rest: &'a [u8],
}

impl Lexer<'_> {
    fn take(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    fn skip(&mut self) {
        while let Some(byte) = self.rest.first() {
            match byte {
                b'#' => {
                    let end = self.rest.iter().position(|b| *b == b'\n');
                    self.take(end.unwrap_or(self.rest.len()));
                }
                0 => self.rest = &[],
                byte if byte.is_ascii_whitespace() => self.take(1),
                _ => return,
            }
        }
    }

    fn string(&mut self) -> Option<Token> {
        let mut text = Vec::new();
        loop {
            let byte = *self.rest.first()?;
            self.take(1);
            match byte {
                b'"' => break,
                b'\\' => {
                    text.push(*self.rest.first()?);
                    self.take(1);
                }
                byte => text.push(byte),
            }
        }
        Some(Token::Text(String::from_utf8_lossy(&text).into_owned()))
    }

    /// `None` at the end, or where nothing makes sense.
    fn next(&mut self) -> Option<Token> {
        self.skip();
        let byte = *self.rest.first()?;
        if byte == b'"' {
            self.take(1);
            return self.string();
        }
        let is_sign = |byte: &u8| b"={}[],\"#".contains(byte);
        if is_sign(&byte) {
            self.take(1);
            return Some(Token::Sign(byte));
        }
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || is_sign(byte);
        let end = self.rest.iter().position(is_end);
        let word = self.rest.get(..end.unwrap_or(self.rest.len()))?;
        let word = String::from_utf8_lossy(word).into_owned();
        self.take(end.unwrap_or(self.rest.len()));
        Some(Token::Word(word))
    }

    fn value(&mut self) -> Option<Value> {
        match self.next()? {
            Token::Sign(b'[') => {
                let mut list = Vec::new();
                loop {
                    match self.next()? {
                        Token::Sign(b']') => return Some(Value::List(list)),
                        Token::Sign(b',') => {}
                        token => list.push(scalar(token)?),
                    }
                }
            }
            token => scalar(token),
        }
    }
}

fn scalar(token: Token) -> Option<Value> {
    match token {
        Token::Text(text) => Some(Value::Text(text)),
        // Only whole numbers matter here.
        Token::Word(word) => Some(match word.parse() {
            Ok(number) => Value::Number(number),
            Err(_) => Value::Text(word),
        }),
        Token::Sign(_) => None,
    }
}

/// Reads a description; `None` if it is none.
pub(super) fn parse(text: &[u8]) -> Option<Section> {
    let mut lexer = Lexer { rest: text };
    let mut open: Vec<(String, Section)> = Vec::new();
    let mut current = Section::default();
    while let Some(token) = lexer.next() {
        match token {
            Token::Word(name) => match lexer.next()? {
                Token::Sign(b'=') => {
                    current.values.push((name, lexer.value()?));
                }
                Token::Sign(b'{') if open.len() < MAX_DEPTH => {
                    open.push((name, std::mem::take(&mut current)));
                }
                _ => return None,
            },
            Token::Sign(b'}') => {
                let (name, mut outer) = open.pop()?;
                outer.sections.push((name, current));
                current = outer;
            }
            _ => return None,
        }
    }
    open.is_empty().then_some(current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_values_and_lists() {
        let text = br#"
# a comment with { and "
vg { # another
    id = "a\"b }" seqno = 7
    list = ["pv0", 0,
            "pv1", 12]
    empty = []
    inner { ratio = 1.5 }
}
end = 1
"#;
        let root = parse(text).unwrap();
        let vg = root.section("vg").unwrap();
        assert_eq!(vg.text("id"), Some("a\"b }"));
        assert_eq!(vg.number("seqno"), Some(7));
        let list = vg.list("list").unwrap();
        assert_eq!(list.len(), 4);
        assert_eq!(list[3], Value::Number(12));
        assert_eq!(vg.list("empty"), Some(&[][..]));
        let inner = vg.section("inner").unwrap();
        assert_eq!(inner.text("ratio"), Some("1.5"));
        assert_eq!(root.number("end"), Some(1));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in ["a {", "}", "a = ", "a = [1", "a b", "a = \"b", "= 1"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse("a {".repeat(100_000).as_bytes()), None);
        assert_eq!(parse(b""), Some(Section::default()));
    }
}
