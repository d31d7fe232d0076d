use super::event::FirstZone;
use super::example::{plan, shipped, undetected};
use super::*;
use crate::outcome::{DetectedBy, Ending, Place, TimePart};
use crate::plan::Stratum;

fn summary_of(plan: &Plan, sampling: Sampling, outcomes: &[Outcome]) -> Summary {
    let mut summary = Summary::new(plan, &[0], sampling, 0.95);
    outcomes.iter().for_each(|o| summary.add(0, o));
    summary
}

fn value(summary: &Summary, group: Group, metric: Metric, statistic: Statistic) -> Option<f64> {
    summary
        .estimate(0, group, metric, statistic)
        .map(|e| e.value)
}

/// Four fault-free changes taking 1, 2, 3 hours and for ever; faults f0 (two, one caught) and f1 (one).
fn few() -> Vec<Outcome> {
    let hours = |number, hours: f64| Outcome {
        time_to_full_s: Some(3600.0 * hours),
        ..shipped(number)
    };
    let given_up = Outcome {
        ending: Ending::GivenUp,
        time_to_full_s: None,
        time_to_done_s: None,
        stops_by_chance: 2,
        ..shipped(3)
    };
    let caught = Outcome {
        ending: Ending::RolledBack,
        time_to_full_s: None,
        blast_radius: 0.25,
        bad_requests: 0.5,
        time_to_detect_s: Some(60.0),
        time_to_mitigate_s: Some(90.0),
        detected_by: Some(DetectedBy::Alarm(0)),
        stopped_at: Some(Place::Step {
            wave: 1,
            zone: 0,
            step: 1,
        }),
        ..undetected(0, 0)
    };
    vec![
        hours(0, 1.0),
        hours(1, 2.0),
        hours(2, 3.0),
        given_up,
        caught,
        undetected(0, 1),
        undetected(1, 0),
    ]
}

#[test]
fn what_never_happened_is_infinite_in_quantiles_and_left_out_of_means() {
    let plan = plan(0.1, &[3.0, 1.0], &["s"]);
    let summary = summary_of(&plan, Sampling::Stratified, &few());
    let full = |statistic| value(&summary, Group::FAULT_FREE, Metric::TimeToFull, statistic);
    assert_eq!(full(Statistic::Quantile(0.5)), Some(7200.0));
    assert_eq!(full(Statistic::Quantile(0.9)), Some(f64::INFINITY));
    assert_eq!(full(Statistic::Mean), Some(7200.0));
    assert_eq!(full(Statistic::Share), Some(0.75));
    assert_eq!(
        summary.fact(0, Group::FAULT_FREE, Metric::TimeToFull, Statistic::Max),
        Some(10_800.0)
    );
    // The parts are of those that got there.
    let part = Metric::Time(TimePart::Bake);
    let estimate = summary.estimate(0, Group::FAULT_FREE, part, Statistic::Quantile(0.9));
    assert_eq!(estimate.map(|e| (e.value, e.n)), Some((0.0, 3)));
}

#[test]
fn groups_weigh_strata_as_the_scenario_does() {
    let plan = plan(0.1, &[3.0, 1.0], &["s"]);
    let summary = summary_of(&plan, Sampling::Stratified, &few());
    // Among faulty changes f0 has 3/4: half of these have 0.25.
    let blast = |group, statistic| value(&summary, group, Metric::BlastRadius, statistic);
    let close = |a: Option<f64>, b: f64| a.is_some_and(|a| (a - b).abs() < 1e-12);
    assert!(close(
        blast(Group::Faulty, Statistic::Mean),
        0.75 * 0.625 + 0.25
    ));
    assert!(close(
        blast(Group::All, Statistic::Mean),
        0.1 * (0.75 * 0.625 + 0.25)
    ));
    assert_eq!(blast(Group::Faulty, Statistic::Quantile(0.37)), Some(0.25));
    assert_eq!(blast(Group::Faulty, Statistic::Quantile(0.38)), Some(1.0));
    let chance = summary
        .chance(0, Group::Faulty, Ending::Undetected)
        .map(|e| e.value);
    assert!(close(chance, 0.75 * 0.5 + 0.25));
    let above = summary
        .chance_above(0, Group::Faulty, Metric::BlastRadius, 0.25)
        .map(|e| e.value);
    assert!(close(above, 0.75 * 0.5 + 0.25));
}

