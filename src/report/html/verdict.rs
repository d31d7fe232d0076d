//! The verdict in words: only what the figures and their intervals support.

use crate::report::basis::{Basis, grouped};
use crate::report::chart::tradeoff::{Measure, Strategy, Tradeoff};
use crate::report::figure::phrase;
use crate::report::quantity::{Quantity, share_at_most};
use crate::stats::{Estimate, Sample, weighted_chance};
use crate::summary::{Headline, Sampling, Summary};

/// What can be said at a glance, and how sure it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The answer.
    pub answer: String,
    /// The strategies, or figures, that it is about: the place in the list of strategies, and a sentence.
    pub figures: Vec<(usize, String)>,
    /// What else follows, and what does not.
    pub findings: Vec<String>,
}

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

/// Most sentences and pairs of one kind: whoever compares hundreds reads the table.
const MOST: usize = 12;

/// One of the two figures by which strategies are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axis {
    Time,
    Radius,
}

/// How a figure stands to that of another strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Better,
    Same,
    /// Worse as a figure, while the intervals overlap.
    Worse,
    /// Worse, the intervals apart.
    ClearlyWorse,
}

impl Candidate {
    fn of(&self, axis: Axis) -> Estimate {
        match axis {
            Axis::Time => self.time,
            Axis::Radius => self.radius,
        }
    }

    fn standing(&self, other: &Candidate, axis: Axis) -> Standing {
        let (mine, theirs) = (self.of(axis), other.of(axis));
        if mine.value < theirs.value {
            Standing::Better
        } else if mine.value == theirs.value {
            Standing::Same
        } else if mine.low > theirs.high {
            Standing::ClearlyWorse
        } else {
            Standing::Worse
        }
    }

    fn is_dominated_by(&self, other: &Candidate) -> bool {
        let standings = [Axis::Time, Axis::Radius].map(|axis| self.standing(other, axis));
        !standings.contains(&Standing::Better) && standings.iter().any(|s| *s != Standing::Same)
    }

    fn is_clearly_dominated_by(&self, other: &Candidate) -> bool {
        [Axis::Time, Axis::Radius]
            .into_iter()
            .all(|axis| self.standing(other, axis) == Standing::ClearlyWorse)
    }

    fn overlaps(&self, other: &Candidate, axis: Axis) -> bool {
        !is_apart(self.of(axis), other.of(axis))
    }
}

fn is_apart(a: Estimate, b: Estimate) -> bool {
    a.low > b.high || b.low > a.high
}

/// The verdict over all strategies.
pub(super) fn of_comparison(summary: &Summary, basis: &Basis) -> Verdict {
    let tradeoff = Tradeoff::of(summary);
    let medians: Vec<(String, Option<Estimate>)> = summary
        .strategies()
        .map(|s| summary.headline(s))
        .map(|h| (h.name, h.blast_radius_p50))
        .collect();
    judged(&tradeoff, &medians, basis)
}

fn judged(tradeoff: &Tradeoff, medians: &[(String, Option<Estimate>)], basis: &Basis) -> Verdict {
    let candidate = |s: &Strategy| Candidate {
        place: s.place,
        name: s.name.clone(),
        time: s.time,
        radius: s.radius,
        median: medians[s.place].1,
    };
    let mut all: Vec<Candidate> = tradeoff.strategies.iter().map(candidate).collect();
    all.sort_by(|a, b| a.time.value.total_cmp(&b.time.value));
    let radius = match tradeoff.measure {
        Measure::P99 => "99th-percentile blast radius",
        Measure::Mean => "mean blast radius",
    };
    let (best, dominated): (Vec<&Candidate>, Vec<&Candidate>) = all
        .iter()
        .partition(|c| !all.iter().any(|other| c.is_dominated_by(other)));
    let mut findings = Vec::new();
    if tradeoff.measure == Measure::Mean && all.len() > 1 {
        findings.push(
            "The 99th percentile of the blast radius is the same for all strategies, so the mean is judged.".to_owned(),
        );
    }
    if best.len() > 1 {
        findings.extend(not_told_apart(&best, radius, basis));
    }
    let sentences = dominated.iter().map(|c| dominated_by(c, &all, radius));
    findings.extend(sentences.clone().take(MOST));
    if sentences.len() > MOST {
        let more = sentences.len() - MOST;
        findings.push(format!("{more} more are dominated: the table has them."));
    }
    findings.extend(left_out(medians, &all));
    let figures = best
        .iter()
        .take(MOST)
        .map(|c| (c.place, figures_of(c, tradeoff.measure)));
    Verdict {
        answer: answer(&best, &all, radius),
        figures: figures.collect(),
        findings,
    }
}

