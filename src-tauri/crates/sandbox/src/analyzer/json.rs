//! JSON whose every part knows where it stands, and whose objects keep all their members.

/// Deeper documents are refused; no policy is near.
const DEEPEST: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// Where the text of the value begins and ends, in bytes.
    pub(super) span: (usize, usize),
    pub(super) value: Json,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// Where a text stops to be JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SyntaxError(pub(super) usize);

/// Reads a whole document.
pub(super) fn read(text: &str) -> Result<Node, SyntaxError> {
    let mut reader = Reader { text, at: 0 };
    let node = reader.node(0)?;
    reader.skip_space();
    if reader.at < text.len() {
        return Err(SyntaxError(reader.at));
    }
    Ok(node)
}

impl Node {
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn members(&self) -> Option<&[(String, Node)]> {
        match &self.value {
            Json::Object(members) => Some(members),
            _ => None,
        }
    }

    pub(super) fn member(&self, name: &str) -> Option<&Node> {
        let mut members = self.members()?.iter();
        members.find(|(key, _)| key == name).map(|(_, node)| node)
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn wrong<T>(&self) -> Result<T, SyntaxError> {
        let mut at = self.at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        Err(SyntaxError(at))
    }

    fn take(&mut self, byte: u8) -> Result<(), SyntaxError> {
        self.skip_space();
        if self.peek() != Some(byte) {
            return self.wrong();
        }
        self.at += 1;
        Ok(())
    }

    fn node(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        self.skip_space();
        let start = self.at;
        if depth > DEEPEST {
            return self.wrong();
        }
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Json::Text(self.string()?),
            _ => self.word()?,
        };
        let span = (start, self.at);
        Ok(Node { span, value })
    }

    fn object(&mut self, depth: usize) -> Result<Json, SyntaxError> {
        self.take(b'{')?;
        let mut members = Vec::new();
        self.skip_space();
        while self.peek() != Some(b'}') {
            if !members.is_empty() {
                self.take(b',')?;
            }
            self.skip_space();
            let key = self.string()?;
            self.take(b':')?;
            members.push((key, self.node(depth + 1)?));
            self.skip_space();
        }
        self.take(b'}')?;
        Ok(Json::Object(members))
    }

    fn list(&mut self, depth: usize) -> Result<Json, SyntaxError> {
        self.take(b'[')?;
        let mut entries = Vec::new();
        self.skip_space();
        while self.peek() != Some(b']') {
            if !entries.is_empty() {
                self.take(b',')?;
            }
            entries.push(self.node(depth + 1)?);
            self.skip_space();
        }
        self.take(b']')?;
        Ok(Json::List(entries))
    }

    fn string(&mut self) -> Result<String, SyntaxError> {
        let start = self.at;
        self.take(b'"')?;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(..b' ') | None => return self.wrong(),
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        let written = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(written).map_err(|_| SyntaxError(start))
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Json, SyntaxError> {
        let start = self.at;
        while matches!(
            self.peek(),
            Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.')
        ) {
            self.at += 1;
        }
        match &self.text[start..self.at] {
            "null" => Ok(Json::Null),
            "true" => Ok(Json::Bool(true)),
            "false" => Ok(Json::Bool(false)),
            word if serde_json::from_str::<serde_json::Number>(word).is_ok() => {
                Ok(Json::Number(word.to_owned()))
            }
            _ => Err(SyntaxError(start)),
        }
    }
}
