//! TOML as the JSON that a schema speaks of.

use serde_json::{Map, Number, Value};
use toml::de::{DeTable, DeValue};

/// A TOML value, as JSON; `None` where it is none.
///
/// Dates become texts, and numbers that are infinite or none at all become `null`, which no schema takes.
pub fn json_of(value: &str) -> Option<Value> {
    let text = format!("value = {value}");
    let document = DeTable::parse(&text).ok()?;
    document
        .get_ref()
        .get("value")
        .map(|v| converted(v.get_ref()))
}

/// A TOML document, as JSON; `None` where it is none.
pub fn json_of_document(text: &str) -> Option<Value> {
    DeTable::parse(text)
        .ok()
        .map(|document| table(document.get_ref()))
}

fn table(table: &DeTable<'_>) -> Value {
    let entries = table.iter();
    let entries =
        entries.map(|(key, value)| (key.get_ref().to_string(), converted(value.get_ref())));
    Value::Object(entries.collect::<Map<_, _>>())
}

fn converted(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Datetime(moment) => Value::from(moment.to_string()),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Float(real) => real_number(real.as_str()),
        DeValue::Integer(whole) => i64::from_str_radix(whole.as_str(), whole.radix())
            .map_or_else(|_| real_number(whole.as_str()), Value::from),
        DeValue::Array(items) => items.iter().map(|item| converted(item.get_ref())).collect(),
        DeValue::Table(inner) => table(inner),
    }
}

fn real_number(text: &str) -> Value {
    let number = text.parse().ok().and_then(Number::from_f64);
    number.map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_kind_of_value_has_its_like() {
        let text = "[a]\nb = [1, 0x10, 2.5, inf, true, 2026-03-02]\n[a.'c d']\ne = \"f\"";
        let json = json!({ "a": {
            "b": [1, 16, 2.5, null, true, "2026-03-02"],
            "c d": { "e": "f" },
        }});
        assert_eq!(json_of_document(text), Some(json));
        assert_eq!(json_of("{ to = '10%' }"), Some(json!({ "to": "10%" })));
        assert_eq!(json_of("10%"), None);
    }
}
