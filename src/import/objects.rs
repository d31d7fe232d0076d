//! Kubernetes objects among documents.

use super::Given;
use super::document::Node;
use super::imported::Imported;
use super::refusal::Refusal;

/// All objects, those in lists among them.
pub fn objects<'g>(given: &'g Given<'_>) -> impl Iterator<Item = &'g Node> {
    given
        .documents
        .iter()
        .flat_map(|document| match document.get("items") {
            Some(items)
                if document
                    .text_of("kind")
                    .is_some_and(|k| k.ends_with("List")) =>
            {
                items.items()
            }
            _ => std::slice::from_ref(document),
        })
}

/// The most objects of a kind in a call.
const MOST_OBJECTS: usize = 200;

/// Objects of a kind, unless there are too many to be looked through again and again.
pub fn few<'g>(objects: impl Iterator<Item = &'g Node>) -> Result<Vec<&'g Node>, Refusal> {
    let objects: Vec<&Node> = objects.take(MOST_OBJECTS + 1).collect();
    match objects.get(MOST_OBJECTS) {
        None => Ok(objects),
        Some(one) => {
            let rule = format!("more than {MOST_OBJECTS} objects of a kind");
            Err(Refusal::new(one.at, rule).mend("give fewer at a time"))
        }
    }
}

/// All objects of a group of the API and a kind.
pub fn of_kind<'g>(
    given: &'g Given<'_>,
    group: &str,
    kind: &str,
) -> Result<Vec<&'g Node>, Refusal> {
    few(objects(given).filter(|o| is(o, group, kind)))
}

/// What an object of a kind is to be, a table.
pub fn spec<'n>(object: &'n Node, kind: &str) -> Result<&'n Node, Refusal> {
    let spec = object
        .get("spec")
        .ok_or_else(|| Refusal::new(object.at, format!("a {kind} needs a `spec`")))?;
    spec.table("spec")?;
    Ok(spec)
}

/// What is assumed of an object that is there once in every region, and has no retries of its own.
pub fn assume_regions(object: &Node, kind: &str, imported: &mut Imported) {
    for text in [
        format!("one {kind} in every region, in all its zones at once, region after region"),
        "nothing is retried by itself, whatever [retry] of the world says".to_owned(),
    ] {
        imported.assumes(object.at, text, None);
    }
}

/// Whether an object is of a group of the API and a kind.
pub fn is(object: &Node, group: &str, kind: &str) -> bool {
    let of_group = |v: &str| {
        v.strip_prefix(group)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    object.text_of("kind") == Some(kind) && object.text_of("apiVersion").is_some_and(of_group)
}

/// The name of an object.
pub fn name(object: &Node) -> Option<&str> {
    let metadata = object.get("metadata")?;
    metadata
        .text_of("name")
        .or_else(|| metadata.text_of("generateName"))
}
