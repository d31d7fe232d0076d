//! Everything in a plan can be traced to the file and line that declares it.

use super::*;
use crate::plan::{Bake, Origin, Strategy};

/// Where something was declared: `FILE:LINE: TEXT`, the text cut to its beginning.
fn told(scenario: &Scenario, origin: Origin) -> String {
    let Some(at) = scenario.origins.locate(origin) else {
        return "nowhere".to_owned();
    };
    let text: String = at.text.chars().take(20).collect();
    format!("{}:{}: {text}", at.file.display(), at.line)
}

#[test]
fn what_is_laid_over_a_world_is_declared_where_it_was_last_changed() {
    let main = "format = 1\nuse = [\"one-cluster\", \"world.toml\"]\n[alarm.burn]\nlag = \"30s\"\n";
    let world = "format = 1\n[region.cluster]\nzones = 2\n[sli.checkout]\n";
    let proposal = r#"[strategy.ours]
rollback.takes = "5m"
steps = [
  { to = "one-box", bake = "10m" },
  { to = "100%", bake = { for = "1h" } },
]
zones.bake = "2m"
tests = [{ name = "smoke", at = "pre-traffic" }]
alarms = [{ name = "mine", scope = "zone", when = "errors > 5%" }]
[budget.reach]
keep = "p99(blast_radius) <= 5%"
"#;
    let files = [
        ("main.toml", main),
        ("world.toml", world),
        ("ours.toml", proposal),
    ];
    let scenario = load_among(&files, &["ours.toml"], &[]).unwrap();
    let told = |origin: Origin| told(&scenario, origin);
    let plan = &scenario.plan;
    let ours = &plan.strategies[0];
    let wave = &ours.waves[0];
    let bake = |bake: &Option<Bake>| bake.as_ref().expect("a bake").origin;
    let alarm = |name: &str| {
        let found = ours.alarms.iter().find(|a| a.name == name);
        told(found.expect("an alarm").origin)
    };
    let checkout = plan.slis.iter().find(|s| s.name == "checkout");
    assert_eq!(
        [
            told(plan.fleet.regions[0].origin),
            told(checkout.expect("the indicator").origin),
            alarm("burn"),
            alarm("mine"),
            told(ours.origin),
            told(ours.rollback.origin),
            told(wave.steps[1].origin),
            told(bake(&wave.steps[0].bake)),
            told(bake(&wave.steps[1].bake)),
            told(bake(&wave.zone_bake)),
            told(ours.pre_traffic[0].origin),
            told(scenario.budgets[0].origin),
        ],
        [
            "world.toml:2: cluster",
            "world.toml:4: [sli.checkout]",
            "main.toml:3: burn",
            "ours.toml:9: name",
            "ours.toml:1: [strategy.ours]",
            "ours.toml:2: rollback",
            "ours.toml:5: { to = \"100%\", bake ",
            "ours.toml:4: \"10m\"",
            "ours.toml:5: { for = \"1h\" }",
            "ours.toml:7: \"2m\"",
            "ours.toml:8: { name = \"smoke\", at",
            "ours.toml:10: [budget.reach]",
        ]
    );
    // The strategy states no waves, so the one it has is declared where the strategy is.
    assert_eq!(told(wave.origin), told(ours.origin));
    let fault = scenario.origins.locate(plan.change.faults[0].origin);
    let fault = fault.expect("a fault of the world");
    assert!(
        fault.shipped && fault.text.starts_with("[fault."),
        "{fault:?}"
    );
}

#[test]
fn no_part_of_a_plan_that_is_written_comes_from_nowhere() {
    let scenario = read(WHOLE);
    let plan = &scenario.plan;
    let mut origins = vec![plan.change.origin, plan.oncall.origin];
    origins.extend(plan.fleet.regions.iter().map(|r| r.origin));
    origins.extend(plan.slis.iter().map(|s| s.origin));
    origins.extend(plan.incidents.iter().map(|i| i.origin));
    origins.extend(plan.warm_up.iter().map(|w| w.origin));
    origins.extend(plan.change.faults.iter().map(|f| f.origin));
    origins.extend(plan.retry.iter().map(|r| r.origin));
    origins.extend(scenario.budgets.iter().map(|b| b.origin));
    plan.strategies.iter().for_each(|s| parts(s, &mut origins));
    assert!(origins.len() > 40, "{}", origins.len());
    for origin in origins {
        let at = scenario.origins.locate(origin).expect("a place");
        assert_eq!(&WHOLE[at.span.clone()], at.text);
        let line = WHOLE.lines().nth(at.line - 1).expect("a line");
        let begins = at.text.lines().next().expect("a text");
        let rest: String = line.chars().skip(at.column - 1).collect();
        assert!(rest.starts_with(begins), "{line}: {begins}");
    }
}

fn parts(strategy: &Strategy, origins: &mut Vec<Origin>) {
    origins.extend([strategy.origin, strategy.rollback.origin]);
    origins.extend(strategy.alarms.iter().map(|a| a.origin));
    let tests = [
        &strategy.preproduction,
        &strategy.pre_traffic,
        &strategy.post_traffic,
    ];
    origins.extend(tests.into_iter().flatten().map(|t| t.origin));
    for wave in &strategy.waves {
        origins.push(wave.origin);
        origins.extend(wave.steps.iter().map(|s| s.origin));
        let bakes = wave.steps.iter().filter_map(|s| s.bake.as_ref());
        let bakes = bakes.chain(&wave.bake).chain(&wave.zone_bake);
        origins.extend(bakes.map(|b| b.origin));
    }
}

#[test]
fn what_nobody_wrote_was_declared_nowhere() {
    let scenario = read(&with_strategy(""));
    let plan = &scenario.plan;
    for origin in [
        plan.oncall.origin,
        plan.slis[0].origin,
        plan.strategies[0].rollback.origin,
    ] {
        assert_eq!(told(&scenario, origin), "nowhere");
    }
}
