//! The form of a query in PromQL, as far as alerts on requests have it.

use super::duration;

/// Deepest nesting, and longest query in bytes.
const DEEPEST: usize = 48;
const LONGEST: usize = 16_384;

/// A part of a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Query {
    Number(f64),
    /// Series by name and labels, over a window in seconds where they have one.
    Series {
        name: String,
        labels: Vec<Label>,
        window_s: Option<f64>,
    },
    /// A function, or an aggregation with its labels left out.
    Call(String, Vec<Query>),
    Two(String, Box<Query>, Box<Query>),
}

/// A label that series must have: name, sign and value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Label {
    pub(super) name: String,
    pub(super) sign: String,
    pub(super) value: String,
}

/// Reads a query, or says what is not understood.
pub(super) fn read(text: &str) -> Result<Query, String> {
    if text.len() > LONGEST {
        return Err(format!("a query of more than {LONGEST} characters"));
    }
    let mut reader = Reader {
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
    };
    let query = reader.level(0)?;
    match reader.peek() {
        None => Ok(query),
        Some(token) => Err(format!("`{token}` is not understood in the query")),
    }
}

/// Splits a query: texts keep their opening quote, comments go.
fn tokens(text: &str) -> Result<Vec<String>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => {
                let end = rest.find('\n').unwrap_or(rest.len());
                rest = rest[end..].trim_start();
                continue;
            }
            '"' | '\'' | '`' => {
                let (value, length) =
                    quoted(rest, first).ok_or("a text is not closed in the query")?;
                tokens.push(format!("\"{value}"));
                rest = rest[length..].trim_start();
                continue;
            }
            c if is_word(c) => rest
                .find(|c: char| !(is_word(c) || c == '.'))
                .unwrap_or(rest.len()),
            _ => match rest.get(..2) {
                Some("==" | "!=" | ">=" | "<=" | "=~" | "!~") => 2,
                _ => first.len_utf8(),
            },
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == ':'
}