/// Which strategies no other dominates.
fn answer(best: &[&Candidate], all: &[Candidate], radius: &str) -> String {
    let axes = format!(
        "median time to full deployment (fault-free changes) and {radius} (faulty changes)"
    );
    match best {
        [] => "No strategy has both figures, a time to full deployment and a blast radius, so none can be \
               recommended: see the table for what there is."
            .to_owned(),
        [only] if all.len() == 1 => format!("Only {} can be judged; there is nothing to compare it with.", quoted(&only.name)),
        [only] => {
            let others = || all.iter().filter(|c| c.place != only.place);
            let sure = if others().all(|c| c.is_clearly_dominated_by(only)) {
                "The intervals bear that out: they are apart from all others' on both axes."
            } else {
                "The intervals do not bear all of that out: what is not certain is said below."
            };
            format!(
                "By point figures {} is at least as fast and at least as safe as every other strategy, in {axes}. {sure}",
                quoted(&only.name)
            )
        }
        _ => format!(
            "By point figures no other strategy is both as fast and as safe as one of these {}. Choosing among them \
             trades {axes}:",
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

/// A figure and its interval, where that has any width.
fn told(e: Estimate, quantity: Quantity) -> String {
    if e.low == e.high {
        quantity.text(e.value)
    } else {
        phrase(e, quantity)
    }
}

/// What intervals leave open among those that no other dominates.
fn not_told_apart(best: &[&Candidate], radius: &str, basis: &Basis) -> Vec<String> {
    let mut sentences = Vec::new();
    let pairs: Vec<(&Candidate, &Candidate)> = best
        .iter()
        .enumerate()
        .flat_map(|(i, a)| best[i + 1..].iter().map(move |b| (*a, *b)))
        .collect();
    for (axis, name) in [
        (Axis::Radius, radius),
        (Axis::Time, "time to full deployment"),
    ] {
        let open: Vec<(&Candidate, &Candidate)> = pairs
            .iter()
            .copied()
            .filter(|(a, b)| a.overlaps(b, axis))
            .collect();
        if open.is_empty() {
            continue;
        }
        let which = if open.len() == pairs.len() && best.len() > 2 {
            format!("any two of these {}", best.len())
        } else {
            listed_pairs(&open)
        };
        let buys = match axis {
            Axis::Radius => "What the slower one of them buys in it, this run does not show.",
            Axis::Time => "What the riskier one of them saves in it, this run does not show.",
        };
        let halved = grouped(basis.runs.saturating_mul(4)).replace(',', "_");
        sentences.push(format!(
            "These rollouts do not tell {which} apart on {name}: the intervals overlap. {buys} --runs {halved} would \
             about halve the intervals."
        ));
        if axis == Axis::Radius {
            sentences.extend(medians_apart(&open));
        }
    }
    sentences
}

/// What the median blast radius says of pairs that the judged figure leaves open.
fn medians_apart(open: &[(&Candidate, &Candidate)]) -> Option<String> {
    let mut above: Vec<(&Candidate, Vec<&Candidate>)> = Vec::new();
    for &(a, b) in open {
        let (Some(of_a), Some(of_b)) = (a.median, b.median) else {
            continue;
        };
        if !is_apart(of_a, of_b) {
            continue;
        }
        let (low, high) = if of_a.value < of_b.value {
            (a, b)
        } else {
            (b, a)
        };
        match above
            .iter_mut()
            .find(|(known, _)| known.place == high.place)
        {
            Some((_, lower)) => lower.push(low),
            None => above.push((high, vec![low])),
        }
    }
    let sentences: Vec<String> = above
        .iter()
        .map(|(high, lower)| format!("{} is riskier than {}", quoted(&high.name), listed(lower)))
        .collect();
    let shown = sentences.len().min(MOST);
    (shown > 0).then(|| {
        format!(
            "By the median blast radius there is a difference, intervals apart: {}.",
            sentences[..shown].join("; ")
        )
    })
}

/// By whom a strategy is dominated, and whether intervals say so, too.
fn dominated_by(c: &Candidate, all: &[Candidate], radius: &str) -> String {
    let clearly: Vec<&Candidate> = all
        .iter()
        .filter(|other| c.is_clearly_dominated_by(other))
        .collect();
    if !clearly.is_empty() {
        return format!(
            "{} is slower and riskier than {}: intervals apart on both axes.",
            quoted(&c.name),
            listed(&clearly)
        );
    }
    let axes = |other: &Candidate| [Axis::Time, Axis::Radius].map(|axis| c.standing(other, axis));
    let clear = |other: &&Candidate| {
        let standings = axes(other);
        standings
            .iter()
            .filter(|s| **s == Standing::ClearlyWorse)
            .count()
    };
    let dominating = all.iter().filter(|other| c.is_dominated_by(other));
    // The first of those from which it is told apart best.
    let by = dominating.rev().max_by_key(clear);
    let Some(by) = by else {
        return String::new();
    };
    let [time, reach] = axes(by);
    format!(
        "{} is dominated by {} by point figures: {}; {}.",
        quoted(&c.name),
        quoted(&by.name),
        standing_words(time, "slower", "as fast"),
        standing_words(
            reach,
            &format!("with a larger {radius}"),
            &format!("with the same {radius}")
        )
    )
}

fn standing_words(standing: Standing, worse: &str, same: &str) -> String {
    match standing {
        Standing::ClearlyWorse => format!("{worse}, intervals apart"),
        Standing::Worse => {
            format!("{worse}, but the intervals overlap, so these rollouts do not settle that")
        }
        Standing::Same | Standing::Better => same.to_owned(),
    }
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

/// The verdict on one strategy.
pub(super) fn of_one(headline: &Headline) -> Verdict {
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

/// What no run of this size can tell, in words.
pub(super) fn limits(basis: &Basis) -> Vec<String> {
    let level = basis.level_text();
    let bound = match unseen(basis) {
        Some(e) => format!(
            "What never came up among a strategy's {} faulty rollouts is not thereby excluded: its chance among faulty \
             changes may be up to {} (end of the {level} interval of a count of nothing). Rarer events this run cannot \
             bound.",
            grouped(basis.rollouts(true)),
            share_at_most(e.high)
        ),
        None => "There is no rollout of some kinds of faulty change, so this run can bound no chance among them."
            .to_owned(),
    };
    let mut one_at_a_time = format!(
        "Every interval is at {level} by itself, one at a time. Nothing is corrected for there being many, so of all those \
         on this page some will miss."
    );
    if basis.strategies.len() > 1 {
        one_at_a_time.push_str(
            " Where two are apart, both would have to hold for the order to be right; where two overlap, the strategies \
             may still differ: these rollouts do not say.",
        );
    }
    vec![bound, one_at_a_time]
}

/// The interval of what never came up among faulty changes.
fn unseen(basis: &Basis) -> Option<Estimate> {
    let faulty = basis
        .strata
        .iter()
        .filter(|s| s.is_faulty && s.weight > 0.0);
    let sample = |weight, n| Sample {
        weight,
        n,
        applicable: n,
        hits: 0,
    };
    let samples: Vec<Sample> = match basis.sampling {
        Sampling::Stratified => faulty.map(|s| sample(s.weight, s.rollouts)).collect(),
        Sampling::Plain => vec![sample(1.0, faulty.map(|s| s.rollouts).sum())],
    };
    if samples.iter().all(|s| s.n == 0) {
        return None;
    }
    weighted_chance(&samples, basis.level)
}

fn quoted(name: &str) -> String {
    format!("“{name}”")
}

fn listed(candidates: &[&Candidate]) -> String {
    let names: Vec<String> = candidates.iter().map(|c| quoted(&c.name)).collect();
    and(&names)
}

fn listed_pairs(pairs: &[(&Candidate, &Candidate)]) -> String {
    let pair =
        |(a, b): &(&Candidate, &Candidate)| format!("{} and {}", quoted(&a.name), quoted(&b.name));
    let texts: Vec<String> = pairs.iter().map(pair).collect();
    let shown = texts.len().min(MOST);
    let mut text = texts[..shown].join(", nor ");
    if texts.len() > shown {
        text.push_str(&format!(", nor {} more pairs", texts.len() - shown));
    }
    text
}

/// Things in a row, with "and" before the last; many are cut short.
fn and(texts: &[String]) -> String {
    if texts.len() > MOST {
        return format!(
            "{} and {} more",
            texts[..MOST].join(", "),
            texts.len() - MOST
        );
    }
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::example::{plan, shipped, undetected};

    const HOUR: f64 = 3_600.0;

    fn estimate(value: f64, low: f64, high: f64) -> Estimate {
        Estimate {
            value,
            low,
            high,
            level: 0.95,
            n: 100,
        }
    }

    /// A strategy of a time in hours and a blast radius, each with so much of an interval on either side.
    fn strategy(name: &str, hours: f64, radius: f64, half: f64) -> Strategy {
        let around = |x: f64| estimate(x, x * (1.0 - half), x * (1.0 + half));
        Strategy {
            place: 0,
            name: name.to_owned(),
            time: around(HOUR * hours),
            radius: around(radius),
        }
    }

    fn basis() -> Basis {
        let plan = plan(0.04, &[1.0, 3.0], &["a"]);
        let mut summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
        for i in 0..50 {
            summary.add(0, &shipped(i));
            summary.add(0, &undetected(0, i));
            summary.add(0, &undetected(1, i));
        }
        Basis::new(&plan, &summary, 7, 150)
    }

    fn verdict(measure: Measure, mut strategies: Vec<Strategy>) -> Verdict {
        for (place, strategy) in strategies.iter_mut().enumerate() {
            strategy.place = place;
        }
        let medians: Vec<(String, Option<Estimate>)> = strategies
            .iter()
            .map(|s| {
                (
                    s.name.clone(),
                    Some(estimate(
                        s.radius.value / 10.0,
                        s.radius.value / 11.0,
                        s.radius.value / 9.0,
                    )),
                )
            })
            .collect();
        judged(
            &Tradeoff {
                measure,
                strategies,
            },
            &medians,
            &basis(),
        )
    }

    #[test]
    fn clear_dominance_is_said_to_be() {
        let verdict = verdict(
            Measure::P99,
            vec![
                strategy("slow", 20.0, 0.4, 0.05),
                strategy("good", 2.0, 0.1, 0.05),
            ],
        );
        assert_eq!(
            verdict.answer,
            "By point figures “good” is at least as fast and at least as safe as every other strategy, in median time to \
             full deployment (fault-free changes) and 99th-percentile blast radius (faulty changes). The intervals bear \
             that out: they are apart from all others' on both axes."
        );
        assert_eq!(
            verdict.findings,
            ["“slow” is slower and riskier than “good”: intervals apart on both axes."]
        );
        assert_eq!(verdict.figures.len(), 1);
        assert_eq!(verdict.figures[0].0, 1);
    }

    #[test]
    fn dominance_by_figures_alone_is_said_to_be_no_more() {
        let verdict = verdict(
            Measure::P99,
            vec![
                strategy("good", 2.0, 0.3, 0.2),
                strategy("maybe", 20.0, 0.32, 0.2),
            ],
        );
        assert!(
            verdict
                .answer
                .ends_with("what is not certain is said below."),
            "{verdict:?}"
        );
        assert_eq!(
            verdict.findings,
            [
                "“maybe” is dominated by “good” by point figures: slower, intervals apart; with a larger 99th-percentile \
              blast radius, but the intervals overlap, so these rollouts do not settle that."
            ]
        );
    }

    #[test]
    fn overlap_between_those_that_remain_is_told_with_what_would_help() {
        let mut strategies = vec![
            strategy("slow", 20.0, 0.30, 0.2),
            strategy("fast", 2.0, 0.32, 0.2),
        ];
        let same = verdict(Measure::P99, strategies.clone());
        assert!(same.answer.contains("one of these 2."), "{same:?}");
        assert_eq!(
            same.findings[0],
            "These rollouts do not tell “fast” and “slow” apart on 99th-percentile blast radius: the intervals overlap. \
             What the slower one of them buys in it, this run does not show. --runs 600 would about halve the intervals."
        );
        assert_eq!(same.findings.len(), 1);
        // Apart on both axes there is nothing to add.
        strategies[1] = strategy("fast", 2.0, 0.9, 0.05);
        assert_eq!(verdict(Measure::P99, strategies).findings, [""; 0]);
    }

    #[test]
    fn equal_figures_dominate_nothing() {
        let twins = vec![
            strategy("one", 2.0, 0.3, 0.1),
            strategy("other", 2.0, 0.3, 0.1),
        ];
        let verdict = verdict(Measure::P99, twins);
        assert_eq!(verdict.figures.len(), 2);
        assert!(
            !verdict.findings.iter().any(|f| f.contains("dominated")),
            "{verdict:?}"
        );
        assert!(verdict.findings[0].contains("do not tell “one” and “other” apart on 99th"));
        assert!(verdict.findings[1].contains("apart on time to full deployment"));
    }

    #[test]
    fn equal_on_one_axis_and_worse_on_the_other_is_dominated() {
        let verdict = verdict(
            Measure::Mean,
            vec![
                strategy("quick", 2.0, 0.3, 0.1),
                strategy("late", 9.0, 0.3, 0.1),
            ],
        );
        assert_eq!(
            verdict.findings,
            [
                "The 99th percentile of the blast radius is the same for all strategies, so the mean is judged.",
                "“late” is dominated by “quick” by point figures: slower, intervals apart; with the same mean blast radius."
            ]
        );
    }

    #[test]
    fn what_never_gets_there_is_slower_than_all() {
        let mut never = strategy("never", 1.0, 0.3, 0.05);
        never.time = estimate(f64::INFINITY, f64::INFINITY, f64::INFINITY);
        let verdict = verdict(
            Measure::P99,
            vec![never, strategy("some day", 99.0, 0.1, 0.05)],
        );
        assert_eq!(
            verdict.findings,
            ["“never” is slower and riskier than “some day”: intervals apart on both axes."]
        );
    }

    #[test]
    fn one_or_none_cannot_be_compared() {
        let one = verdict(Measure::P99, vec![strategy("it", 2.0, 0.3, 0.1)]);
        assert_eq!(
            one.answer,
            "Only “it” can be judged; there is nothing to compare it with."
        );
        let none = verdict(Measure::P99, Vec::new());
        assert!(
            none.answer.starts_with("No strategy has both figures"),
            "{none:?}"
        );
    }

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

    #[test]
    fn many_are_cut_short() {
        let many = (0..60).map(|i| {
            strategy(
                &format!("s{i}"),
                2.0 + f64::from(i),
                0.5 - 0.001 * f64::from(i),
                0.2,
            )
        });
        let verdict = verdict(Measure::P99, many.collect());
        assert_eq!(verdict.figures.len(), MOST);
        assert!(
            verdict.findings.iter().all(|f| f.len() < 4_000),
            "{verdict:?}"
        );
    }

    #[test]
    fn the_smallest_chance_is_that_of_a_count_of_nothing() {
        let limits = limits(&basis());
        // Never seen among 50 and 50: less than what one of them alone would exclude, 3.6% among 100.
        assert!(limits[0].contains("100 faulty rollouts"), "{limits:?}");
        let bound = unseen(&basis()).unwrap();
        assert_eq!(bound.value, 0.0);
        assert!(bound.high > 0.036 && bound.high < 0.072, "{bound:?}");
        assert!(
            limits[1].contains("95% by itself, one at a time"),
            "{limits:?}"
        );
    }
}
