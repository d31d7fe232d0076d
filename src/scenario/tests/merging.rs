//! `use`, strategy files, the world path, and dropping.

use super::*;
use crate::plan::{Scope, SpillKind, Susceptible};

const WORLD: &str = r#"
format = 1
[region.east]
zones = 3
rps = 100
tz = "America/New_York"
[region.west]
zones = 2
rps = 300
[change]
bad = { value = "5%", from = "measured", source = "a pipeline" }
[fault.leak]
weight = 2
trigger = { delay = "1h", scope = "cohort" }
adds = { errors = "30%", slow = "10%" }
susceptible = ["west", "east"]
caught_by = { gamma = 0.5 }
[fault.bug]
trigger = { delay = "0s" }
adds = { errors = "30%" }
spill = { times = 2, scope = "fleet" }
[retry]
after = "1h"
max = 2
"#;

const STRATEGY: &str = "[strategy.all]\nsteps = [{ to = \"100%\" }]\n";

fn among(main: &'static str) -> Result<Scenario, Problems> {
    let both: &'static str = Box::leak(format!("format = 1\n{main}\n{STRATEGY}").into_boxed_str());
    load_among(&[("main.toml", both), ("world.toml", WORLD)], &[], &[])
}

fn rules(result: Result<Scenario, Problems>) -> Vec<String> {
    let problems = result.expect_err("a mistake");
    problems.iter().map(|p| p.rule.clone()).collect()
}

#[test]
fn tables_merge_key_by_key_and_a_later_value_replaces() {
    let main = "use = \"world.toml\"\n[region.east]\nrps = 500\n[fault.leak]\nadds = { errors = \"1%\" }\ncaught_by.smoke = 0.1\n[region.north]\nrps = 1\n[strategy.other]\nsteps = [{ to = \"100%\" }]\ntests = [{ name = \"smoke\", at = \"pre-traffic\" }]";
    let plan = among(main).unwrap().plan;
    let regions: Vec<_> = plan
        .fleet
        .regions
        .iter()
        .map(|r| (r.name.as_str(), r.zones.len(), r.rps))
        .collect();
    assert_eq!(
        regions,
        [("east", 3, 500.0), ("west", 2, 300.0), ("north", 1, 1.0)]
    );
    let leak = &plan.change.faults[0];
    assert_eq!(leak.weight, 2.0);
    // Inline tables merge, too: `slow` is still what the world says.
    let adds: Vec<_> = leak.adds.iter().map(|(s, d)| (*s, d.mean())).collect();
    assert_eq!(adds, [(0, 0.01), (1, 0.1)]);
}

#[test]
fn lists_and_values_with_provenance_and_alternatives_replace() {
    let main = "use = \"world.toml\"\n[change]\nbad = { value = \"1%\", from = \"guess\" }\n[fault.leak]\ntrigger = { requests = 1e6 }\nsusceptible = [\"east\"]\n[fault.bug]\nspill = { fixed = \"5%\", scope = \"zone\" }";
    let scenario = among(main).unwrap();
    let bad = scenario
        .inputs
        .iter()
        .find(|i| i.key == "change.bad")
        .unwrap();
    assert_eq!(
        (bad.value.as_str(), bad.source.as_deref()),
        ("\"1%\"", None)
    );
    let [leak, bug] = &scenario.plan.change.faults[..] else {
        panic!("two faults")
    };
    // Another cause is another trigger: nothing is left of its scope.
    assert_eq!(leak.trigger.scope, Scope::Fleet);
    assert_eq!(leak.susceptible, Susceptible::Listed(vec![true, false]));
    assert_eq!(bug.spill.unwrap().kind, SpillKind::Fixed(0.05));
}

#[test]
fn the_same_cause_keeps_what_it_does_not_say() {
    let main = "use = \"world.toml\"\n[fault.leak]\ntrigger.delay = \"2h\"";
    let plan = among(main).unwrap().plan;
    assert_eq!(plan.change.faults[0].trigger.scope, Scope::Cohort);
}

#[test]
fn dropped_tables_are_gone() {
    let main = "use = \"world.toml\"\n[fault.leak]\ndrop = true\n[retry]\ndrop = true\n[region.west]\ndrop = true";
    let plan = among(main).unwrap().plan;
    assert_eq!(plan.change.faults.len(), 1);
    assert_eq!(plan.change.faults[0].name, "bug");
    assert!(plan.retry.is_none());
    assert_eq!(plan.fleet.regions.len(), 1);
}

