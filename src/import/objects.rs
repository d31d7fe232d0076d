//! Kubernetes objects among documents.

use super::Given;
use super::document::Node;

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
