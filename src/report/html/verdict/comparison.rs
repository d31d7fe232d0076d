//! The verdict over all strategies.

use super::{Verdict, told};
use crate::report::basis::Basis;
use crate::report::chart::tradeoff::{Measure, Strategy, Tradeoff};
use crate::report::quantity::Quantity;
use crate::report::ranking::{and, quoted, words};
use crate::stats::Estimate;
use crate::summary::{Ranking, Summary};

/// A strategy as far as the verdict looks at it.
#[derive(Clone, Debug)]
struct Candidate {
    /// Its place in the list.
    place: usize,
    name: String,
    time: Estimate,
    radius: Estimate,
    median: Option<Estimate>,
}

/// Most strategies that are told one by one: whoever compares hundreds reads the table.
const MOST: usize = 12;

/// Which strategies none dominates, and what is known of the others.
pub(in crate::report::html) fn of_comparison(
    summary: &Summary,
    basis: &Basis,
    ranking: &Ranking,
) -> Verdict {
    let tradeoff = Tradeoff::of(summary);
    let medians: Vec<(String, Option<Estimate>)> = summary
        .strategies()
        .map(|s| summary.headline(s))
        .map(|h| (h.name, h.blast_radius_p50))
        .collect();
    judged(&tradeoff, &medians, basis, ranking)
}

fn judged(
    tradeoff: &Tradeoff,
    medians: &[(String, Option<Estimate>)],
    basis: &Basis,
    ranking: &Ranking,
) -> Verdict {
    let candidate = |s: &Strategy| Candidate {
        place: s.place,
        name: s.name.clone(),
        time: s.time,
        radius: s.radius,
        median: medians[s.place].1,
    };
    let mut all: Vec<Candidate> = tradeoff.strategies.iter().map(candidate).collect();
    all.sort_by(|a, b| a.time.value.total_cmp(&b.time.value));
    let is_dominated = |c: &Candidate| {
        let mut others = 0..ranking.strategies.len();
        c.place < ranking.strategies.len()
            && others.any(|other| ranking.is_dominated(c.place, other))
    };
    let best: Vec<&Candidate> = all.iter().filter(|c| !is_dominated(c)).collect();
    let mut findings = Vec::new();
    if tradeoff.measure == Measure::Mean && all.len() > 1 {
        findings.push(
            "The 99th percentile of the blast radius is the same for all strategies, so the mean is judged.".to_owned(),
        );
    }
    findings.extend(words(ranking, basis));
    findings.extend(left_out(medians, &all));
    let figures = best
        .iter()
        .take(MOST)
        .map(|c| (c.place, figures_of(c, tradeoff.measure)));
    Verdict {
        answer: answer(&best, &all, tradeoff.measure),
        figures: figures.collect(),
        findings,
    }
}

/// Which strategies no other dominates.
fn answer(best: &[&Candidate], all: &[Candidate], measure: Measure) -> String {
    let radius = match measure {
        Measure::P99 => "99th-percentile blast radius",
        Measure::Mean => "mean blast radius",
    };
    let axes = format!(
        "median time to full deployment (fault-free changes) and {radius} (faulty changes)"
    );
    match best {
        [] => "No strategy has both figures, a time to full deployment and a blast radius, so none can be \
               recommended: see the table for what there is."
            .to_owned(),
        [only] if all.len() == 1 => {
            format!("Only {} can be judged; there is nothing to compare it with.", quoted(&only.name))
        }
        [only] => format!(
            "{} dominates every other strategy: at least as fast and at least as safe, and better on one of the two, in \
             {axes}.",
            quoted(&only.name)
        ),
        _ => format!(
            "None of these {} strategies is shown to be dominated, that is slower and riskier than another. Choosing among \
             them trades {axes}:",
            best.len()
        ),
    }
}

