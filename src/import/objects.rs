//! Kubernetes objects among documents.

use super::Given;
use super::document::Node;
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