#[test]
fn plain_sampling_pools() {
    let plan = plan(0.1, &[3.0, 1.0], &["s"]);
    let summary = summary_of(&plan, Sampling::Plain, &few());
    let faulty = summary
        .estimate(0, Group::Faulty, Metric::BlastRadius, Statistic::Mean)
        .unwrap();
    assert_eq!((faulty.value, faulty.n), (0.75, 3));
    let chance = summary.chance(0, Group::All, Ending::Undetected).unwrap();
    assert_eq!((chance.value, chance.n), (2.0 / 7.0, 7));
    // At once twice, after one, two and three hours, never twice: the fourth of seven.
    let full = value(
        &summary,
        Group::All,
        Metric::TimeToFull,
        Statistic::Quantile(0.5),
    );
    assert_eq!(full, Some(7200.0));
}

#[test]
fn the_endings_and_the_stages_of_faulty_changes_sum_to_one() {
    let plan = plan(0.1, &[3.0, 1.0], &["s"]);
    let summary = summary_of(&plan, Sampling::Stratified, &few());
    let sum =
        |chances: Vec<Option<Estimate>>| chances.iter().flatten().map(|e| e.value).sum::<f64>();
    let endings = Ending::ALL
        .map(|e| summary.chance(0, Group::All, e))
        .to_vec();
    let stages = Stage::ALL
        .map(|s| summary.chance(0, Group::Faulty, s))
        .to_vec();
    assert!((sum(endings) - 1.0).abs() < 1e-12 && (sum(stages) - 1.0).abs() < 1e-12);
}

#[test]
fn the_headline_is_what_the_table_shows() {
    let plan = plan(0.1, &[3.0, 1.0], &["s"]);
    let summary = summary_of(&plan, Sampling::Stratified, &few());
    let headline = summary.headline(0);
    assert_eq!(headline.name, "s");
    assert_eq!(headline.time_to_full_p50.map(|e| e.value), Some(7200.0));
    assert_eq!(
        headline.time_to_full_p90.map(|e| e.value),
        Some(f64::INFINITY)
    );
    assert_eq!(headline.blast_radius_p99.map(|e| e.value), Some(1.0));
    // 3.5 changes a week are 15 in 30 days.
    let bad = headline.bad_requests_a_month.unwrap().value;
    assert!(
        (bad - 15.0 * 0.1 * (0.75 * 0.75 + 0.25)).abs() < 1e-12,
        "{bad}"
    );
    assert!((headline.stopped_by_chance.unwrap().value - 0.9 * 0.25).abs() < 1e-12);
    assert!((headline.never_detected.unwrap().value - 0.625).abs() < 1e-12);
    assert!((headline.caught_at(Stage::OneBox).unwrap().value - 0.375).abs() < 1e-12);
}

#[test]
fn without_faults_there_is_nothing_to_say_of_faulty_changes() {
    let plan = plan(0.0, &[1.0], &["s"]);
    let summary = summary_of(&plan, Sampling::Stratified, &few()[..4]);
    let headline = summary.headline(0);
    assert_eq!(headline.blast_radius_p99, None);
    assert_eq!(headline.never_detected, None);
    assert_eq!(headline.bad_requests_a_month.map(|e| e.value), Some(0.0));
    assert_eq!(summary.n(0, Group::Faulty), 0);
    assert!(
        summary
            .rows()
            .iter()
            .all(|r| r.group == "all" || r.group == "fault-free")
    );
}

