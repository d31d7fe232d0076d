//! The verdict on one strategy.

use super::{Verdict, told};
use crate::report::figure::phrase;
use crate::report::quantity::Quantity;
use crate::report::ranking::quoted;
use crate::stats::Estimate;
use crate::summary::Headline;

/// The verdict on one strategy.
pub(in crate::report::html) fn of_one(headline: &Headline) -> Verdict {
    let mut findings = Vec::new();
    let mut say = |estimate: Option<Estimate>, sentence: &dyn Fn(Estimate) -> String| {
        findings.extend(estimate.map(sentence));
    };
    let chance = |e| phrase(e, Quantity::Chance);
    say(headline.time_to_full_p90, &|e| {
        if e.value.is_finite() {
            let time = told(e, Quantity::Duration);
            format!("Time: nine in ten fault-free changes are everywhere within {time}.")
        } else {
            "Time: fewer than nine in ten fault-free changes get everywhere.".to_owned()
        }
    });
    say(headline.blast_radius_p50, &|e| {
        format!(
            "Blast radius: half of the faulty changes hit no more than {} of the fleet's traffic at one time.",
            told(e, Quantity::Share)
        )
    });
    say(headline.blast_radius_p99, &|e| {
        format!(
            "Ninety-nine in a hundred faulty changes hit no more than {}.",
            told(e, Quantity::Share)
        )
    });
    say(headline.never_detected, &|e| {
        format!(
            "Never detected, though active: {} of the faulty changes.",
            chance(e)
        )
    });
    say(headline.stopped_by_chance, &|e| {
        format!(
            "Stopped by chance at least once: {} of all changes.",
            chance(e)
        )
    });
    let answer = match headline.time_to_full_p50 {
        Some(e) if e.value.is_finite() => format!(
            "Under {} half of the fault-free changes are everywhere within {}.",
            quoted(&headline.name),
            told(e, Quantity::Duration)
        ),
        Some(_) => format!(
            "Under {} fewer than half of the fault-free changes get everywhere.",
            quoted(&headline.name)
        ),
        None => format!(
            "Nothing is known of how long {} takes: there was no fault-free rollout.",
            quoted(&headline.name)
        ),
    };
    Verdict {
        answer,
        figures: Vec::new(),
        findings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::example::{plan, shipped, undetected};
    use crate::summary::{Sampling, Summary};

    const HOUR: f64 = 3_600.0;

    #[test]
    fn one_strategy_is_told_in_quantiles() {
        let plan = plan(0.04, &[1.0], &["a"]);
        let mut summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
        for i in 0..100 {
            summary.add(0, &undetected(0, i));
            let time_to_full_s = (i < 70).then_some(HOUR);
            summary.add(
                0,
                &crate::outcome::Outcome {
                    time_to_full_s,
                    ..shipped(i)
                },
            );
        }
        let verdict = of_one(&summary.headline(0));
        assert_eq!(
            verdict.answer,
            "Under “a” half of the fault-free changes are everywhere within 1h."
        );
        assert_eq!(
            verdict.findings[..3],
            [
                "Time: fewer than nine in ten fault-free changes get everywhere.",
                "Blast radius: half of the faulty changes hit no more than 100% of the fleet's traffic at one time.",
                "Ninety-nine in a hundred faulty changes hit no more than 100%.",
            ]
        );
    }
}
