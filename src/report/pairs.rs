//! `pairs.csv`: what each strategy has more than each other, a figure a row.

use super::columns;
use super::rollouts::push_number;
use crate::summary::Ranking;

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

#[cfg(test)]
mod tests {
    use super::*;
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