#[test]
fn later_files_come_over_earlier_ones_and_this_one_over_all() {
    let files = [
        (
            "main.toml",
            "format = 1\nuse = [\"a.toml\", \"b.toml\"]\n[region.x]\ntz = \"Asia/Tokyo\"\n[strategy.all]\nsteps = [{ to = \"100%\" }]",
        ),
        (
            "a.toml",
            "format = 1\nuse = \"base.toml\"\n[region.x]\nrps = 2\nzones = 2",
        ),
        (
            "b.toml",
            "format = 1\nuse = \"base.toml\"\n[region.x]\nzones = 4",
        ),
        ("base.toml", "format = 1\n[region.x]\nrps = 1\nzones = 1"),
    ];
    let scenario = load_among(&files, &[], &[]).unwrap();
    let region = &scenario.plan.fleet.regions[0];
    // A file that is used twice is laid once: the second time does not undo what came in between.
    assert_eq!((region.rps, region.zones.len()), (2.0, 4));
    let read: Vec<_> = scenario
        .sources
        .iter()
        .map(|s| s.path.to_str().unwrap())
        .collect();
    assert_eq!(read, ["main.toml", "a.toml", "base.toml", "b.toml"]);
    // SHA-256 by another implementation (sha256sum).
    assert_eq!(
        scenario.sources[2].sha256,
        "b212bf0e507230268f3f9fd580f1e73b39c4435f92d4ca4a48c593db6f7242df"
    );
}

#[test]
fn files_are_found_beside_the_one_that_names_them_then_in_the_world_path() {
    let main = "format = 1\nuse = \"team/world.toml\"\n[strategy.all]\nsteps = [{ to = \"100%\", takes = \"empirical(delays.csv, s)\" }]";
    let files = [
        ("main.toml", main),
        (
            "team/world.toml",
            "format = 1\nuse = [\"regions.toml\", \"more.toml\"]",
        ),
        ("team/regions.toml", "format = 1\n[region.beside]\nrps = 1"),
        ("regions.toml", "format = 1\n[region.wrong]\nrps = 1"),
        ("/worlds/more.toml", "format = 1\n[region.path]\nrps = 1"),
        ("/worlds/delays.csv", "s\n10\n20\n"),
    ];
    let scenario = load_among(&files, &[], &["/nowhere", "/worlds"]).unwrap();
    let names: Vec<_> = scenario
        .plan
        .fleet
        .regions
        .iter()
        .map(|r| r.name.as_str())
        .collect();
    assert_eq!(names, ["beside", "path"]);
    assert_eq!(
        scenario.plan.strategies[0].waves[0].steps[0].takes.mean(),
        15.0
    );
    assert!(
        scenario
            .sources
            .iter()
            .any(|s| s.path == Path::new("/worlds/delays.csv"))
    );
}

#[test]
fn strategy_files_bring_strategies_the_service_and_budgets() {
    let main: &'static str =
        Box::leak(format!("format = 1\nuse = \"world.toml\"\n{STRATEGY}").into_boxed_str());
    let proposal = "[strategy.careful]\nsteps = [{ to = \"10%\", bake = \"1h\" }, { to = \"100%\" }]\n[service]\nrps = 40\n[budget.reach]\nkeep = \"p99(blast_radius) <= 10%\"";
    let files = [
        ("main.toml", main),
        ("world.toml", WORLD),
        ("their.toml", proposal),
    ];
    let scenario = load_among(&files, &["their.toml"], &[]).unwrap();
    let names: Vec<_> = scenario
        .plan
        .strategies
        .iter()
        .map(|s| s.name.as_str())
        .collect();
    assert_eq!(names, ["all", "careful"]);
    assert_eq!(scenario.plan.fleet.rps, 40.0);
    assert_eq!(scenario.budgets.len(), 1);
    assert_eq!(scenario.plan.name, "main");
}

#[test]
fn a_fault_of_a_used_world_may_speak_of_tests_that_no_strategy_has() {
    assert!(among("use = \"world.toml\"").is_ok());
    let own = rules(among(
        "use = \"world.toml\"\n[fault.bug]\ncaught_by = { gamma = 0.5 }",
    ));
    assert_eq!(own, ["no strategy has a test `gamma`"]);
}

