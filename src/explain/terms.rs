//! Terms of the field, as landfall uses them.

use super::entry::Entry;

/// A term.
struct Term {
    name: &'static str,
    aliases: &'static [&'static str],
    meaning: &'static str,
    /// Other words to look up.
    see: &'static [&'static str],
}

const fn term(
    name: &'static str,
    aliases: &'static [&'static str],
    meaning: &'static str,
    see: &'static [&'static str],
) -> Term {
    Term {
        name,
        aliases,
        meaning,
        see,
    }
}

/// The terms.
static TERMS: &[Term] = &[
    term(
        "blast radius",
        &["reach"],
        "How far a bad change gets: the peak share of the fleet's traffic that its fault hit at one time. Waves and \
         bakes are there to keep it small; what it hits over time is counted in requests.",
        &["blast_radius", "requests_hit", "exposure"],
    ),
    term(
        "exposure",
        &["exposed"],
        "The share of traffic on the new version, harmful or not. A fault that sleeps has exposure and no blast radius.",
        &["exposure_peak", "onset"],
    ),
    term(
        "time to full deployment",
        &["time to full", "lead time"],
        "From the start of a rollout until every zone it targets has the share of its last step. The price of waves \
         and bakes; told of changes without a fault, since the others do not get there.",
        &["time_to_full_s", "critical path"],
    ),
    term(
        "operating curve",
        &["operating characteristic", "gate"],
        "The chance that an alarm stops the rollout in a step or bake, against the size of the defect: at no defect it is the \
         chance of a stop by chance, then it should rise fast. `landfall gate` computes it.",
        &["power", "miss"],
    ),
    term(
        "power",
        &["statistical power"],
        "The chance that a gate catches a defect of some size: one minus the chance of a miss. It grows with requests, with \
         the bake, and with a lower threshold, which stops more good changes, too.",
        &["operating curve"],
    ),
    term(
        "miss",
        &["missed defect"],
        "A defect that a gate lets through: no alarm fires in its step or bake. Later stages may still see it.",
        &["operating curve", "power"],
    ),
    term(
        "critical path",
        &[],
        "What the time to full deployment was spent on, followed backwards from what ended last: tests, actions, \
         bakes, closed windows, approvals, incidents waited for, pauses, failed attempts. They sum to it.",
        &["time_bake_s", "time_window_s"],
    ),
    term(
        "bake",
        &["soak", "bake time", "soak time"],
        "Time in which nothing moves and alarms watch: after a step, after a batch of zones, after a wave. It finds \
         what wakes within it and nothing else, so its length is a bet on how late faults wake.",
        &["[strategy.NAME]", "min_requests", "onset"],
    ),
    term(
        "one-box",
        &["one box", "onebox", "box", "boxes"],
        "The first step of a zone: a single box on the new version, with its share of the zone's traffic. A box is \
         whatever a zone has many of: a host, a pod, an instance.",
        &["canary", "boxes_per_zone"],
    ),
    term(
        "canary",
        &["canarying"],
        "The new-version part of a zone while both versions serve, small at first, and compared with the old one.",
        &["control", "one-box"],
    ),
    term(
        "control",
        &["baseline"],
        "The old-version traffic of a zone while both versions serve: what a relative alarm compares with. It meets \
         the same incidents at the same time, so that those do not count against the new version.",
        &["condition", "canary"],
    ),
    term(
        "fleet",
        &[],
        "Everything that the change goes to: regions, each with zones, each with boxes.",
        &["[region.NAME]"],
    ),
    term(
        "zone",
        &["cell", "zones", "cells", "availability zone"],
        "The unit that steps act on: a part of a region that fails by itself. A cell is a zone.",
        &["batch", "[region.NAME]"],
    ),
    term(
        "wave",
        &["waves", "stage", "ring"],
        "Targets (regions, or single zones) that go together, some of them in parallel; then a bake. The next wave \
         begins when all of that is over.",
        &["a wave", "parallel"],
    ),
    term(
        "batch",
        &["batches"],
        "Zones of one region that go at the same time. The next batch waits until they are done and have baked.",
        &["batches"],
    ),
    term(
        "step",
        &["steps", "action"],
        "An action that raises the new version's share in a zone, and the bake after it.",
        &["a step"],
    ),
    term(
        "cohort",
        &["cohorts"],
        "What one part of a step put on the new version in one zone. It has its own age, so a leak that needs ten \
         hours shows in the oldest cohort first.",
        &["[fault.NAME]", "scope"],
    ),
    term(
        "rollout",
        &["replication"],
        "One change travelling through the fleet under one strategy, simulated once. It is named by its stratum and \
         number, such as memory-leak#812; the same name meets the same change, delays and incidents under every \
         strategy.",
        &["common random numbers", "stratum"],
    ),
    term(
        "import",
        &["imported", "mapped"],
        "A file of another tool made into a strategy, by `landfall import` or by --strategies as it is. Every key of such a \
         file is mapped to a part of the strategy, not expressed, or without effect; what it does not say is assumed. Each is \
         told with its line.",
        &["assumed", "not expressed", "schedule"],
    ),
    term(
        "assumed",
        &["assumption", "assumptions"],
        "What a file of another tool does not say and a strategy needs, such as how long pods take to start; told with the \
         option that changes it.",
        &["import"],
    ),
    term(
        "not expressed",
        &["not_expressed"],
        "What a file of another tool says and a strategy cannot: a query that counts no requests, requests with a header, a \
         key that is not read. `landfall import --strict` takes it for an error.",
        &["import"],
    ),
    term(
        "schedule",
        &[
            "dwell_s",
            "weight_percent",
            "full_s",
            "done_s",
            "manual gate",
            "manual_gates",
        ],
        "Of an import: the tool's own shares and how long each stays, in seconds, `manual` until somebody acts, or `unbounded` \
         where the tool never goes on. full_s and done_s: until everything is on the new version, and until the tool is done; \
         people and pods take no time in them.",
        &["import", "a step"],
    ),
    term(
        "stratum",
        &["strata"],
        "A kind of change: fault-free, or with one class of fault. Each is simulated by itself and weighted as the \
         scenario says, so that rare faults are seen often enough.",
        &["weight", "[change]"],
    ),
    term(
        "dominated",
        &["front", "ranking"],
        "A strategy that is slower and riskier than another, or worse in one and the same in the other. It is said only where \
         the run settles both, corrected for the number of pairs; those that are not dominated are the front.",
        &[
            "common random numbers",
            "time to full deployment",
            "blast radius",
        ],
    ),
    term(
        "common random numbers",
        &["crn"],
        "All strategies meet the same changes, delays and incidents. Less of the difference between them is then luck.",
        &["rollout"],
    ),
    term(
        "fault",
        &["faults"],
        "What is wrong with a bad change: when it wakes, which requests it makes bad, how far it reaches, which tests \
         see it.",
        &["[fault.NAME]", "trigger"],
    ),
    term(
        "onset",
        &["wakes", "awake", "asleep"],
        "The moment from which a fault does harm in an instance of its trigger's scope. Before it nothing can see it.",
        &["trigger", "onset_s", "latent"],
    ),
    term(
        "trigger",
        &["triggers"],
        "What wakes a fault. It has one of these causes, and a scope that says what has an onset of its own.",
        &["delay", "requests", "share", "traffic", "clock", "mixed"],
    ),
    term(
        "hit",
        &["hits"],
        "A request is hit when the fault reaches it: all of the new version's where it is active, and others by \
         spill. A hit request is bad only with the probability that the fault adds.",
        &["adds", "spill", "requests_hit"],
    ),
    term(
        "spill",
        &["spillover"],
        "How a fault reaches requests that the new version does not serve: by overload, in proportion to how much is \
         active, or by damaged shared state, a fixed share while anything is.",
        &["times", "fixed"],
    ),
    term(
        "severity",
        &[],
        "The additional chance that a hit request is bad, drawn once for a change and each indicator.",
        &["adds", "severity_<sli>"],
    ),
    term(
        "service-level indicator",
        &["sli", "indicator", "slis", "indicators"],
        "A way for a request to be bad: errors, slow (above its limit), or any that is declared.",
        &["[sli.NAME]"],
    ),
    term(
        "error budget",
        &["slo", "objective", "budget burn"],
        "The bad requests that an objective allows in 30 days.",
        &["objective", "budget_burn", "burn rate"],
    ),
    term(
        "budget",
        &["budgets", "holds", "broken"],
        "A condition that strategies must keep, `[budget.NAME]`. `landfall check` says of each whether it holds or is broken, \
         with a chance of error that is known.",
        &["undecided", "confidence sequence"],
    ),
    term(
        "undecided",
        &["too close"],
        "A budget whose figure is so close to its limit that the rollouts simulated cannot tell. More of them (`--runs`) \
         may; a figure that is equal to its limit stays undecided.",
        &["budget", "confidence sequence"],
    ),
    term(
        "let through",
        &["driven by", "without a chance", "hit at once"],
        "Of a rollout that is over a budget's limit: the last step or bake that was over when its fault was stopped, or when \
         the new version came to have more than the limit. An alarm was without a chance there if it could not have stopped that \
         fault in it, awake all through and at its worst.",
        &["budget", "detected_by"],
    ),
    term(
        "confidence sequence",
        &["confidence sequences", "anytime-valid"],
        "Intervals after each rollout that all contain the true figure at once, with the chance that is stated. So one may \
         look after every rollout and stop as soon as it is clear; with ordinary intervals that would go wrong too often.",
        &["undecided", "interval"],
    ),
    term(
        "burn rate",
        &["fast burn", "multiwindow"],
        "How many times faster than allowed an error budget is spent. An alarm on it reads a long window, so that it \
         matters, and with `and` a short one, so that it is still going on.",
        &["and", "window"],
    ),
    term(
        "dispersion",
        &["overdispersion", "noise"],
        "How much bad requests come in bursts: the correlation of requests of one minute in one zone. At 0 counts are \
         as even as chance allows; real ones are not, which is why alarms fire for no reason.",
        &["dispersion", "stopped by chance"],
    ),
    term(
        "datapoint",
        &["datapoints"],
        "What an alarm reads at one time: the counts of a window, known a lag after its end. It breaches or not.",
        &["condition", "M of N"],
    ),
    term(
        "M of N",
        &["3 of 5", "evaluation periods", "for"],
        "M of the last N datapoints must breach before an alarm fires. More patience stops fewer good changes and \
         sees bad ones later.",
        &["datapoints", "rule on datapoints"],
    ),
    term(
        "population",
        &[],
        "Whose requests an alarm reads: the one box, the canary, or all traffic of a zone, a region or the fleet. A \
         canary's trouble is diluted by everybody else's traffic in the larger ones.",
        &["[alarm.NAME]", "scope"],
    ),
    term(
        "probe",
        &["probes", "synthetic requests"],
        "Requests that the operator sends. They are few, come whatever the traffic, and see what no metric does.",
        &["probes", "unseen"],
    ),
    term(
        "detection",
        &["detected"],
        "What stops an attempt: an alarm, a test, a bake that took too long, or people. It is true if the fault was \
         there to be seen; else the stop was by chance.",
        &["detected_by", "time_to_detect_s", "stopped by chance"],
    ),
    term(
        "stopped by chance",
        &[
            "false alarm",
            "false positive",
            "stop by chance",
            "false abort",
        ],
        "A change that was stopped although no fault was to be seen: by the noise of counts, by an incident, by a test \
         that flaked. Any change may be; [retry] tries it again.",
        &["stops_by_chance", "flake", "[retry]"],
    ),
    term(
        "flake",
        &["flaky"],
        "A test that fails for no reason.",
        &["a test"],
    ),
    term(
        "window",
        &["windows", "freeze", "blackout", "business hours"],
        "When actions and approvals may start: weekdays and hours, without blacked-out dates. Bakes run on outside. \
         An alarm's window is another thing: how much a datapoint covers.",
        &["windows", "blackouts"],
    ),
    term(
        "approval",
        &["manual judgement", "manual bake"],
        "Somebody says yes. How long that takes may differ inside and outside working hours.",
        &["approval", "a delay of people"],
    ),
    term(
        "rollback",
        &["roll back", "abort"],
        "Back to the old version, zone by zone, each in its own time; the fault stays active in a zone until then. \
         With a narrower scope than the fleet the rest follows later.",
        &["[rollback]", "then_fleet_after", "lingers"],
    ),
    term(
        "incident",
        &["incidents"],
        "Trouble that is nobody's deployment. Alarms do not know whose fault it is.",
        &["[incidents.NAME]", "waits_for_calm"],
    ),
    term(
        "warm-up",
        &["warmup", "cold start"],
        "The errors of new boxes with cold caches and empty pools, whatever the change.",
        &["[warmup]"],
    ),
    term(
        "change failure rate",
        &["cfr", "bad changes"],
        "The share of changes that carry a fault: `bad`.",
        &["bad"],
    ),
    term(
        "interval",
        &["confidence interval", "intervals"],
        "The range in which a figure lies that only so many rollouts can tell, at a level of 95%. Four times as many \
         rollouts halve it.",
        &["low", "n"],
    ),
    term(
        "provenance",
        &["source of a number"],
        "Where a number comes from. Any key may carry it: bad = { value = \"4%\", from = \"guess\", range = \"2% to 8%\" }.",
        &["from", "source", "range"],
    ),
    term(
        "world",
        &["worlds", "uncertain input"],
        "A scenario with its guesses drawn from their ranges. compare --worlds N simulates every strategy in the same N \
         worlds and says in how many of them one is the better: that is how sure an answer is of its inputs, where an \
         interval says how sure it is of its rollouts.",
        &["provenance", "interval", "tornado"],
    ),
    term(
        "tornado",
        &["tornado chart"],
        "A chart of what a figure depends on: a bar for each guess, from the figure where the guess is low to the figure \
         where it is high, the longest on top. The top guess is the one to measure first.",
        &["world"],
    ),
    term(
        "replay",
        &["incident of one's own"],
        "Bad changes of the past, each taken as a fault of its own and sent through every strategy: where would it have \
         been caught, and how many regions would it have hit? Its file is explained in docs/replay.md.",
        &["fault", "regions_hit"],
    ),
];

/// Every term.
pub fn entries() -> Vec<Entry> {
    let entry = |term: &Term| {
        Entry::new(term.name, "a term")
            .aliases(term.aliases.iter().copied())
            .text(term.meaning)
            .fact("see also", term.see.join(", "))
    };
    TERMS.iter().map(entry).collect()
}

/// Every term with its meaning, for a glossary, in alphabetical order.
pub fn glossary() -> Vec<(String, String)> {
    let mut terms: Vec<(String, String)> = TERMS
        .iter()
        .map(|term| (term.name.to_owned(), term.meaning.to_owned()))
        .collect();
    terms.sort_by_key(|(name, _)| name.to_lowercase());
    terms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::explain;

    #[test]
    fn what_a_term_refers_to_is_explained() {
        for term in TERMS {
            for word in term.see.iter().chain(term.aliases) {
                let found = explain(&[(*word).to_owned()]);
                assert!(found.is_ok(), "{}: {word}", term.name);
            }
            for word in term.see {
                let found = explain(&[(*word).to_owned()]).unwrap_or_default();
                let other = found
                    .iter()
                    .any(|e| e.name != term.name || e.is != "a term");
                assert!(other, "{} refers to itself only", term.name);
            }
        }
    }
}