#[test]
fn a_group_is_unknown_until_all_its_strata_were_looked_at() {
    let plan = plan(0.1, &[3.0, 1.0], &["s"]);
    let summary = summary_of(&plan, Sampling::Stratified, &few()[..6]);
    assert_eq!(summary.chance(0, Group::Faulty, Ending::Undetected), None);
    assert_eq!(
        value(
            &summary,
            Group::All,
            Metric::TimeToFull,
            Statistic::Quantile(0.5)
        ),
        None
    );
    assert!(
        summary
            .chance(0, Group::Stratum(Stratum::Fault(0)), Ending::Undetected)
            .is_some()
    );
}

#[test]
fn detection_and_mitigation_have_their_populations() {
    let reading = |outcome: &Outcome| {
        (
            Metric::TimeToDetect.reading(outcome),
            Metric::TimeToMitigate.reading(outcome),
        )
    };
    let seen = few()[4].clone();
    use Reading::{Never, NotApplicable, Value};
    let cases = [
        (seen.clone(), (Value(60.0), Value(90.0))),
        // A part stays hit for ever.
        (
            Outcome {
                time_to_mitigate_s: None,
                ..seen.clone()
            },
            (Value(60.0), Never),
        ),
        // Awake only after the stop.
        (
            Outcome {
                time_to_detect_s: None,
                time_to_mitigate_s: None,
                ..seen
            },
            (NotApplicable, NotApplicable),
        ),
        (undetected(0, 0), (Never, Never)),
        (
            Outcome {
                ending: Ending::Stalled,
                ..undetected(0, 0)
            },
            (Never, Never),
        ),
        (
            Outcome {
                ending: Ending::Stalled,
                zones_hit: 0,
                ..undetected(0, 0)
            },
            (NotApplicable, NotApplicable),
        ),
        (
            Outcome {
                ending: Ending::GivenUp,
                ..undetected(0, 0)
            },
            (Never, NotApplicable),
        ),
        (
            Outcome {
                ending: Ending::Latent,
                zones_hit: 0,
                ..undetected(0, 0)
            },
            (NotApplicable, NotApplicable),
        ),
        (
            Outcome {
                ending: Ending::Caught,
                ..undetected(0, 0)
            },
            (NotApplicable, NotApplicable),
        ),
        (shipped(0), (NotApplicable, NotApplicable)),
    ];
    for (outcome, expected) in cases {
        assert_eq!(reading(&outcome), expected, "{outcome:?}");
    }
}

#[test]
fn faults_are_caught_where_the_rollout_was() {
    let plan = plan(0.1, &[1.0], &["s"]);
    let first_zone = FirstZone::of(&plan, 0);
    let step = |wave, zone, step| Place::Step { wave, zone, step };
    let cases = [
        (step(1, 0, 1), Stage::OneBox),
        (step(1, 0, 2), Stage::FirstZone),
        (step(1, 1, 1), Stage::FirstWave),
        (Place::ZoneBake { wave: 1, region: 0 }, Stage::FirstWave),
        (Place::WaveBake { wave: 1 }, Stage::FirstWave),
        (Place::Approval { wave: 2 }, Stage::FirstWave),
        (step(2, 2, 1), Stage::Later),
        (Place::Approval { wave: 3 }, Stage::Later),
        (Place::WaveBake { wave: 2 }, Stage::Later),
        (Place::Watch, Stage::Later),
    ];
    for (place, expected) in cases {
        let outcome = Outcome {
            ending: Ending::RolledBack,
            stopped_at: Some(place),
            detected_by: Some(DetectedBy::Alarm(0)),
            ..undetected(0, 0)
        };
        assert_eq!(
            Stage::of(&outcome, &first_zone),
            Some(expected),
            "{place:?}"
        );
        let people = Outcome {
            detected_by: Some(DetectedBy::People),
            ..outcome
        };
        assert_eq!(Stage::of(&people, &first_zone), Some(Stage::People));
    }
    assert_eq!(Stage::of(&shipped(0), &first_zone), None);
}

