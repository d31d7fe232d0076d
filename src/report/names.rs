//! Names of what stopped a rollout and of where it was then, as in `rollouts.csv`; and of stages in tables.

use crate::outcome::{DetectedBy, Place};
use crate::plan::{Plan, Strategy};
use crate::summary::Stage;

/// The name of what made a detection: an alarm's, a test's, `bake` or `people`.
pub fn detector(strategy: &Strategy, by: DetectedBy) -> &str {
    match by {
        DetectedBy::Alarm(i) => &strategy.alarms[i].name,
        DetectedBy::Preproduction(i) => &strategy.preproduction[i].name,
        DetectedBy::PreTraffic(i) => &strategy.pre_traffic[i].name,
        DetectedBy::PostTraffic(i) => &strategy.post_traffic[i].name,
        DetectedBy::Bake => "bake",
        DetectedBy::People => "people",
    }
}

/// The name of a place, such as `wave2/eu-west-1/1/step3`, `wave2/eu-west-1/bake`, `wave2/bake`, `wave2/approval`,
/// `test:gamma` or `watch`.
pub fn place(plan: &Plan, strategy: &Strategy, place: Place) -> String {
    match place {
        Place::Preproduction(i) => format!("test:{}", strategy.preproduction[i].name),
        Place::PreTraffic { test, .. } => format!("test:{}", strategy.pre_traffic[test].name),
        Place::PostTraffic { test, .. } => format!("test:{}", strategy.post_traffic[test].name),
        Place::Approval { wave } => format!("wave{wave}/approval"),
        Place::Step { wave, zone, step } => {
            let zone = &plan.fleet.zones[zone as usize].name;
            format!("wave{wave}/{zone}/step{step}")
        }
        Place::ZoneBake { wave, region } => {
            let region = &plan.fleet.regions[region as usize].name;
            format!("wave{wave}/{region}/bake")
        }
        Place::WaveBake { wave } => format!("wave{wave}/bake"),
        Place::Watch => "watch".to_owned(),
    }
}

/// The heading of a stage in tables, line by line.
pub fn stage_title(stage: Stage) -> &'static [&'static str] {
    match stage {
        Stage::BeforeProduction => &["before", "production"],
        Stage::OneBox => &["in the", "one-box"],
        Stage::FirstZone => &["in first", "zone"],
        Stage::FirstWave => &["in first", "wave"],
        Stage::Later => &["later"],
        Stage::People => &["by people"],
        Stage::Never => &["never"],
        Stage::Asleep => &["still", "asleep"],
        Stage::Unresolved => &["unresolved"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Dist, NameKey};
    use crate::summary::example::plan;

    #[test]
    fn places_read_from_the_whole_to_the_part() {
        let mut plan = plan(0.1, &[1.0], &["s"]);
        plan.strategies[0].preproduction.push(crate::plan::Test {
            name: "gamma".to_owned(),
            key: NameKey::of("gamma"),
            takes: Dist::certain(60.0).unwrap(),
            flake: 0.0,
            needs_active: false,
            sees: vec![0.0],
            origin: crate::plan::Origin::NOWHERE,
        });
        for (at, name) in [
            (Place::Preproduction(0), "test:gamma"),
            (Place::Approval { wave: 2 }, "wave2/approval"),
            (
                Place::Step {
                    wave: 2,
                    zone: 3,
                    step: 1,
                },
                "wave2/west/2/step1",
            ),
            (Place::ZoneBake { wave: 1, region: 0 }, "wave1/east/bake"),
            (Place::WaveBake { wave: 2 }, "wave2/bake"),
            (Place::Watch, "watch"),
        ] {
            assert_eq!(place(&plan, &plan.strategies[0], at), name);
        }
        let strategy = &plan.strategies[0];
        assert_eq!(detector(strategy, DetectedBy::Preproduction(0)), "gamma");
        assert_eq!(detector(strategy, DetectedBy::Bake), "bake");
        assert_eq!(detector(strategy, DetectedBy::People), "people");
    }
}
