//! Words of other tools for what has a name of its own here.

/// Our word, and what others call it, in small letters without `_` and `-`.
const WORDS: &[(&str, &[&str])] = &[
    ("tz", &["timezone", "zonename", "location"]),
    ("zones", &["availabilityzones", "azs", "cells", "zonecount"]),
    (
        "boxes_per_zone",
        &[
            "replicas",
            "instances",
            "hosts",
            "servers",
            "machines",
            "nodes",
            "pods",
        ],
    ),
    ("rps", &["qps", "requestspersecond", "requestrate"]),
    (
        "when",
        &["threshold", "condition", "expr", "metric", "alert"],
    ),
    (
        "datapoints",
        &["evaluationperiods", "datapointstoalarm", "failurelimit"],
    ),
    ("period", &["interval", "step"]),
    ("does", &["action", "onfailure"]),
    ("to", &["setweight", "percent", "percentage"]),
    (
        "bake",
        &[
            "baketime",
            "pause",
            "wait",
            "soak",
            "soaktime",
            "monitorduration",
        ],
    ),
    (
        "parallel",
        &["maxparallel", "concurrency", "maxconcurrency"],
    ),
    ("waves", &["stages", "rings", "phases", "tiers"]),
    ("in", &["maxsurge", "maxunavailable", "batchsize"]),
    (
        "windows",
        &["schedule", "deploymentwindows", "maintenancewindow"],
    ),
    ("blackouts", &["freeze", "freezes", "blocked"]),
    ("objective", &["slo", "target"]),
    (
        "bad",
        &["failurerate", "changefailrate", "changefailurerate"],
    ),
    ("keep", &["limit", "maximum"]),
];

/// Our word for a key of another tool.
pub(super) fn ours(key: &str) -> Option<&'static str> {
    if key.len() > 40 {
        return None;
    }
    let plain = key.to_lowercase().replace(['_', '-', ' '], "");
    let known = |(_, others): &&(&str, &[&str])| others.contains(&plain.as_str());
    WORDS.iter().find(known).map(|(word, _)| *word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::vocabulary;

    #[test]
    fn every_word_is_one_of_the_language_and_no_synonym_is() {
        for (word, others) in WORDS {
            let is_a_key = |name: &str| vocabulary::TABLES.iter().any(|t| t.has(name));
            assert!(is_a_key(word), "{word}");
            let doubles = others.iter().filter(|o| is_a_key(o));
            assert_eq!(doubles.count(), 0, "{word}");
        }
    }

    #[test]
    fn words_of_other_tools_are_known_however_they_are_joined() {
        for (key, expected) in [
            ("setWeight", Some("to")),
            ("time_zone", Some("tz")),
            ("TimeZone", Some("tz")),
            ("bake", None),
            ("", None),
        ] {
            assert_eq!(ours(key), expected, "{key}");
        }
    }
}
