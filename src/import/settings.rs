//! What a file does not say and somebody may.

use std::collections::BTreeMap;

/// What is assumed where a file says nothing. Durations are literals of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How long pods take until they are ready.
    pub pod_start: String,
    /// How long somebody takes where the tool waits for one.
    pub human_delay: String,
    /// Share of requests, in percent, that match the headers of an A/B test.
    pub matched_percent: f64,
    /// How long a hook of a deployment runs.
    pub hook: String,
    /// From when a datapoint of an alarm ends until a deployment knows of it, in seconds.
    pub alarm_lag_s: f64,
    /// Values of parameters by name.
    pub params: BTreeMap<String, String>,
    /// Of metrics by name, what they are taken for: a condition such as `errors > 1%`, or `none`.
    pub metrics: BTreeMap<String, String>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            pod_start: "30s".to_owned(),
            human_delay: "10m to 3h".to_owned(),
            matched_percent: 10.0,
            hook: "0s".to_owned(),
            alarm_lag_s: 30.0,
            params: BTreeMap::new(),
            metrics: BTreeMap::new(),
        }
    }
}
