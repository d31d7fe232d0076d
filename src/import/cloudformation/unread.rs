//! What is not read of the resources that rollouts and their alarms are made of.

use crate::import::document::{Entry, Node};
use crate::import::refusal::At;
use crate::import::unread::{Keys, list};
use crate::import::{Given, Imported};

/// Types whose resources belong to a rollout though it may not name them.
const SHARED: [&str; 4] = [
    "AWS::AppConfig::DeploymentStrategy",
    "AWS::AppConfig::Environment",
    "AWS::CodeDeploy::DeploymentConfig",
    "AWS::CodeDeploy::DeploymentGroup",
];

/// Says what is not read of a template, and of the rollback triggers beside it.
pub(super) fn tell(given: &Given<'_>, document: &Node, imported: &mut [Imported]) {
    let keys = Keys::of(include_str!("resources.keys"));
    let resources = document.get("Resources");
    if let Some(first) = imported.first_mut() {
        if let (Some(keys), Some(_)) = (keys.inside("template"), resources) {
            list(document, "", keys, first);
        }
        let watched = given.documents.iter();
        for node in watched.filter_map(|d| d.get("RollbackConfiguration")) {
            if let Some(keys) = keys.inside("RollbackConfiguration") {
                list(node, "RollbackConfiguration.", keys, first);
            }
        }
    }
    for entry in resources.unwrap_or(document).entries() {
        let kind = entry.value.text_of("Type").unwrap_or("");
        if let (Some(keys), Some(owner)) = (keys.inside(kind), owner(entry, kind, imported)) {
            list(&entry.value, &format!("{}.", entry.key), keys, owner);
        }
    }
}

/// The rollout that a resource is, or is a part of.
fn owner<'i>(entry: &Entry, kind: &str, imported: &'i mut [Imported]) -> Option<&'i mut Imported> {
    let name = &*entry.key;
    let found = imported
        .iter()
        .position(|one| one.name == name || has_alarm(one, name, entry.at));
    let first = || SHARED.contains(&kind).then_some(0);
    imported.get_mut(found.or_else(first)?)
}

/// Whether a rollout has an alarm of a name, or says something of what stands there.
fn has_alarm(one: &Imported, name: &str, at: At) -> bool {
    let mut told = one.mapped.iter().chain(&one.not_expressed);
    one.alarms.iter().any(|alarm| alarm.name == name) || told.any(|note| note.at == at)
}
