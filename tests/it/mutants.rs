//! Documents with one value changed.

use serde_json::{Map, Value, json};

/// A step into a document.
#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Index(usize),
}

/// Where a value is in a document.
#[derive(Clone, Debug)]
pub struct Path(Vec<Step>);

impl Path {
    /// The document itself.
    pub fn root() -> Path {
        Path(Vec::new())
    }

    /// A key of the table here.
    pub fn key(&self, key: &str) -> Path {
        self.then(Step::Key(key.to_owned()))
    }

    /// An item of the list here.
    pub fn item(&self, index: usize) -> Path {
        self.then(Step::Index(index))
    }

    fn then(&self, step: Step) -> Path {
        let steps = self.0.iter().cloned().chain([step]);
        Path(steps.collect())
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if place == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Every value in a document, from the outside in, but for the document itself.
pub fn paths(document: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    collect(document, &mut Vec::new(), &mut found);
    found
}

fn collect(value: &Value, at: &mut Vec<Step>, found: &mut Vec<Path>) {
    let inner: Vec<(Step, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(k, v)| (Step::Key(k.clone()), v)).collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(i, v)| (Step::Index(i), v))
            .collect(),
        _ => return,
    };
    for (step, value) in inner {
        at.push(step);
        found.push(Path(at.clone()));
        collect(value, at, found);
        at.pop();
    }
}

/// The value at a path.
pub fn at<'d>(document: &'d Value, path: &Path) -> &'d Value {
    path.0.iter().fold(document, |value, step| match step {
        Step::Key(key) => &value[key.as_str()],
        Step::Index(index) => &value[*index],
    })
}

/// The document with another value at a path.
pub fn with(document: &Value, path: &Path, value: Value) -> Value {
    let mut changed = document.clone();
    let place = path.0.iter().fold(&mut changed, |value, step| match step {
        Step::Key(key) => &mut value[key.as_str()],
        Step::Index(index) => &mut value[*index],
    });
    *place = value;
    changed
}

/// The document without what is at a path.
pub fn without(document: &Value, path: &Path) -> Value {
    let (last, parents) = path
        .0
        .split_last()
        .expect("the document itself is no value of it");
    let parent = Path(parents.to_vec());
    let mut smaller = at(document, &parent).clone();
    match (last, &mut smaller) {
        (Step::Key(key), Value::Object(map)) => drop(map.remove(key)),
        (Step::Index(index), Value::Array(items)) => drop(items.remove(*index)),
        other => panic!("{other:?}"),
    }
    with(document, &parent, smaller)
}

/// The document with one more key in the table at a path.
pub fn and(document: &Value, path: &Path, key: &str, value: Value) -> Value {
    let mut larger = at(document, path).clone();
    larger[key] = value;
    with(document, path, larger)
}

/// A document as TOML.
pub fn toml(document: &Value) -> String {
    let map = document.as_object().expect("a document is a table");
    let lines = map.iter().map(|(k, v)| format!("{k} = {}\n", inline(v)));
    lines.collect()
}

fn inline(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entry =
                |(key, value): (&String, &Value)| format!("{} = {}", json!(key), inline(value));
            format!(
                "{{ {} }}",
                map.iter().map(entry).collect::<Vec<_>>().join(", ")
            )
        }
        Value::Array(items) => {
            format!(
                "[{}]",
                items.iter().map(inline).collect::<Vec<_>>().join(", ")
            )
        }
        Value::Null => "nan".to_owned(),
        plain => plain.to_string(),
    }
}

/// A value and where it comes from.
pub fn noted(value: &Value, from: &str) -> Value {
    Value::Object(Map::from_iter([
        ("value".to_owned(), value.clone()),
        ("from".to_owned(), json!(from)),
        ("source".to_owned(), json!("a page")),
        ("range".to_owned(), json!("1 to 2")),
    ]))
}