#[test]
fn a_shuffled_order_has_a_first_zone_where_one_region_comes_first() {
    let mut plan = plan(0.1, &[1.0], &["s"]);
    plan.strategies[0].order = crate::plan::Order::Random;
    plan.strategies[0].fixed_targets = None;
    let place = |zone| {
        Some(Place::Step {
            wave: 1,
            zone,
            step: 1,
        })
    };
    let first_zone = FirstZone::of(&plan, 0);
    assert_eq!(first_zone.stage_of(place(2)), Stage::OneBox);
    assert_eq!(first_zone.stage_of(place(3)), Stage::FirstWave);
    plan.strategies[0].waves[0].spec = crate::plan::TargetSpec::Next(2);
    assert_eq!(FirstZone::of(&plan, 0).stage_of(place(2)), Stage::FirstWave);
}

#[test]
fn every_metric_has_a_name_of_its_own() {
    let plan = plan(0.1, &[1.0], &["s"]);
    let summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
    for metric in summary.metrics() {
        assert_eq!(
            summary.metric_named(summary.metric_name(metric)),
            Some(metric)
        );
    }
    assert_eq!(summary.metric_named("start"), None);
}

#[test]
fn rows_are_what_estimates_say() {
    let plan = plan(0.1, &[3.0, 1.0], &["s"]);
    let summary = summary_of(&plan, Sampling::Stratified, &few());
    let rows = summary.rows();
    let mut seen = std::collections::HashSet::new();
    for row in &rows {
        assert!(
            seen.insert((&row.group, &row.metric, &row.statistic)),
            "twice: {row:?}"
        );
        assert!(!row.value.is_nan() && row.n > 0, "{row:?}");
        let group = summary
            .groups()
            .into_iter()
            .find(|&g| summary.group_name(g) == row.group)
            .unwrap();
        if let (Some(metric), Ok(statistic)) =
            (summary.metric_named(&row.metric), row.statistic.parse())
        {
            match summary.estimate(0, group, metric, statistic) {
                Some(e) => assert_eq!(
                    (row.value, row.low, row.high, row.n),
                    (e.value, Some(e.low), Some(e.high), e.n)
                ),
                None => assert_eq!(Some(row.value), summary.fact(0, group, metric, statistic)),
            }
        }
    }
    // What a fault does has no row where there is none.
    let has =
        |group: &str, metric: &str| rows.iter().any(|r| r.group == group && r.metric == metric);
    assert!(has("fault-free", "time_to_full_s") && !has("fault-free", "blast_radius"));
    assert!(has("all", "blast_radius") && has("f0", "caught") && !has("all", "caught"));
}

#[test]
fn merging_gives_the_same_counts_and_distributions() {
    let plan = plan(0.1, &[3.0, 1.0], &["s"]);
    let outcomes = few();
    let whole = summary_of(&plan, Sampling::Stratified, &outcomes);
    let mut merged = summary_of(&plan, Sampling::Stratified, &outcomes[3..]);
    merged.merge(&summary_of(&plan, Sampling::Stratified, &outcomes[..3]));
    merged.settle();
    for (a, b) in whole.rows().iter().zip(merged.rows()) {
        assert_eq!(
            (&a.group, &a.metric, &a.statistic, a.n),
            (&b.group, &b.metric, &b.statistic, b.n)
        );
        let exact = !["mean", "sd"].contains(&a.statistic.as_str());
        assert!(
            a.value == b.value || (!exact && (a.value - b.value).abs() < 1e-9),
            "{a:?} {b:?}"
        );
    }
}

#[test]
fn what_cannot_come_of_other_changes_widens_no_interval() {
    let plan = plan(0.04, &[1.0], &["s"]);
    let mut summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
    for number in 0..50 {
        summary.add(0, &shipped(number));
        summary.add(0, &undetected(0, number));
    }
    let chance = |group, ending| summary.chance(0, group, ending).unwrap();
    let among_faulty = chance(Group::Faulty, Ending::Latent);
    let among_all = chance(Group::All, Ending::Latent);
    assert_eq!(among_all, among_faulty.times(0.04));
    assert!(among_all.high < 0.004, "{among_all:?}");
    assert_eq!(chance(Group::All, Ending::Shipped).value, 0.96);
    // Any change can be given up.
    assert!(chance(Group::All, Ending::GivenUp).high > 0.05);
}
