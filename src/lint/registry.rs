//! All lints: their codes are a promise to whoever allows or denies one.

use super::Severity;

/// A kind of finding.
#[derive(Debug, PartialEq)]
pub struct Lint {
    /// A short stable code.
    pub code: &'static str,
    /// A readable name, as good as the code.
    pub name: &'static str,
    /// How bad it is where nothing else is said.
    pub severity: Severity,
    /// What it is about, in a sentence without a full stop.
    pub title: &'static str,
    /// What it means.
    pub explanation: &'static str,
    /// An example of the harm.
    pub harm: &'static str,
    /// What to do.
    pub cure: &'static str,
}

/// The lint of a code or a name, in letters of any case.
pub fn lint_named(word: &str) -> Option<&'static Lint> {
    LINTS
        .iter()
        .find(|l| l.code.eq_ignore_ascii_case(word) || l.name.eq_ignore_ascii_case(word))
}

/// In order of their codes. LF302 is not used: a window that never opens is refused by the reader.
pub static LINTS: &[Lint] = &[
    Lint {
        code: "LF101",
        name: "alarm-too-late",
        severity: Severity::Error,
        title: "an alarm watches for a shorter time than it takes to fire",
        explanation: "Rule, period, window, lag and min_requests add up to the earliest moment at which an alarm can fire. Where it stops watching before, in every zone, it never fires.",
        harm: "\"5 of 5\" datapoints of 1m on canary traffic cannot fire in a canary of 3m: the gate is a wait.",
        cure: "Let it watch longer (`watches`, a longer bake), or ask for fewer or shorter datapoints.",
    },
    Lint {
        code: "LF102",
        name: "alarms-after-full-exposure",
        severity: Severity::Warning,
        title: "everything is exposed before any alarm can fire",
        explanation: "The whole rollout takes less time than the quickest alarm: alarms shorten the harm, but keep it from no one.",
        harm: "All zones within 2m, and the quickest alarm at 3m: each bad change reaches all traffic.",
        cure: "Begin with a wave or a step that bakes for longer than the quickest alarm needs.",
    },
    Lint {
        code: "LF103",
        name: "bake-too-short",
        severity: Severity::Warning,
        title: "a bake of a step ends before any alarm can fire",
        explanation: "A fault that is there from the step's first request on cannot be seen within its bake, and gets its next share unseen.",
        harm: "10% for 2m, and an alarm that needs 4m: the canary learns nothing that stops the next step.",
        cure: "Bake for at least as long as the quickest alarm needs.",
    },
    Lint {
        code: "LF104",
        name: "min-requests-out-of-reach",
        severity: Severity::Error,
        title: "an alarm needs more requests than traffic can bring",
        explanation: "With the most traffic of any zone that it reads, a datapoint has min_requests with a chance below one in a million: it is missing, always.",
        harm: "min_requests = 1000 a minute on one box of 1 request a second: the alarm is decoration.",
        cure: "Lower `min_requests`, or take a longer `window`.",
    },
    Lint {
        code: "LF105",
        name: "bake-requests-out-of-reach",
        severity: Severity::Warning,
        title: "a bake waits for more requests than come",
        explanation: "At the most traffic that there is, `min_requests` do not come within the bake's `at_most`, or within the horizon. What `then` says happens every time; an error where that stops the rollout.",
        harm: "min_requests = 1000000 with at_most = 1h on one box of 10 requests a second: 36,000 come, and the bake always ends as if something were wrong.",
        cure: "Lower `min_requests`, or raise `at_most`.",
    },
    Lint {
        code: "LF106",
        name: "too-few-requests",
        severity: Severity::Warning,
        title: "an alarm of new boxes has too few requests to tell a fault from noise",
        explanation: "Where it reads most, in the zones with the most traffic, the datapoints that the rule looks at cannot catch the plainest of the faults with 95% and fire by themselves in no more than 1%, whatever the threshold. The plainest is the one whose median adds most. Counts are exact: binomial, with the background's scatter.",
        harm: "20 requests a minute at 0.5% errors, and a fault that adds 3%: a threshold that sees one bad request fires every tenth minute, one that needs two misses most faults.",
        cure: "Read more requests: a longer period, a larger share, or all of the zone.",
    },
    Lint {
        code: "LF107",
        name: "fires-by-itself",
        severity: Severity::Warning,
        title: "an alarm stops good changes by chance",
        explanation: "Its datapoints breach by chance in at least one of twenty rollouts, or once a month at the rate of changes in `[change] per_week` (1 unless said). Computed with the laws of the model, without incidents and warm-up, so really more.",
        harm: "errors > 1% on 600 requests a minute at 0.5%: breaches three times an hour, and each is a rollback of a good change.",
        cure: "Raise the threshold, ask for more datapoints, or read more requests.",
    },
    Lint {
        code: "LF201",
        name: "step-unwatched",
        severity: Severity::Warning,
        title: "no alarm watches while a step is the last",
        explanation: "No alarm has datapoints between this step and the next one: canary and relative alarms have none at 100%, others may be limited to steps.",
        harm: "Canary alarms alone, then 100%: a leak that needs an hour is found by customers.",
        cure: "Add an alarm of the zone, the region or the fleet.",
    },
    Lint {
        code: "LF202",
        name: "fault-unseen",
        severity: Severity::Warning,
        title: "nothing can see a class of fault",
        explanation: "No alarm of the strategy reads what the fault makes worse, no test mentions it, and no reports of people lead to a rollback.",
        harm: "A fault that makes requests slow, and alarms on errors only: it stays for good.",
        cure: "Add an alarm on the indicator, a test in `caught_by`, or reports to the on-call.",
    },
    Lint {
        code: "LF203",
        name: "bake-unwatched",
        severity: Severity::Warning,
        title: "nothing watches in a bake after the last step",
        explanation: "Alarms that could see something then stop watching before: at the end of the step, or of the zone. For the time after the last bake it is a note, and not said where reports of people lead to a rollback.",
        harm: "A wave bakes for 12h, and all alarms have watches = \"step\": it is a wait.",
        cure: "Let an alarm watch for longer (`watches`).",
    },
    Lint {
        code: "LF301",
        name: "share-rounds-up",
        severity: Severity::Warning,
        title: "a small share is a far larger one in whole boxes",
        explanation: "With shares rounded up to whole boxes, or one box of few, the first exposure is more than twice what was written, or half of the zone and more.",
        harm: "10% of 3 boxes is one box: 33% of the traffic.",
        cure: "Use exact shares of traffic (`round`), more boxes, or expect the larger share.",
    },
    Lint {
        code: "LF303",
        name: "cannot-end",
        severity: Severity::Error,
        title: "a rollout takes longer than the horizon",
        explanation: "Even if everything takes as little time as it can, the rollout is not over by the horizon: all of them are `stalled`.",
        harm: "Bakes of 10d in 7 waves with a horizon of 60d.",
        cure: "Shorten bakes, run targets in parallel, or lengthen `horizon`.",
    },
    Lint {
        code: "LF304",
        name: "region-at-once",
        severity: Severity::Note,
        title: "all zones of a region are in one batch",
        explanation: "Zones are there so that not all fail at once; one batch takes that away for deployments.",
        harm: "A bad change takes the region down, with every zone in it.",
        cure: "Let batches take a part of the zones.",
    },
    Lint {
        code: "LF305",
        name: "several-regions-first",
        severity: Severity::Warning,
        title: "the first wave has several regions under way at once",
        explanation: "The first wave is where most bad changes show; whatever it does to one region it does to several.",
        harm: "A crash at start takes two regions down, which stand in for each other.",
        cure: "Begin with one region, or one at a time.",
    },
    Lint {
        code: "LF306",
        name: "rollback-slow",
        severity: Severity::Warning,
        title: "going back takes longer than going forward",
        explanation: "The mean rollback of a zone takes longer than all steps of its roll-forward together, with their bakes.",
        harm: "Out in 5m, back in 25m: most of the harm comes after the alarm.",
        cure: "Keep the old version at hand, and switch back.",
    },
    Lint {
        code: "LF307",
        name: "good-changes-die",
        severity: Severity::Error,
        title: "most good changes are stopped by chance",
        explanation: "Tests fail for no reason in every zone where they run, and alarms fire by themselves. With all tries, a good change ships with a chance below one half. Of alarms that read the same requests only the worst counts, and what is not computed counts as quiet, so it is really less.",
        harm: "A flake of 2% in each of 50 zones: 36% of good changes get through.",
        cure: "Mend the flaky test or the noisy alarm, run tests in fewer zones, or add `[retry]`.",
    },
    Lint {
        code: "LF401",
        name: "alarm-unused",
        severity: Severity::Warning,
        title: "no strategy uses an alarm",
        explanation: "A shared alarm that every strategy leaves out with `use_alarms` has no effect.",
        harm: "It is tuned with care, and watches nothing.",
        cure: "Name it in `use_alarms`, or remove it.",
    },
    Lint {
        code: "LF402",
        name: "test-sees-nothing",
        severity: Severity::Warning,
        title: "no fault mentions a test",
        explanation: "No fault names the test in `caught_by`: it takes time, may flake, and catches nothing.",
        harm: "It looks like a useless test in every comparison.",
        cure: "Say in `caught_by` of the faults with which chance it sees them.",
    },
    Lint {
        code: "LF403",
        name: "step-adds-nothing",
        severity: Severity::Warning,
        title: "a step reaches no more than the zone has",
        explanation: "Shares never go down: a step to no more than an earlier one takes its time and adds nothing, in every region where it runs.",
        harm: "10% of 3 boxes, then 30%: both are one box.",
        cure: "Leave it out, or give it a larger share.",
    },
];
