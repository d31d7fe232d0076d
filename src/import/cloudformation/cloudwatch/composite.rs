//! The rule of a composite alarm: which alarms raise it.
//!
//! Source of the syntax: CloudWatch API Reference, PutCompositeAlarm.

/// A rule over the states of alarms.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Rule {
    /// An alarm is in ALARM; its name, or what is in place of it.
    Alarm(String),
    And(Vec<Rule>),
    Or(Vec<Rule>),
    Always(bool),
    /// What the alarm language has no words for, by its name.
    Other(String),
}

/// Deepest nesting that is read, and the longest rule.
const DEEPEST: usize = 48;
const LONGEST: usize = 10_240;

/// Reads a rule such as `ALARM("a") OR ALARM(b)`.
pub(in super::super) fn read(text: &str) -> Result<Rule, String> {
    if text.len() > LONGEST {
        return Err(format!(
            "CloudWatch refuses a rule of more than {LONGEST} characters"
        ));
    }
    let mut reader = Reader {
        rest: text,
        depth: 0,
    };
    let rule = reader.either()?;
    if reader.rest.trim().is_empty() {
        Ok(rule)
    } else {
        Err(format!(
            "`{}` is not understood in the rule",
            start_of(reader.rest)
        ))
    }
}

fn start_of(text: &str) -> String {
    text.trim().chars().take(20).collect()
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Takes a word if it is next.
    fn word(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start();
        let Some(after) = rest.strip_prefix(word) else {
            return false;
        };
        let ends = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if ends || !word.ends_with(char::is_alphabetic) {
            self.rest = after;
            return true;
        }
        false
    }

    fn either(&mut self) -> Result<Rule, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("a rule is nested deeper than {DEEPEST}"));
        }
        let mut rules = vec![self.both()?];
        while self.word("OR") {
            rules.push(self.both()?);
        }
        self.depth -= 1;
        Ok(one_or(rules, Rule::Or))
    }

    fn both(&mut self) -> Result<Rule, String> {
        let mut rules = vec![self.part()?];
        while self.word("AND") {
            rules.push(self.part()?);
        }
        Ok(one_or(rules, Rule::And))
    }

    fn part(&mut self) -> Result<Rule, String> {
        if self.word("NOT") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(format!("a rule is nested deeper than {DEEPEST}"));
            }
            let rule = self.part()?;
            self.depth -= 1;
            return Ok(match rule {
                Rule::Always(is) => Rule::Always(!is),
                _ => Rule::Other("NOT".to_owned()),
            });
        }
        if self.word("TRUE") {
            return Ok(Rule::Always(true));
        }
        if self.word("FALSE") {
            return Ok(Rule::Always(false));
        }
        for state in ["ALARM", "OK", "INSUFFICIENT_DATA"] {
            if self.word(state) {
                let name = self.name()?;
                return Ok(match state {
                    "ALARM" => Rule::Alarm(name.to_owned()),
                    _ => Rule::Other(format!("{state}({name})")),
                });
            }
        }
        if self.word("(") {
            let rule = self.either()?;
            return self.close().map(|()| rule);
        }
        Err(format!(
            "`{}` is not understood in the rule",
            start_of(self.rest)
        ))
    }

    fn close(&mut self) -> Result<(), String> {
        if self.word(")") {
            Ok(())
        } else {
            Err("`)` is missing in the rule".to_owned())
        }
    }

    fn name(&mut self) -> Result<&'a str, String> {
        if !self.word("(") {
            return Err("`(` is missing in the rule".to_owned());
        }
        let rest = self.rest.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (name, after) = match quote {
            Some(quote) => rest[1..].split_once(quote),
            // What is not known in a name has brackets of another kind only.
            None => rest.find(')').map(|at| rest.split_at(at)),
        }
        .ok_or("a name is not closed in the rule")?;
        self.rest = after;
        self.close()?;
        Ok(name.trim())
    }
}

fn one_or(mut rules: Vec<Rule>, many: fn(Vec<Rule>) -> Rule) -> Rule {
    match (rules.pop(), rules.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            rules.extend(last);
            many(rules)
        }
    }
}

impl Rule {
    /// The alarms any of which raises this one, or what is not expressed about it.
    pub(in super::super) fn any_of(&self) -> Result<Vec<&str>, String> {
        match self {
            Rule::Alarm(name) => Ok(vec![name]),
            Rule::Always(false) => Ok(Vec::new()),
            Rule::Always(true) => Err("a composite alarm that is always raised".to_owned()),
            Rule::Or(rules) => {
                let mut names = Vec::new();
                for rule in rules {
                    names.extend(rule.any_of()?);
                }
                Ok(names)
            }
            Rule::And(rules) => {
                // What always holds does not matter.
                let rules: Vec<&Rule> = rules
                    .iter()
                    .filter(|rule| **rule != Rule::Always(true))
                    .collect();
                match rules[..] {
                    [only] => only.any_of(),
                    _ if rules.contains(&&Rule::Always(false)) => Ok(Vec::new()),
                    _ => Err("several alarms that must be raised at once".to_owned()),
                }
            }
            Rule::Other(what) => Err(format!("{what} in the rule of a composite alarm")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_several_alarms_is_each_of_them() {
        let rule = read("ALARM(\"a\") OR (ALARM('b') OR ALARM(c)) OR FALSE").unwrap();
        assert_eq!(rule.any_of(), Ok(vec!["a", "b", "c"]));
        let rule = read("TRUE AND ALARM(ORDERS)").unwrap();
        assert_eq!(rule.any_of(), Ok(vec!["ORDERS"]));
        let rule = read("ALARM(a) AND FALSE AND ALARM(b)").unwrap();
        assert_eq!(rule.any_of(), Ok(vec![]));
    }

    #[test]
    fn what_needs_several_states_at_once_is_not_expressed() {
        for text in [
            "ALARM(a) AND ALARM(b)",
            "NOT ALARM(a)",
            "ALARM(a) OR OK(b)",
            "INSUFFICIENT_DATA(a)",
            "TRUE",
        ] {
            assert!(read(text).unwrap().any_of().is_err(), "{text}");
        }
        for text in [
            "",
            "ALARM(a",
            "ALARM a",
            "(ALARM(a)",
            "ALARM(a) ALARM(b)",
            "ALARM(\"a)",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&"(".repeat(5_000)).is_err());
        assert!(read(&"NOT ".repeat(2_500)).is_err());
    }
}
