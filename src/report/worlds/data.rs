//! Worlds as files: `worlds.csv`, and a part of JSON documents.

use serde_json::{Value, json};

use super::Drawn;
use crate::report::rollouts::push_number;
use crate::stats::Estimate;
use crate::summary::worlds::{Figure, Swing};

/// A row for each world and strategy: figures with their intervals, and every draw, in SI units.
pub fn csv(drawn: &Drawn) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut push = |row: Vec<String>| writer.write_record(row).expect("memory takes what comes");
    let mut header = vec!["world".to_owned(), "strategy".to_owned()];
    for figure in Figure::ALL {
        let name = figure.name();
        header.extend([
            name.to_owned(),
            format!("{name}_low"),
            format!("{name}_high"),
        ]);
    }
    header.extend(drawn.inputs.iter().map(super::Input::name));
    push(header);
    for (number, world) in drawn.worlds.iter().enumerate() {
        for (figures, strategy) in world.figures.iter().zip(drawn.strategies) {
            let mut row = vec![number.to_string(), strategy.clone()];
            for figure in figures {
                let ends = figure.map(
                    |Estimate {
                         value, low, high, ..
                     }| [value, low, high],
                );
                match ends {
                    Some(ends) => row.extend(ends.map(number_text)),
                    None => row.extend([const { String::new() }; 3]),
                }
            }
            row.extend(world.draws.iter().copied().map(number_text));
            push(row);
        }
    }
    let bytes = writer.into_inner().expect("memory takes what comes");
    String::from_utf8(bytes).expect("fields of text make text")
}

fn number_text(x: f64) -> String {
    let mut text = String::new();
    push_number(&mut text, x);
    text
}

/// The answers as JSON: how often each strategy is ahead, pairs, what separates worlds, what figures depend on.
pub fn json(drawn: &Drawn) -> Value {
    let strategies = drawn.strategies.len();
    let figures = Figure::ALL.map(|figure| {
        let standings = (0..strategies).map(|s| {
            let standing = drawn.worlds.standing(figure, s);
            json!({
                "strategy": drawn.strategies[s],
                "smallest": standing.alone,
                "smallest_with_others": standing.shared,
                "smallest_beyond_noise": standing.clearly,
                "depends_on": drawn.worlds.swings(figure, s).iter().map(|w| swing(drawn, w)).collect::<Vec<_>>(),
            })
        });
        json!({
            "figure": figure.name(),
            "unit": figure.unit(),
            "strategies": standings.collect::<Vec<_>>(),
            "pairs": pairs(drawn, figure),
        })
    });
    let inputs = drawn.inputs.iter().map(|input| {
        json!({
            "key": input.key, "value": input.value, "low": input.low, "high": input.high,
            "unit": input.measure.unit(), "is_median": input.is_median,
        })
    });
    json!({
        "worlds": drawn.worlds.len(),
        "runs_in_each": drawn.runs,
        "seed": drawn.seed,
        "level": drawn.level,
        "guesses_without_range": drawn.without_range,
        "inputs": inputs.collect::<Vec<_>>(),
        "figures": figures,
    })
}

fn pairs(drawn: &Drawn, figure: Figure) -> Vec<Value> {
    let strategies = drawn.strategies.len();
    let pairs = (0..strategies).flat_map(|a| (0..strategies).map(move |b| (a, b)));
    let pair = |(a, b): (usize, usize)| {
        let duel = drawn.worlds.duel(figure, a, b);
        let split = drawn.worlds.split(figure, a, b).map(|split| {
            json!({
                "input": drawn.inputs[split.input].key,
                "threshold": split.threshold,
                "side": if split.is_above { "above" } else { "below" },
                "worlds_on_side": split.side,
                "others": split.others,
                "others_on_side": split.others_on_side,
            })
        });
        json!({
            "strategy": drawn.strategies[a],
            "than": drawn.strategies[b],
            "worlds": duel.worlds,
            "smaller": duel.smaller,
            "smaller_beyond_noise": duel.clearly_smaller,
            "larger": duel.larger,
            "larger_beyond_noise": duel.clearly_larger,
            "others_have": split,
        })
    };
    pairs.filter(|(a, b)| a != b).map(pair).collect()
}

fn swing(drawn: &Drawn, swing: &Swing) -> Value {
    // JSON has no infinity.
    let number = |x: f64| match x.is_finite() {
        true => json!(x),
        false => json!("inf"),
    };
    json!({
        "input": drawn.inputs[swing.input].key,
        "low": number(swing.low),
        "high": number(swing.high),
        "rank_correlation": swing.correlation,
        "is_beyond_chance": swing.is_beyond_chance,
    })
}
