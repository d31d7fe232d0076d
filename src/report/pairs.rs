//! What each strategy has more than each other: `pairs.csv`, a figure a row, and `pairs` in JSON documents.

use serde_json::{Value, json};

use super::columns;
use super::rollouts::push_number;
use crate::summary::{Ranking, Standing};

/// The pairs of a ranking. SI units.
pub fn text(ranking: &Ranking) -> String {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let mut push = |fields: [&str; 11]| csv.write_record(fields).expect("memory takes what comes");
    push(columns::PAIRS.map(|column| column.name));
    let number = |x: Option<f64>| {
        let mut text = String::new();
        if let Some(x) = x {
            push_number(&mut text, x);
        }
        text
    };
    for pair in &ranking.pairs {
        for figure in &pair.figures {
            let e = figure.estimate;
            push([
                &ranking.strategies[pair.a].name,
                &ranking.strategies[pair.b].name,
                figure.group,
                figure.metric,
                &figure.statistic,
                figure.unit,
                &number(Some(e.value)),
                &number(Some(e.low)),
                &number(Some(e.high)),
                &e.n.to_string(),
                &number(figure.p_holm),
            ]);
        }
    }
    let bytes = csv.into_inner().expect("memory takes what comes");
    String::from_utf8(bytes).expect("fields of text make text")
}

/// The pairs of a ranking as JSON: how they stand, which is said only of what is sure, and their differences.
pub fn json(ranking: &Ranking) -> Value {
    let pair = |pair: &crate::summary::Pair| {
        let figures = pair.figures.iter().map(|figure| {
            let e = figure.estimate;
            json!({
                "stratum": figure.group, "metric": figure.metric, "statistic": figure.statistic,
                "unit": figure.unit, "difference": number(e.value), "low": number(e.low), "high": number(e.high),
                "level": e.level, "n": e.n, "p_holm": figure.p_holm,
            })
        });
        json!({
            "strategy": ranking.strategies[pair.a].name,
            "against": ranking.strategies[pair.b].name,
            "blast_radius": standing(pair.radius),
            "time_to_full_s": standing(pair.time),
            "figures": figures.collect::<Vec<_>>(),
        })
    };
    ranking.pairs.iter().map(pair).collect()
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Better => "smaller",
        Standing::Worse => "larger",
        Standing::Same => "same",
        Standing::Open => "open",
    }
}

/// JSON has no infinity.
fn number(x: f64) -> Value {
    match x.is_finite() {
        true => json!(x),
        false if x > 0.0 => json!("inf"),
        false => json!("-inf"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_the_pairs_and_no_infinity() {
        let mut ranking = ranking(&[("A", 2.0, 0.5), ("B", 3.0, 0.25)]);
        ranking.pairs[0].figures[0].estimate.low = f64::NEG_INFINITY;
        let json = json(&ranking);
        let pair = &json[0];
        assert_eq!(
            (&pair["strategy"], &pair["against"]),
            (&"A".into(), &"B".into())
        );
        assert!(
            ["smaller", "larger", "open"].contains(&pair["blast_radius"].as_str().expect("text"))
        );
        let figure = &pair["figures"][0];
        assert_eq!(
            (&figure["difference"], &figure["low"]),
            (&0.25.into(), &"-inf".into())
        );
        assert_eq!(figure["p_holm"], 0.5);
    }
    use crate::report::ranking::tests::ranking;

    #[test]
    fn each_figure_of_each_pair_has_a_row() {
        let text = text(&ranking(&[
            ("A, a", 2.0, 0.5),
            ("B", 3.0, 0.25),
            ("C", 3.0, 0.25),
        ]));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "strategy,against,stratum,metric,statistic,unit,difference,low,high,n,p_holm"
        );
        assert_eq!(
            lines[1],
            "\"A, a\",B,faulty,blast_radius,p99,,0.25,0.24,0.26,100,0.5"
        );
        assert_eq!(lines.len(), 1 + 3 * 2);
    }
}