/// The figures of a strategy that no other dominates.
fn figures_of(c: &Candidate, measure: Measure) -> String {
    let time = told(c.time, Quantity::Duration);
    let median = c
        .median
        .map(|e| format!("{} in the median, ", told(e, Quantity::Share)));
    let radius = told(c.radius, Quantity::Share);
    let which = match measure {
        Measure::P99 => "at the 99th percentile",
        Measure::Mean => "in the mean",
    };
    format!(
        "time to full {time}; a faulty change hits {}{radius} {which}",
        median.unwrap_or_default()
    )
}

/// Strategies that could not be judged.
fn left_out(medians: &[(String, Option<Estimate>)], all: &[Candidate]) -> Option<String> {
    let missing = |(place, (name, _)): (usize, &(String, Option<Estimate>))| {
        let is_judged = all.iter().any(|c| c.place == place);
        (!is_judged).then(|| quoted(name))
    };
    let missing: Vec<String> = medians.iter().enumerate().filter_map(missing).collect();
    (!missing.is_empty() && !all.is_empty()).then(|| {
        format!(
            "Not judged, for want of one of the figures: {}.",
            and(&missing)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ranking::tests::{basis, ranking, sixty};

    fn verdict<N: AsRef<str>>(measure: Measure, strategies: &[(N, f64, f64)]) -> Verdict {
        let ranking = Ranking {
            by_mean: measure == Measure::Mean,
            ..ranking(strategies)
        };
        let known = ranking.strategies.iter().enumerate();
        let strategies = known.map(|(place, s)| Strategy {
            place,
            name: s.name.clone(),
            time: s.time.unwrap(),
            radius: s.radius.unwrap(),
        });
        let strategies: Vec<Strategy> = strategies.collect();
        let medians: Vec<_> = strategies.iter().map(|s| (s.name.clone(), None)).collect();
        let tradeoff = Tradeoff {
            measure,
            strategies,
        };
        judged(&tradeoff, &medians, &basis(), &ranking)
    }

    #[test]
    fn who_dominates_all_is_the_answer() {
        let verdict = verdict(Measure::P99, &[("slow", 20.0, 0.4), ("good", 2.0, 0.1)]);
        assert_eq!(
            verdict.answer,
            "“good” dominates every other strategy: at least as fast and at least as safe, and better on one of the two, in \
             median time to full deployment (fault-free changes) and 99th-percentile blast radius (faulty changes)."
        );
        assert_eq!(verdict.findings, ["“slow” is dominated by “good”."]);
        assert_eq!(verdict.figures.len(), 1);
        assert_eq!(verdict.figures[0].0, 1);
    }

    #[test]
    fn what_is_not_sure_leaves_both() {
        let verdict = verdict(Measure::P99, &[("maybe", 20.0, 0.305), ("good", 2.0, 0.3)]);
        assert!(
            verdict.answer.starts_with("None of these 2 strategies"),
            "{verdict:?}"
        );
        assert_eq!(verdict.figures.len(), 2);
        assert!(
            verdict.findings[0].contains("no difference found"),
            "{verdict:?}"
        );
    }

    #[test]
    fn means_are_judged_where_the_percentile_is_the_same() {
        let verdict = verdict(Measure::Mean, &[("quick", 2.0, 0.3), ("late", 9.0, 0.3)]);
        assert_eq!(
            verdict.findings,
            [
                "The 99th percentile of the blast radius is the same for all strategies, so the mean is judged.",
                "“late” is dominated by “quick”."
            ]
        );
    }

    #[test]
    fn one_or_none_cannot_be_compared() {
        assert_eq!(
            verdict(Measure::P99, &[("it", 2.0, 0.3)]).answer,
            "Only “it” can be judged; there is nothing to compare it with."
        );
        let none = verdict::<&str>(Measure::P99, &[]);
        assert!(
            none.answer.starts_with("No strategy has both figures"),
            "{none:?}"
        );
    }

    #[test]
    fn many_are_cut_short() {
        let verdict = verdict(Measure::P99, &sixty());
        assert_eq!(verdict.figures.len(), MOST);
        assert!(verdict.findings.len() < 20, "{verdict:?}");
    }
}
