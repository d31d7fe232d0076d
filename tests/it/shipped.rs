//! The shipped scenarios load, run, and are sane.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use landfall::engine::{Engine, Scratch};
use landfall::outcome::Ending;
use landfall::plan::Stratum;

use crate::worlds::plan;

/// Fault-free rollouts of each strategy.
const RUNS: u64 = 200;

/// Strategies that are there to show what goes wrong.
const WARNINGS: [&str; 3] = [
    "10% for 5 minutes, any error",
    "10% a minute, any error",
    "all at once, any error",
];

#[test]
#[expect(clippy::print_stdout, reason = "the table is for people, too")]
fn good_changes_ship() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut names: Vec<_> = fs::read_dir(&folder)
        .expect("scenarios")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort();
    let mut table = String::new();
    for name in names {
        let plan = plan(&fs::read_to_string(folder.join(&name)).expect("a text"));
        writeln!(table, "{name}").expect("a string takes everything");
        for (index, strategy) in plan.strategies.iter().enumerate() {
            let engine = Engine::new(&plan, index);
            let mut scratch = Scratch::default();
            let shipped = (0..RUNS).filter(|&number| {
                let outcome = engine.simulate(1, Stratum::FaultFree, number, &mut scratch);
                outcome.ending == Ending::Shipped
            });
            let share = shipped.count() as f64 / RUNS as f64;
            writeln!(table, "  {:<32} {:.1}%", strategy.name, 100.0 * share).expect("a string");
            let recommended = !WARNINGS.contains(&strategy.name.as_str());
            assert!(
                !recommended || share >= 0.9,
                "{name}, {}: {share}",
                strategy.name
            );
        }
    }
    print!("{table}");
    insta::assert_snapshot!("fault-free chance to ship", table);
}