#[test]
fn a_file_that_is_missing_hides_no_other_mistake_and_makes_up_none() {
    let main = "use = \"worlds.toml\"\n[region.east]\nzones = 0\n[budget.b]\ngiven = \"leak\"\nkeep = \"mean(bad_requests_checkout) <= 5\"";
    let found = rules(among(main));
    assert_eq!(
        found,
        [
            "`use`: there is no such file",
            "`zones` must be a whole number from 1 to 10,000"
        ]
    );
}

#[test]
fn circles_and_ways_out_are_refused() {
    let rule =
        |files: &[(&'static str, &'static str)]| rules(load_among(files, &[], &[]))[0].clone();
    let circle = [
        ("main.toml", "format = 1\nuse = \"a.toml\""),
        ("a.toml", "format = 1\nuse = \"main.toml\""),
    ];
    assert_eq!(rule(&circle), "`use`: files use each other in a circle");
    assert_eq!(
        rule(&[("main.toml", "format = 1\nuse = \"main.toml\"")]),
        "`use`: files use each other in a circle"
    );
    for way in ["../x.toml", "/x.toml", "a/../../x.toml"] {
        let main: &'static str = Box::leak(format!("format = 1\nuse = {way:?}").into_boxed_str());
        let expected = "`use`: a file must lie in the folder of the file that names it, or in a --world-path folder";
        assert_eq!(
            rule(&[("main.toml", main), ("../x.toml", WORLD)]),
            expected,
            "{way}"
        );
    }
}

#[test]
fn a_long_chain_of_files_ends_in_an_error() {
    struct Chain;
    impl Files for Chain {
        fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
            let number: usize = path
                .to_str()
                .and_then(|p| p.trim_end_matches(".toml").parse().ok())
                .unwrap_or(0);
            Ok(format!("format = 1\nuse = \"{}.toml\"", number + 1).into_bytes())
        }
    }
    let request = Request {
        scenario: "0.toml".into(),
        ..Request::default()
    };
    assert_eq!(
        rules(load(&request, &Chain)),
        ["`use`: files use each other at most 32 deep"]
    );
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    struct Broken(ReadError);
    impl Files for Broken {
        fn read(&self, _: &Path) -> Result<Vec<u8>, ReadError> {
            Err(self.0.clone())
        }
    }
    for (error, rule) in [
        (ReadError::NotFound, "there is no such file"),
        (
            ReadError::NotAFile,
            "the file cannot be read: it is not a plain file",
        ),
        (
            ReadError::TooLarge { limit: 10 },
            "the file cannot be read: it has more than 10 bytes",
        ),
        (
            ReadError::Outside,
            "the file cannot be read: it lies outside the folders that may be read",
        ),
        (
            ReadError::Other("disk on fire".into()),
            "the file cannot be read: disk on fire",
        ),
    ] {
        let request = Request {
            scenario: "x.toml".into(),
            ..Request::default()
        };
        assert_eq!(rules(load(&request, &Broken(error))), [rule]);
    }
}

#[test]
fn what_is_shipped_says_where_it_is_from() {
    for world in SHIPPED {
        let scenario = read(&format!("format = 1\nuse = {:?}\n{STRATEGY}", world.name));
        let published = scenario
            .inputs
            .iter()
            .filter(|i| i.from == Some(Provenance::Published));
        for input in published {
            assert!(input.source.is_some(), "{}: {}", world.name, input.key);
        }
    }
}

#[test]
fn parts_of_worlds_lack_regions_and_nothing_else() {
    for part in PARTS {
        let world = "[region.a]\nrps = 1\n[change]\nbad = \"5%\"\n";
        let scenario = read(&format!(
            "format = 1\nuse = {:?}\n{world}{STRATEGY}",
            part.name
        ));
        assert_eq!(scenario.plan.fleet.regions.len(), 1, "{}", part.name);
        assert_eq!(scenario.plan.change.faults.len(), 9, "{}", part.name);
    }
}

#[test]
fn shipped_worlds_can_be_used() {
    for world in SHIPPED {
        let text = format!("format = 1\nuse = {:?}\n{STRATEGY}", world.name);
        let scenario = read(&text);
        assert!(!scenario.plan.fleet.regions.is_empty(), "{}", world.name);
        assert!(
            scenario
                .sources
                .iter()
                .any(|s| s.shipped && s.path == Path::new(world.name))
        );
    }
}
