//! A part of a text that knows where it begins.

use std::ops::Range;

use super::LiteralError;

/// A part of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub text: &'a str,
    /// Bytes of the literal before it.
    pub start: usize,
}

impl<'a> Piece<'a> {
    /// A whole literal.
    pub fn of(text: &'a str) -> Piece<'a> {
        Piece { text, start: 0 }
    }

    /// Without white space at either end.
    pub fn trim(self) -> Piece<'a> {
        let cut = self.text.trim_start();
        Piece {
            text: cut.trim_end(),
            start: self.start + self.text.len() - cut.len(),
        }
    }

    /// The bytes from `from` on.
    pub fn from(self, from: usize) -> Piece<'a> {
        Piece {
            text: &self.text[from..],
            start: self.start + from,
        }
    }

    /// The bytes before `to`.
    pub fn to(self, to: usize) -> Piece<'a> {
        Piece {
            text: &self.text[..to],
            start: self.start,
        }
    }

    /// What is before and after the first occurrence of a text, trimmed.
    pub fn split_once(self, at: &str) -> Option<(Piece<'a>, Piece<'a>)> {
        let i = self.text.find(at)?;
        Some((self.to(i).trim(), self.from(i + at.len()).trim()))
    }

    /// The parts between occurrences of a character, trimmed.
    pub fn split(self, at: char) -> Vec<Piece<'a>> {
        let mut parts = Vec::new();
        let mut left = self;
        while let Some(i) = left.text.find(at) {
            parts.push(left.to(i).trim());
            left = left.from(i + at.len_utf8());
        }
        parts.push(left.trim());
        parts
    }

    /// What is left after a text at the beginning, trimmed.
    pub fn after(self, prefix: &str) -> Option<Piece<'a>> {
        self.text
            .starts_with(prefix)
            .then(|| self.from(prefix.len()).trim())
    }

    /// The bytes of the literal that it covers.
    pub fn range(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// A broken rule, about this part.
    pub fn fail(self, rule: impl Into<String>) -> LiteralError {
        LiteralError {
            at: Some(self.range()),
            ..LiteralError::new(rule)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_remember_where_they_begin() {
        let whole = Piece::of(" 0.7: 5m |  0.3: 1h ");
        let parts = whole.split('|');
        assert_eq!(
            parts,
            [
                Piece {
                    text: "0.7: 5m",
                    start: 1
                },
                Piece {
                    text: "0.3: 1h",
                    start: 12
                }
            ]
        );
        let (weight, value) = parts[1].split_once(":").unwrap();
        assert_eq!((weight.range(), value.range()), (12..15, 17..19));
        assert_eq!(
            value.after("1").unwrap(),
            Piece {
                text: "h",
                start: 18
            }
        );
    }
}
