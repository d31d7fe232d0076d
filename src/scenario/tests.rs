//! Whole scenarios.

use super::*;

const WHOLE: &str = include_str!("tests/whole.toml");

/// A scenario that must be right.
fn read(text: &str) -> Scenario {
    parse(text).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn the_whole_language_is_read() {
    let scenario = read(WHOLE);
    let plan = &scenario.plan;
    assert_eq!(plan.name, "hands-off waves");
    assert_eq!(plan.fleet.regions.len(), 6);
    assert_eq!(plan.strategies[0].waves.len(), 4);
    assert_eq!(scenario.budgets.len(), 3);
}

#[test]
fn shipped_worlds_can_be_used() {
    for world in SHIPPED {
        let text = format!(
            "format = 1\nuse = {:?}\n[strategy.all]\nsteps = [{{ to = \"100%\" }}]\n",
            world.name
        );
        let scenario = read(&text);
        assert!(!scenario.plan.fleet.regions.is_empty(), "{}", world.name);
        assert_eq!(scenario.sources.len(), 2, "{}", world.name);
    }
}
