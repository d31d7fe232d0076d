//! A world in which what happens is certain.

/// Four equal regions of one zone without failures of their own, an alarm that sees every bad request within a minute,
/// rollbacks that take no time, and these tables: `[change]`, faults and strategies.
pub fn world(tables: &str) -> String {
    let region = |i: u32| {
        format!(
            "[region.r{i}]\nzones = 1\nboxes_per_zone = 10\nrps = 1_000\ntz = \"UTC\"\nprofile = \"flat\"\n"
        )
    };
    let regions: String = (1..=4).map(region).collect();
    format!(
        r#"
format = 1

[scenario]
start = "2026-03-02T00:00:00Z"
watch = "0s"

{regions}
[sli.errors]
base = "0%"

[alarm.perfect]
scope = "zone"
when = "errors > 0 per period"
period = "1m"
datapoints = "1 of 1"

[rollback]
takes = "0s"

{tables}"#
    )
}
