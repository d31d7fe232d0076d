//! Expressions of CloudWatch metric math, as far as alarms commonly use them.
//!
//! Source of the syntax: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics".

/// Deepest nesting that is read.
const DEEPEST: usize = 48;

/// The longest expression that CloudWatch takes, in bytes.
const LONGEST: usize = 2_048;

/// A part of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Math {
    Number(f64),
    /// A metric or another expression, by its id.
    Id(String),
    /// All metrics of the alarm, `METRICS()`.
    Metrics,
    List(Vec<Math>),
    Minus(Box<Math>),
    Two(Operator, Box<Math>, Box<Math>),
    /// `IF(condition, then, otherwise)`.
    If(Box<Math>, Box<Math>, Option<Box<Math>>),
    /// `FILL(metric, value)` with a number.
    Fill(Box<Math>, f64),
    Sum(Vec<Math>),
}

impl Math {
    /// The number that it is.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Math::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// What stands between two parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Plus,
    Minus,
    Times,
    Over,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

/// Reads an expression, or says what is not understood.
pub(super) fn read(text: &str) -> Result<Math, String> {
    if text.len() > LONGEST {
        return Err(format!("an expression has at most {LONGEST} characters"));
    }
    let mut reader = Reader {
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
    };
    let math = reader.either()?;
    match reader.peek() {
        None => Ok(math),
        Some(token) => Err(format!("`{}` is not understood there", token.shown())),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Word(String),
    Operator(Operator),
    Mark(char),
    Text(String),
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Token::Number(number) => number.to_string(),
            Token::Word(word) => word.clone(),
            Token::Operator(operator) => format!("{operator:?}"),
            Token::Mark(mark) => mark.to_string(),
            Token::Text(text) => format!("'{text}'"),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = if let Some(found) = two_characters(rest) {
            found
        } else if first.is_ascii_digit() || first == '.' {
            let length = rest
                .find(|c: char| !(c.is_ascii_digit() || c == '.'))
                .unwrap_or(rest.len());
            let number = rest[..length]
                .parse()
                .map_err(|_| format!("`{}` is no number", &rest[..length]))?;
            (Token::Number(number), length)
        } else if first.is_alphabetic() || first == '_' {
            let length = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            (word(&rest[..length]), length)
        } else if first == '"' || first == '\'' {
            let length = rest[1..]
                .find(first)
                .ok_or("a text is not closed in the expression")?;
            (Token::Text(rest[1..=length].to_owned()), length + 2)
        } else {
            let token = match first {
                '+' => Token::Operator(Operator::Plus),
                '-' => Token::Operator(Operator::Minus),
                '*' => Token::Operator(Operator::Times),
                '/' => Token::Operator(Operator::Over),
                '<' => Token::Operator(Operator::Less),
                '>' => Token::Operator(Operator::More),
                '(' | ')' | ',' | '[' | ']' => Token::Mark(first),
                _ => return Err(format!("`{first}` is not understood in an expression")),
            };
            (token, first.len_utf8())
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn two_characters(rest: &str) -> Option<(Token, usize)> {
    let operator = match rest.get(..2)? {
        "<=" => Operator::LessOrEqual,
        ">=" => Operator::MoreOrEqual,
        "==" => Operator::Equal,
        "!=" => Operator::NotEqual,
        "&&" => Operator::And,
        "||" => Operator::Or,
        _ => return None,
    };
    Some((Token::Operator(operator), 2))
}

fn word(text: &str) -> Token {
    match text {
        "AND" => Token::Operator(Operator::And),
        "OR" => Token::Operator(Operator::Or),
        _ => Token::Word(text.to_owned()),
    }
}

struct Reader {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    /// Takes an operator if one of these is next.
    fn operator(&mut self, of: &[Operator]) -> Option<Operator> {
        match self.peek() {
            Some(Token::Operator(operator)) if of.contains(operator) => {
                let operator = *operator;
                self.next += 1;
                Some(operator)
            }
            _ => None,
        }
    }

    fn mark(&mut self, mark: char) -> bool {
        let there = self.peek() == Some(&Token::Mark(mark));
        self.next += usize::from(there);
        there
    }

    fn need(&mut self, mark: char) -> Result<(), String> {
        if self.mark(mark) {
            Ok(())
        } else {
            Err(format!("`{mark}` is missing in the expression"))
        }
    }

    fn left_to_right(
        &mut self,
        operators: &[Operator],
        part: fn(&mut Reader) -> Result<Math, String>,
    ) -> Result<Math, String> {
        let mut math = part(self)?;
        while let Some(operator) = self.operator(operators) {
            math = Math::Two(operator, Box::new(math), Box::new(part(self)?));
        }
        Ok(math)
    }

    fn either(&mut self) -> Result<Math, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("an expression is nested deeper than {DEEPEST}"));
        }
        let math = self.left_to_right(&[Operator::Or], Reader::both);
        self.depth -= 1;
        math
    }

    fn both(&mut self) -> Result<Math, String> {
        self.left_to_right(&[Operator::And], Reader::comparison)
    }

    fn comparison(&mut self) -> Result<Math, String> {
        let operators = [
            Operator::Less,
            Operator::LessOrEqual,
            Operator::More,
            Operator::MoreOrEqual,
            Operator::Equal,
            Operator::NotEqual,
        ];
        self.left_to_right(&operators, Reader::sum)
    }

    fn sum(&mut self) -> Result<Math, String> {
        self.left_to_right(&[Operator::Plus, Operator::Minus], Reader::product)
    }

    fn product(&mut self) -> Result<Math, String> {
        self.left_to_right(&[Operator::Times, Operator::Over], Reader::atom)
    }

    fn atom(&mut self) -> Result<Math, String> {
        match self.take() {
            Some(Token::Number(number)) => Ok(Math::Number(number)),
            Some(Token::Operator(Operator::Minus)) => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(format!("an expression is nested deeper than {DEEPEST}"));
                }
                let math = self.atom()?;
                self.depth -= 1;
                Ok(Math::Minus(Box::new(math)))
            }
            Some(Token::Mark('(')) => {
                let math = self.either()?;
                self.need(')')?;
                Ok(math)
            }
            Some(Token::Mark('[')) => Ok(Math::List(self.until(']')?)),
            Some(Token::Word(name)) if self.mark('(') => self.function(&name),
            Some(Token::Word(name)) => Ok(Math::Id(name)),
            Some(token) => Err(format!("`{}` is not understood there", token.shown())),
            None => Err("the expression ends early".to_owned()),
        }
    }

    /// What stands between commas, up to a closing mark.
    fn until(&mut self, close: char) -> Result<Vec<Math>, String> {
        let mut parts = Vec::new();
        if self.mark(close) {
            return Ok(parts);
        }
        loop {
            parts.push(self.either()?);
            if !self.mark(',') {
                self.need(close)?;
                return Ok(parts);
            }
        }
    }

    fn function(&mut self, name: &str) -> Result<Math, String> {
        let parts = self.until(')')?;
        let mut parts = parts.into_iter();
        let arguments = (parts.next(), parts.next(), parts.next(), parts.next());
        Ok(match (name, arguments) {
            ("METRICS", (None, ..)) => Math::Metrics,
            ("IF", (Some(condition), Some(then), otherwise, None)) => {
                Math::If(Box::new(condition), Box::new(then), otherwise.map(Box::new))
            }
            ("FILL", (Some(metric), Some(Math::Number(value)), None, None)) => {
                Math::Fill(Box::new(metric), value)
            }
            ("SUM", (Some(Math::List(of)), None, ..)) => Math::Sum(of),
            ("SUM", (Some(of), None, ..)) => Math::Sum(vec![of]),
            _ => return Err(format!("`{name}(...)` is not understood")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> Box<Math> {
        Box::new(Math::Id(name.to_owned()))
    }

    #[test]
    fn products_bind_closer_than_sums_and_comparisons_least() {
        let two = |operator, a, b| Math::Two(operator, a, b);
        let rate = two(Operator::Over, id("a"), id("b"));
        let sum = two(Operator::Plus, Box::new(rate.clone()), id("c"));
        assert_eq!(read("a/b + c"), Ok(sum.clone()));
        let compared = two(
            Operator::MoreOrEqual,
            Box::new(sum),
            Box::new(Math::Number(5.0)),
        );
        assert_eq!(read(" a/b+c>=5"), Ok(compared));
        let hundred = Box::new(Math::Number(100.0));
        assert_eq!(
            read("(a/b)*100"),
            Ok(two(Operator::Times, Box::new(rate), hundred))
        );
    }

    #[test]
    fn conditions_take_both_spellings_of_and() {
        assert_eq!(
            read("IF((a>=4) && (b>=2),c)"),
            read("IF(a >= 4 AND b >= 2, c)")
        );
        assert!(read("IF((a>=4) && (b>=2),c)").is_ok());
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (text, reason) in [
            (
                "ANOMALY_DETECTION_BAND(m1, 2)",
                "`ANOMALY_DETECTION_BAND(...)` is not understood",
            ),
            ("a +", "the expression ends early"),
            ("(a", "`)` is missing in the expression"),
            ("a b", "`b` is not understood there"),
            ("FILL(m, REPEAT)", "`FILL(...)` is not understood"),
            ("1.2.3", "`1.2.3` is no number"),
            ("'abc", "a text is not closed in the expression"),
        ] {
            assert_eq!(read(text), Err(reason.to_owned()), "{text}");
        }
        assert!(read(&"(".repeat(2_000)).is_err());
        assert!(read(&"-".repeat(2_000)).is_err());
    }
}