/// The text between quotes, and how long it is with them.
fn quoted(rest: &str, quote: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' if quote != '`' => value.push(characters.next()?.1),
            c if c == quote => return Some((value, at + c.len_utf8())),
            c => value.push(c),
        }
    }
    None
}

/// Operators from those that bind least to those that bind most.
const LEVELS: [&[&str]; 6] = [
    &["or"],
    &["and", "unless"],
    &["==", "!=", ">", "<", ">=", "<="],
    &["+", "-"],
    &["*", "/", "%"],
    &["^"],
];

const AGGREGATIONS: [&str; 12] = [
    "sum",
    "min",
    "max",
    "avg",
    "count",
    "group",
    "stddev",
    "stdvar",
    "topk",
    "bottomk",
    "quantile",
    "count_values",
];

struct Reader {
    tokens: Vec<String>,
    next: usize,
    depth: usize,
}

impl Reader {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.next).map(String::as_str)
    }

    fn take(&mut self) -> Result<String, String> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token.ok_or_else(|| "the query ends early".to_owned())
    }

    fn skip(&mut self, token: &str) -> bool {
        let there = self.peek() == Some(token);
        self.next += usize::from(there);
        there
    }

    fn need(&mut self, token: &str) -> Result<(), String> {
        if self.skip(token) {
            Ok(())
        } else {
            Err(format!("`{token}` is missing in the query"))
        }
    }

    fn level(&mut self, level: usize) -> Result<Query, String> {
        if level == 0 {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(format!("a query nested deeper than {DEEPEST}"));
            }
        }
        let mut query = self.next_level(level)?;
        while let Some(operator) = self.peek().filter(|t| LEVELS[level].contains(t)) {
            let operator = operator.to_owned();
            self.next += 1;
            self.skip("bool");
            self.matching()?;
            query = Query::Two(operator, Box::new(query), Box::new(self.next_level(level)?));
        }
        if level == 0 {
            self.depth -= 1;
        }
        Ok(query)
    }

    fn next_level(&mut self, level: usize) -> Result<Query, String> {
        if level + 1 < LEVELS.len() {
            self.level(level + 1)
        } else {
            self.atom()
        }
    }

    /// Passes over `on (...)`, `ignoring (...)`, `group_left (...)` and the like.
    fn matching(&mut self) -> Result<(), String> {
        while matches!(
            self.peek(),
            Some("on" | "ignoring" | "group_left" | "group_right" | "by" | "without")
        ) {
            self.next += 1;
            if self.skip("(") {
                while self.take()? != ")" {}
            }
        }
        Ok(())
    }

    fn atom(&mut self) -> Result<Query, String> {
        let token = self.take()?;
        let mut query = if token == "(" {
            let query = self.level(0)?;
            self.need(")")?;
            query
        } else if token == "-" || token == "+" {
            match self.atom_below()? {
                Query::Number(number) if token == "-" => Query::Number(-number),
                query @ Query::Number(_) => query,
                query => Query::Call(token, vec![query]),
            }
        } else if token == "{" {
            self.series(String::new())?
        } else if let Some(number) = number(&token) {
            Query::Number(number)
        } else if AGGREGATIONS.contains(&token.as_str()) {
            self.matching()?;
            let parts = self.arguments()?;
            self.matching()?;
            Query::Call(token, parts)
        } else if token.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == ':') {
            match self.peek() {
                Some("(") => Query::Call(token, self.arguments()?),
                Some("{") => {
                    self.next += 1;
                    self.series(token)?
                }
                _ => Query::Series {
                    name: token,
                    labels: Vec::new(),
                    window_s: None,
                },
            }
        } else if let Some(text) = token.strip_prefix('"') {
            // Texts are arguments of functions on labels, none of which says anything of requests.
            Query::Call(format!("'{text}'"), Vec::new())
        } else {
            return Err(format!("`{token}` is not understood in the query"));
        };
        if self.skip("[") {
            query = self.window(query)?;
        }
        if self.peek() == Some("offset") || self.peek() == Some("@") {
            return Err("a query of another time (`offset`, `@`)".to_owned());
        }
        Ok(query)
    }

    fn atom_below(&mut self) -> Result<Query, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("a query nested deeper than {DEEPEST}"));
        }
        let query = self.atom()?;
        self.depth -= 1;
        Ok(query)
    }

    fn window(&mut self, of: Query) -> Result<Query, String> {
        let written = self.take()?;
        if !self.skip("]") {
            return Err("a query within a query (`[...:...]`)".to_owned());
        }
        match (of, duration::seconds(&written)) {
            (Query::Series { name, labels, .. }, Some(window_s)) => Ok(Query::Series {
                name,
                labels,
                window_s: Some(window_s),
            }),
            _ => Err(format!("`[{written}]` is no window of a series")),
        }
    }

    fn arguments(&mut self) -> Result<Vec<Query>, String> {
        self.need("(")?;
        let mut parts = Vec::new();
        while !self.skip(")") {
            parts.push(self.level(0)?);
            if !self.skip(",") {
                self.need(")")?;
                break;
            }
        }
        Ok(parts)
    }

    /// The labels after a brace.
    fn series(&mut self, name: String) -> Result<Query, String> {
        let mut labels = Vec::new();
        while !self.skip("}") {
            let (label, sign, value) = (self.take()?, self.take()?, self.take()?);
            let value = value
                .strip_prefix('"')
                .ok_or("a label is not compared with a text")?;
            labels.push(Label {
                name: label,
                sign,
                value: value.to_owned(),
            });
            if !self.skip(",") {
                self.need("}")?;
                break;
            }
        }
        Ok(Query::Series {
            name,
            labels,
            window_s: None,
        })
    }
}

/// A number, as far as it is finite.
fn number(token: &str) -> Option<f64> {
    let begins = token.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    token
        .parse()
        .ok()
        .filter(|number: &f64| begins && number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_labels_and_matching_are_passed_over() {
        let one = read(
            "sum(rate(a{code=~\"5..\"}[5m])) by (job) / on (job) group_left sum by (job) (rate(a[5m])) > 0.05",
        );
        let other = read("# all\n sum(rate(a{code=~'5..'}[5m]))\n  / sum(rate(a[5m])) > 0.05");
        assert!(one.is_ok());
        assert_eq!(one, other);
    }

    #[test]
    fn products_bind_closer_than_comparisons_and_those_closer_than_and() {
        let query = read("a / b * 100 > 5 and c > 0").unwrap();
        let Query::Two(and, left, _) = query else {
            panic!("two conditions");
        };
        assert_eq!(and, "and");
        assert!(matches!(*left, Query::Two(ref sign, ..) if sign == ">"));
    }

    #[test]
    fn what_is_no_query_is_refused() {
        for text in [
            "",
            "a >",
            "sum(",
            "a{b=\"c\"",
            "a{b=c}",
            "a[5m:1m]",
            "a offset 5m",
            "a[x]",
            "\"a",
            "a b",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
        for deep in ["(", "-", "sum(", "a{"] {
            assert!(read(&deep.repeat(3_000)).is_err(), "{deep}");
        }
    }
}
